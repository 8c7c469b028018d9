/** Boxes over an image, as W&B writes them: in parts of the image, or in pixels. */

import { isObject, number, text } from "./media";

/** In parts of the image, from 0 to 1. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  id: number;
  label: string;
}

const MAX_BOXES = 1_000;

export function labelsOf(told: unknown): Record<string, string> {
  return isObject(told) ? Object.fromEntries(Object.entries(told).map(([id, name]) => [id, String(name)])) : {};
}

/** What can be drawn of a file of boxes, for an image of that size. */
export function boxesOf(told: unknown, width: number, height: number): Box[] {
  if (!isObject(told) || !Array.isArray(told["box_data"])) return [];
  const labels = labelsOf(told["class_labels"]);
  return told["box_data"].slice(0, MAX_BOXES).flatMap((box: unknown) => {
    if (!isObject(box) || !isObject(box["position"])) return [];
    const [across, down] = box["domain"] === "pixel" ? [width || 1, height || 1] : [1, 1];
    const { x, y, ...size } = place(box["position"]);
    const id = number(box, "class_id");
    const label = [text(box, "box_caption") || labels[id] || `class ${id}`, ...scores(box["scores"])].join(" ");
    return [{ x: x / across, y: y / down, width: size.width / across, height: size.height / down, id, label }];
  });
}

function place(position: Record<string, unknown>): { x: number; y: number; width: number; height: number } {
  const middle = position["middle"];
  if (Array.isArray(middle)) {
    const [width, height] = [number(position, "width"), number(position, "height")];
    return { x: Number(middle[0]) - width / 2, y: Number(middle[1]) - height / 2, width, height };
  }
  const [x, y] = [number(position, "minX"), number(position, "minY")];
  return { x, y, width: number(position, "maxX") - x, height: number(position, "maxY") - y };
}

function scores(told: unknown): string[] {
  return isObject(told) ? Object.entries(told).map(([name, score]) => `${name} ${String(score)}`) : [];
}
