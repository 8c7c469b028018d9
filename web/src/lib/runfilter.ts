/** Whether what somebody looks for is a filter of the server's language (`config.lr < 0.01`), or words to find. */

const OPERATOR = /[<>=~]|\s(?:in\s*\[|contains\s+\S|exists\b)/;

export function isFilter(text: string): boolean {
  return OPERATOR.test(text);
}

const TEXTS = ["display_name", "name", "state", "group", "tags"];
/** The server takes so many words of a search. */
const MOST_WORDS = 30;

/** Words to find, as a filter in the server's other form: each is in the name, id, state, group or a tag, in any case. Empty without a word. */
export function filterOfWords(text: string): string {
  const words = text.split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
  const found = (word: string): object => ({ $regex: word.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`), $options: "i" });
  return words.length ? JSON.stringify({ $and: words.map((word) => ({ $or: TEXTS.map((field) => ({ [field]: found(word) })) })) }) : "";
}

const ORDERS: Record<string, string> = { created: "created_at", duration: "runtime" };

/** An order of the list, as the server calls it; null if the server has none such. */
export function orderOf(sort: string): string | null {
  const [, down = "", field = ""] = /^(-?)(.*)$/.exec(sort) ?? [];
  return field === "tags" || field === "notes" ? null : down + (ORDERS[field] ?? field);
}

/** What is said where nothing was found. */
export function noneFound(text: string): string {
  return isFilter(text) ? "No run meets this filter." : `No run has “${text}” in its name, id, state, group or tags.`;
}
