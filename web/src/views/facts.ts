/** What is known of where a run ran, in the words and the order of the overview. */

export interface Fact {
  name: string;
  text: string;
  link?: string;
  /** What the copy button copies. */
  copy?: string;
}

const known: [string, string][] = [
  ["host", "Host"], ["user", "User"], ["os", "System"], ["python", "Python"], ["executable", "Executable"], ["program", "Program"], ["directory", "Directory"],
];

export function factsOf(meta: Record<string, unknown>): Fact[] {
  const facts: Fact[] = [];
  const { git, args, cpu, gpu, command, ...rest } = meta;
  facts.push(...gitFacts(git));
  const line = commandLine(command, meta["program"], args);
  if (line) facts.push({ name: "Command", text: line, copy: line });
  for (const [key, name] of known) {
    const value = rest[key];
    delete rest[key];
    if (value != null && value !== "" && key !== "program") facts.push({ name, text: words(value) });
  }
  if (cpu != null) facts.push({ name: "Processor", text: words(cpu) });
  if (gpu != null && words(gpu)) facts.push({ name: "GPU", text: words(gpu) });
  for (const [key, value] of Object.entries(rest)) if (value != null && words(value)) facts.push({ name: title(key), text: words(value) });
  return facts;
}

function gitFacts(git: unknown): Fact[] {
  if (typeof git !== "object" || git === null) return [];
  const { commit, branch, remote, dirty } = git as Record<string, unknown>;
  const facts: Fact[] = [];
  if (typeof commit === "string" && commit) {
    const where = typeof branch === "string" && branch ? ` on ${branch}` : "";
    facts.push({ name: "Commit", text: `${commit.slice(0, 10)}${where}${dirty ? ", with changes" : ""}`, copy: commit });
  }
  if (typeof remote === "string" && remote) {
    const link = webAddress(remote);
    facts.push({ name: "Repository", text: remote, ...(link ? { link } : {}) });
  }
  return facts;
}

/** The page of a remote; only for addresses that a browser opens safely. */
function webAddress(remote: string): string | null {
  const ssh = /^(?:ssh:\/\/)?git@([\w.-]+)[:/]([\w./-]+?)(?:\.git)?$/.exec(remote);
  if (ssh) return `https://${ssh[1]}/${ssh[2]}`;
  return /^https?:\/\/[^@\s]+$/.test(remote) ? remote.replace(/\.git$/, "") : null;
}

function commandLine(command: unknown, program: unknown, args: unknown): string {
  if (command) return Array.isArray(command) ? command.join(" ") : words(command);
  if (typeof program !== "string" || !program) return "";
  return [program, ...(Array.isArray(args) ? args : [])].join(" ");
}

function words(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([key, part]) => `${key} ${words(part)}`).join(", ");
  }
  return String(value);
}

function title(key: string): string {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
