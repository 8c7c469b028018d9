/** How a file's content is shown. Nothing of it is ever run: text is text, SVG and HTML too. */

import { nameOf } from "./filetree";

export type Look = "image" | "json" | "table" | "text" | "none";

const images = /\.(png|jpe?g|gif|webp|bmp|avif)$/i;
/** Known to be no text, so that nothing of it need be fetched. */
const opaque =
  /\.(pt|pth|ckpt|h5|hdf5|keras|onnx|pb|tflite|safetensors|bin|gguf|npy|npz|pkl|pickle|joblib|parquet|arrow|feather|zip|gz|tgz|bz2|xz|zst|tar|7z|whl|so|dll|exe|pyc|pdf|mp[34]|wav|ogg|flac|webm|avi|mov|ico|tiff?|bundle|sqlite3?|db)$/i;

export function lookOf(path: string): Look {
  const name = nameOf(path);
  if (images.test(name)) return "image";
  if (/\.(json|ipynb)$/i.test(name)) return "json";
  if (/\.[ct]sv$/i.test(name)) return "table";
  return opaque.test(name) ? "none" : "text";
}

const SNIFFED = 8_192;

/** Whether it is no text: a zero byte, or more than a few control characters. */
export function isBinary(bytes: Uint8Array): boolean {
  let odd = 0;
  const seen = bytes.subarray(0, SNIFFED);
  for (const byte of seen) {
    if (byte === 0) return true;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12 && byte !== 27) odd += 1;
  }
  return odd > seen.length / 50;
}

/** The text of the beginning of a file: a character that was cut in half at its end is left out. */
export function decodeText(bytes: Uint8Array, complete: boolean): string {
  return new TextDecoder().decode(bytes, { stream: !complete });
}

const LONGEST = 5_000;

/** Its lines; a carriage return before the end of one does not count, and a newline at the end makes none. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines;
}

/** A line as it is drawn: browsers do not like lines of a megabyte. */
export function shownLine(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}… (${(line.length - LONGEST).toLocaleString("en")} more characters)` : line;
}
