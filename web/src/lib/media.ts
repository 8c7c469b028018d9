/** Images among logged values. */

export interface ImageFile {
  sha256: string;
  width: number;
  height: number;
  caption: string;
  format: string;
}

type Value = Record<string, unknown>;

/** The images that a logged value holds: one, several, or none when it is something else. */
export function imagesOf(value: unknown): ImageFile[] {
  if (!isObject(value)) return [];
  if (value["_type"] === "image-file") return typeof value["sha256"] === "string" ? [image(value)] : [];
  if (value["_type"] === "images" && Array.isArray(value["items"])) return value["items"].flatMap(imagesOf);
  return [];
}

function image(value: Value): ImageFile {
  const number = (name: string): number => (typeof value[name] === "number" ? value[name] : 0);
  const text = (name: string): string => (typeof value[name] === "string" ? value[name] : "");
  return { sha256: text("sha256"), width: number("width"), height: number("height"), caption: text("caption"), format: text("format") };
}

function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
