/** What is known of where a run ran, in the words and the order of the overview. */

import { formatBytes, plural } from "./format";

export interface Fact {
  name: string;
  text: string;
  link?: string;
  /** What the copy button copies. */
  copy?: string;
}

const known: [string, string][] = [
  ["host", "Host"], ["node", "Node"], ["user", "User"], ["os", "System"], ["python", "Python"], ["executable", "Interpreter"], ["cwd", "Folder"],
];

export function factsOf(meta: Record<string, unknown>): Fact[] {
  const facts: Fact[] = [];
  const { git, command, program, args, cpu, cpu_count: cores, memory, gpus, playhead, ...rest } = meta;
  facts.push(...gitFacts(git));
  const line = commandLine(command, program, args);
  if (line) facts.push({ name: "Command", text: line, copy: line });
  if (rest["node"] === rest["host"]) delete rest["node"];
  const add = (name: string, text: string): void => {
    if (text) facts.push({ name, text });
  };
  for (const [key, name] of known) {
    add(name, words(rest[key]));
    delete rest[key];
  }
  add("Processor", [words(cpu), cores ? plural(Number(cores), "core") : ""].filter(Boolean).join(", "));
  add("Memory", typeof memory === "number" ? formatBytes(memory) : words(memory));
  add("GPU", counted(gpus));
  add("Playhead", words(playhead));
  for (const [key, value] of Object.entries(rest)) add(title(key), words(value));
  return facts;
}

/** `2 × H100` for two of the same. */
function counted(gpus: unknown): string {
  if (!Array.isArray(gpus)) return words(gpus);
  const counts = new Map<string, number>();
  for (const gpu of gpus.map(words)) counts.set(gpu, (counts.get(gpu) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(", ");
}

/** What is known of the code: commit, branch, where it comes from, how it was started. */
export function codeFacts(meta: Record<string, unknown>): Fact[] {
  const { git, command, program, args, cwd } = meta;
  const { commit, branch, remote, dirty } = (typeof git === "object" && git !== null ? git : {}) as Record<string, unknown>;
  const facts: Fact[] = [];
  const add = (name: string, value: unknown, more: Partial<Fact> = {}): void => {
    if (typeof value === "string" && value) facts.push({ name, text: value, ...more });
  };
  const link = typeof remote === "string" ? webAddress(remote) : null;
  const page = link && typeof commit === "string" && /^[0-9a-f]{40,64}$/.test(commit) ? commitPage(link, commit) : null;
  add("Commit", commit, { copy: words(commit), ...(page ? { link: page } : {}) });
  add("Branch", branch, { copy: words(branch) });
  add("Repository", remote, { copy: words(remote), ...(link ? { link } : {}) });
  const line = commandLine(command, program, args);
  add("Command", line, { copy: line });
  add("Folder", cwd);
  if (commit) add("Changes", dirty ? "not all was committed" : "none: the commit is what ran");
  return facts;
}

/** Where the well-known hosts show a commit. */
function commitPage(repository: string, commit: string): string | null {
  const { host } = new URL(repository);
  if (host === "github.com" || host === "codeberg.org") return `${repository}/commit/${commit}`;
  if (host === "bitbucket.org") return `${repository}/commits/${commit}`;
  return host.startsWith("gitlab.") ? `${repository}/-/commit/${commit}` : null;
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
  if (value === null || value === undefined) return "";
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
