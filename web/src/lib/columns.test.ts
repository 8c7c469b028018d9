import { expect, test } from "vitest";
import { ColumnsError, decodeColumns } from "./columns";

/** As src/playhead/wire/columns.py encodes, down to the padding. */
function encode(columns: Record<string, { type: string; data: ArrayBuffer }>, meta: object): ArrayBuffer {
  let offset = 0;
  const described = Object.entries(columns).map(([name, { type, data }]) => {
    const at = offset;
    offset += Math.ceil(data.byteLength / 8) * 8;
    return { name, type, offset: at, length: data.byteLength / { f8: 8, i8: 8, i4: 4, u1: 1 }[type as "f8"] };
  });
  let header = JSON.stringify({ meta, columns: described });
  header += " ".repeat((8 - ((header.length + 4) % 8)) % 8);
  const body = new Uint8Array(4 + header.length + offset);
  new DataView(body.buffer).setUint32(0, header.length, true);
  body.set(new TextEncoder().encode(header), 4);
  described.forEach(({ name, offset: at }) => body.set(new Uint8Array(columns[name]!.data), 4 + header.length + at));
  return body.buffer;
}

const buffer = (array: Float64Array | BigInt64Array | Int32Array | Uint8Array): ArrayBuffer => array.slice().buffer as ArrayBuffer;

test("columns of every type come back, with the meta", () => {
  const body = encode(
    {
      mean: { type: "f8", data: buffer(new Float64Array([1.5, Number.NaN, -Infinity])) },
      run: { type: "i4", data: buffer(new Int32Array([0, 1, 2])) },
      flag: { type: "u1", data: buffer(new Uint8Array([1, 0, 1])) },
      count: { type: "i8", data: buffer(new BigInt64Array([1n, -2n, 2n ** 53n])) },
    },
    { lo: 7, width: 2 },
  );
  const { columns, meta } = decodeColumns(body);
  expect(meta).toEqual({ lo: 7, width: 2 });
  expect([...columns["mean"]!]).toEqual([1.5, Number.NaN, -Infinity]);
  expect([...columns["run"]!]).toEqual([0, 1, 2]);
  expect([...columns["flag"]!]).toEqual([1, 0, 1]);
  expect([...columns["count"]!]).toEqual([1, -2, 2 ** 53]);
});

test("columns are views of the body, not copies", () => {
  const body = encode({ mean: { type: "f8", data: buffer(new Float64Array([1, 2])) } }, {});
  expect(decodeColumns(body).columns["mean"]!.buffer).toBe(body);
});

test("an empty column is empty", () => {
  const body = encode({ mean: { type: "f8", data: new ArrayBuffer(0) } }, {});
  expect(decodeColumns(body).columns["mean"]).toHaveLength(0);
});

test("what is no columns is refused with a reason", () => {
  expect(() => decodeColumns(new ArrayBuffer(2))).toThrow(ColumnsError);
  const long = new ArrayBuffer(8);
  new DataView(long).setUint32(0, 1000, true);
  expect(() => decodeColumns(long)).toThrow("ends inside its header");
  const cut = encode({ mean: { type: "f8", data: buffer(new Float64Array([1, 2])) } }, {});
  expect(() => decodeColumns(cut.slice(0, cut.byteLength - 8))).toThrow("mean is cut off");
});

test("what the server's own encoder wrote is read", () => {
  const text =
    "xAAAAHsibWV0YSI6eyJsbyI6LTMsIndpZHRoIjoyfSwiY29sdW1ucyI6W3sibmFtZSI6InJ1biIsInR5cGUiOiJpNCIsIm9mZnNldCI6MCwibGVuZ3RoIjozfSx7Im5hbWUiOiJjb3VudCIsInR5cGUiOiJpOCIsIm9mZnNldCI6MTYsImxlbmd0aCI6M30seyJuYW1lIjoibWVhbiIsInR5cGUiOiJmOCIsIm9mZnNldCI6NDAsImxlbmd0aCI6M31dfSAgICAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAAACAAAAAAAAAAMAAAAAAAAAAAAAAAAA4D8AAAAAAAD4fwAAAAAAAPC/";
  const { columns, meta } = decodeColumns(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  expect(meta).toEqual({ lo: -3, width: 2 });
  expect([...columns["run"]!]).toEqual([0, 0, 1]);
  expect([...columns["count"]!]).toEqual([1, 2, 3]);
  expect([...columns["mean"]!]).toEqual([0.5, Number.NaN, -1]);
});
