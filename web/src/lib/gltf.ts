/** Models in glTF: what a file says of itself, looked at before anything is drawn of it. */

import { isObject, text } from "./media";

const GLB = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;

/** Error if the content of a `.glb` or `.gltf` file is damaged, or if it names other files: nothing may be fetched for it. */
export function checkModel(content: ArrayBuffer): void {
  const model = parse(content);
  if (!isObject(model["asset"])) throw new Error("This is no glTF: it names no version.");
  for (const part of [...objects(model["buffers"]), ...objects(model["images"])]) {
    if (part["uri"] !== undefined && !text(part, "uri").startsWith("data:")) {
      throw new Error("This model has parts in other files, which are not fetched. A GLB file has all in one.");
    }
  }
  const children = objects(model["nodes"]).flatMap((node) => list(node["children"]));
  const roots = objects(model["scenes"]).flatMap((scene) => list(scene["nodes"]));
  const below = new Set(children);
  if (below.size < children.length || roots.some((root) => below.has(root))) throw new Error("This model's nodes are no tree.");
}

function parse(content: ArrayBuffer): Record<string, unknown> {
  const view = new DataView(content);
  let bytes = new Uint8Array(content);
  if (content.byteLength >= 20 && view.getUint32(0, true) === GLB) {
    const size = view.getUint32(12, true);
    if (view.getUint32(16, true) !== JSON_CHUNK || 20 + size > content.byteLength) throw new Error("This GLB file is damaged: it ends too early.");
    bytes = bytes.subarray(20, 20 + size);
  }
  try {
    const told: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isObject(told)) return told;
  } catch {
    // as below
  }
  throw new Error("This model is damaged: it is neither glTF nor GLB.");
}

/** The bytes in a `data:` address. Error if there are none. */
export function bytesOf(address: string): ArrayBuffer {
  const comma = address.indexOf(",");
  const head = address.slice(0, comma);
  if (comma < 0 || !/^data:/i.test(head)) throw new Error("This is no data: address.");
  const body = decodeURIComponent(address.slice(comma + 1));
  return Uint8Array.from(/;base64$/i.test(head) ? atob(body) : body, (letter) => letter.charCodeAt(0)).buffer;
}

function objects(told: unknown): Record<string, unknown>[] {
  return list(told).filter(isObject);
}

function list(told: unknown): unknown[] {
  return Array.isArray(told) ? told : [];
}
