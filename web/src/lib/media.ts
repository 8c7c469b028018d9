/** Images, tables, histograms and the like among logged values. */

export type MediaState = "there" | "waiting" | "lost";

/** What has content of its own in a file of the run. */
export interface Stored {
  path: string;
  /** Empty: the row does not say it, and nobody has looked. */
  sha256: string;
  state: MediaState;
}

export interface ImageFile extends Stored {
  width: number;
  height: number;
  caption: string;
  format: string;
}

/** One of several in a value: W&B's `_type` and fields. */
export type Item = Record<string, unknown>;

/** Where it was logged: the table's rows and the histograms are asked for by that. */
export interface Place {
  key: string;
  step: number;
  item: number;
  segment: string | undefined;
}

const KINDS = new Set([
  "image-file", "images", "images/separated", "histogram", "table-file", "incremental-table-file", "html-file", "html", "audio-file", "audio",
  "video-file", "videos", "object3D-file", "object3D", "plotly-file", "custom-chart",
]);

/** The `_type` of a logged value that is media; empty if it is none. */
export function kindOf(value: unknown): string {
  const kind = isObject(value) ? text(value, "_type") : "";
  return KINDS.has(kind) ? kind : "";
}

/** The images that a logged value holds: one, several, or none when it is something else. */
export function imagesOf(value: unknown): ImageFile[] {
  if (!isObject(value)) return [];
  if (value["_type"] === "image-file") return text(value, "sha256") || text(value, "path") ? [image(value)] : [];
  if (value["_type"] === "images" && Array.isArray(value["items"])) return value["items"].flatMap(imagesOf);
  if (value["_type"] === "images/separated" && Array.isArray(value["filenames"])) return separated(value, value["filenames"]);
  return [];
}

function separated(value: Item, names: readonly unknown[]): ImageFile[] {
  const captions = Array.isArray(value["captions"]) ? value["captions"] : [];
  const sizes = Array.isArray(value["sizes"]) ? value["sizes"] : [];
  return names.filter((path) => typeof path === "string").map((path, place) => {
    const size: unknown = sizes[place];
    const [width, height] = Array.isArray(size) ? size : [value["width"], value["height"]];
    return image({ path, width, height, format: value["format"], caption: captions[place] });
  });
}

function image(value: Item): ImageFile {
  return { ...stored(value), width: number(value, "width"), height: number(value, "height"), caption: text(value, "caption"), format: text(value, "format") };
}

export function stored(value: Item): Stored {
  const state = text(value, "state");
  return { path: text(value, "path"), sha256: text(value, "sha256"), state: state === "waiting" || state === "lost" ? state : "there" };
}

export function number(value: Item, name: string): number {
  const found = value[name];
  return typeof found === "number" ? found : 0;
}

export function text(value: Item, name: string): string {
  const found = value[name];
  return typeof found === "string" ? found : "";
}

export function isObject(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
