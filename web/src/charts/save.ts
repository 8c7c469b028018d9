/** A chart as a picture or a table, saved by the browser. */

import { chartCsv } from "../lib/chartcsv";
import { metricOf } from "../lib/buckets";
import type { Picture } from "./picture";

/** Runs that are named under a saved picture. */
const MAX_NAMES = 40;

export function saveCsv(title: string, { lines, names, axis }: Picture): void {
  download(`${fileName(title)}.csv`, new Blob([chartCsv(lines, metricOf(axis) ?? axis, names)], { type: "text/csv" }));
}

/** The canvas with the title above and the names below, on the page's own background. */
export async function savePng(title: string, picture: Picture, drawn: HTMLCanvasElement): Promise<void> {
  const style = getComputedStyle(drawn);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const scale = devicePixelRatio;
  const [pad, row] = [16 * scale, 20 * scale];
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) return;
  const font = `${12 * scale}px ${style.fontFamily}`;
  context.font = font;
  const shown = picture.lines.lines.slice(0, MAX_NAMES);
  const left = picture.lines.lines.length - shown.length;
  const rows = wrap(shown.map(({ run }) => context.measureText(picture.names[run] ?? "").width + 34 * scale), drawn.width);
  canvas.width = drawn.width + 2 * pad;
  canvas.height = drawn.height + 3 * pad + row * ((rows.at(-1)?.row ?? -1) + 2 + (left ? 1 : 0));
  context.fillStyle = colour("--surface");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "middle";
  context.fillStyle = colour("--text");
  context.font = `600 ${13 * scale}px ${style.fontFamily}`;
  context.fillText(title, pad, pad + row / 2);
  context.drawImage(drawn, pad, pad + row * 1.5);
  context.font = font;
  const top = drawn.height + 2 * pad + row * 1.5;
  shown.forEach(({ run }, index) => {
    const at = rows[index] as Slot;
    const [x, y] = [pad + at.x, top + at.row * row];
    context.fillStyle = picture.colours[run] ?? "#888888";
    context.beginPath();
    context.arc(x + 5 * scale, y, 4 * scale, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = colour("--text-2");
    context.fillText(picture.names[run] ?? "", x + 14 * scale, y);
  });
  if (left) context.fillText(`and ${left} more`, pad, top + ((rows.at(-1)?.row ?? 0) + 1) * row);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (blob) download(`${fileName(title)}.png`, blob);
}

interface Slot {
  x: number;
  row: number;
}

/** Places of things of these widths, row after row. */
function wrap(widths: readonly number[], width: number): Slot[] {
  let [x, row] = [0, 0];
  return widths.map((own) => {
    if (x > 0 && x + own > width) [x, row] = [0, row + 1];
    const slot = { x, row };
    x += own;
    return slot;
  });
}

function fileName(title: string): string {
  return title.replaceAll(/[^\w.-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "chart";
}

export function download(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
