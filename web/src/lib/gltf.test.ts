import { expect, test } from "vitest";
import { bytesOf, checkModel } from "./gltf";

const asset = { version: "2.0" };
const encoded = (told: unknown): ArrayBuffer => new TextEncoder().encode(JSON.stringify(told)).buffer;

function glb(told: unknown): ArrayBuffer {
  const json = new Uint8Array(encoded(told));
  const view = new DataView(new ArrayBuffer(20 + json.length));
  [0x46546c67, 2, view.byteLength, json.length, 0x4e4f534a].forEach((word, at) => view.setUint32(4 * at, word, true));
  new Uint8Array(view.buffer).set(json, 20);
  return view.buffer;
}

test("a model of one file is taken", () => {
  for (const pack of [encoded, glb]) {
    expect(() => checkModel(pack({ asset, buffers: [{ byteLength: 1, uri: "data:;base64,AA==" }, { byteLength: 1 }] }))).not.toThrow();
    expect(() => checkModel(pack({ asset, scenes: [{ nodes: [0] }], nodes: [{ children: [1] }, {}] }))).not.toThrow();
  }
});

test.each(["https://example.com/a.bin", "a.bin", "/api/v1/runs", "blob:x", "//example.com", 5, null])("what is elsewhere is not fetched: %s", (uri) => {
  for (const pack of [encoded, glb]) {
    expect(() => checkModel(pack({ asset, buffers: [{ uri }] }))).toThrow("other files");
    expect(() => checkModel(pack({ asset, images: [{ uri }] }))).toThrow("other files");
  }
});

test("damaged models are told", () => {
  expect(() => checkModel(new ArrayBuffer(0))).toThrow("damaged");
  expect(() => checkModel(encoded([]))).toThrow("damaged");
  expect(() => checkModel(encoded({}))).toThrow("no version");
  expect(() => checkModel(glb({ asset }).slice(0, -4))).toThrow("too early");
  expect(() => checkModel(encoded({ asset, nodes: [{ children: [1] }, { children: [0] }], scenes: [{ nodes: [0] }] }))).toThrow("no tree");
  expect(() => checkModel(encoded({ asset, nodes: [{ children: [1] }, {}, { children: [1] }] }))).toThrow("no tree");
});

test("data: addresses hold bytes", () => {
  expect([...new Uint8Array(bytesOf("data:application/octet-stream;base64,AAH/"))]).toEqual([0, 1, 255]);
  expect([...new Uint8Array(bytesOf("data:,a%20"))]).toEqual([97, 32]);
  for (const wrong of ["https://example.com/,", "data:none", "data:;base64,*"]) expect(() => bytesOf(wrong)).toThrow();
});
