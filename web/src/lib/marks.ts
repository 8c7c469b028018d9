/** What marks of the timeline say. */

export interface MarkLike {
  kind: string;
  step: number;
  text: string;
}

const names: Record<string, string> = { exit: "end" };

export function markText({ kind, text }: MarkLike): string {
  return `${names[kind] ?? kind} ${text}`;
}

/** A line a mark, at most `most` of them. */
export function marksText(marks: readonly MarkLike[], most = 8): string {
  const lines = marks.slice(0, most).map((mark) => `step ${mark.step.toLocaleString("en")}: ${markText(mark)}`);
  if (marks.length > most) lines.push(`and ${marks.length - most} more`);
  return lines.join("\n");
}
