/** Whether what somebody looks for is a filter of the server's language (`config.lr < 0.01`), or words to find. */

const OPERATOR = /[<>=~]|\s(?:in\s*\[|contains\s+\S|exists\b)/;

export function isFilter(text: string): boolean {
  return OPERATOR.test(text);
}

/** What is said where nothing was found. */
export function noneFound(text: string): string {
  return isFilter(text) ? "No run meets this filter." : `No run has “${text}” in its name, id, state, group or tags.`;
}
