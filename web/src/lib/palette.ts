/**
 * Run colours: twelve that people with any colour vision tell apart (after Okabe & Ito and Tol), one list for light
 * and one for dark pages, index by index the same hue. A run prefers the colour that its id hashes to; runs of one
 * project keep out of each other's way while there are enough colours.
 */

const light = [
  "#1f6fb5", "#d1590b", "#0b8f6a", "#b0508a", "#c58a00", "#5a4fc0", "#2f9fc9", "#d4514f",
  "#76821b", "#8f2750", "#6f4e37", "#5b6675",
] as const;

const dark = [
  "#5aa7e8", "#f08a45", "#35c297", "#e08abb", "#e5b53b", "#9d92f0", "#6fd0f2", "#f5827c",
  "#b4c043", "#d9668f", "#bd9878", "#9fabbb",
] as const;

/** The first so many are the clearest; the rest is for crowds. */
const CLEAR = 8;

export const COLOURS = light.length;

export function colourOf(index: number, theme: "light" | "dark"): string {
  return (theme === "dark" ? dark : light)[index % COLOURS] as string;
}

/** Red, green and blue of a class of an image's pixels or boxes, which lie over it whatever the theme. */
export function classColour(id: number): [number, number, number] {
  const told = Number.parseInt((dark[Math.abs(Math.trunc(id)) % COLOURS] as string).slice(1), 16);
  return [told >> 16, (told >> 8) & 255, told & 255];
}

/** FNV-1a with a final mix, so that ids that differ in their last letter land far apart. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

export function preferredColour(id: string): number {
  return hash(id) % CLEAR;
}

/**
 * Colours for `ids` (oldest first), keeping those in `known`. A new run takes its preferred colour, or the next one that
 * none of the runs just before it has.
 */
export function assignColours(ids: readonly string[], known: ReadonlyMap<string, number>): Map<string, number> {
  const assigned = new Map(known);
  ids.forEach((id, place) => {
    if (assigned.has(id)) return;
    const near = [...ids.slice(Math.max(0, place - COLOURS + 1), place), ...ids.slice(place + 1, place + COLOURS)];
    const taken = new Set(near.map((other) => assigned.get(other)));
    assigned.set(id, candidates(preferredColour(id)).find((colour) => !taken.has(colour)) ?? preferredColour(id));
  });
  return assigned;
}

/** All colours, in the order in which a run that prefers `first` takes them: the clear ones before the rest. */
function candidates(first: number): number[] {
  const clear = Array.from({ length: CLEAR }, (_, step) => (first + step * 3) % CLEAR); // 3 and 8 share no factor
  const rest = Array.from({ length: COLOURS - CLEAR }, (_, step) => CLEAR + ((first + step) % (COLOURS - CLEAR)));
  return [...clear, ...rest];
}
