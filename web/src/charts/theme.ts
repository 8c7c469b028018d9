/** What the canvas takes from the page's style sheet. */

export interface Ink {
  axis: string;
  grid: string;
  font: string;
}

export function readInk(element: Element): Ink {
  const style = getComputedStyle(element);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return { axis: value("--text-3"), grid: value("--grid"), font: `11px ${style.fontFamily}` };
}

/** A #rrggbb colour with an opacity. */
export function faded(colour: string, opacity: number): string {
  const level = Math.round(opacity * 255).toString(16).padStart(2, "0");
  return `${colour}${level}`;
}
