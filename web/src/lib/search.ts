/** Whether every word of the search is part of one of the texts, in any case. */
export function matches(search: string, texts: readonly (string | null)[]): boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const hay = texts.filter((text) => text !== null).map((text) => text.toLowerCase());
  return words.every((word) => hay.some((text) => text.includes(word)));
}

/** Where `needle` occurs in `text`, in any case: [from, to) pairs that do not overlap. */
export function occurrences(text: string, needle: string): [number, number][] {
  const found: [number, number][] = [];
  const [hay, word] = [text.toLowerCase(), needle.toLowerCase()];
  if (!word) return found;
  for (let at = hay.indexOf(word); at !== -1; at = hay.indexOf(word, at + word.length)) found.push([at, at + word.length]);
  return found;
}
