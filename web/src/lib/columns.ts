/**
 * The binary form of columns that the server answers charts with (see src/playhead/wire/columns.py):
 * u32 header length, JSON header, then 8-byte aligned little-endian buffers. Columns become views of the
 * body, so nothing is copied or looped over. Integers of 64 bits become doubles: exact up to 2^53.
 */

export type Column = Float64Array | Int32Array | Uint8Array;

export interface Columns {
  meta: Record<string, unknown>;
  columns: Record<string, Column>;
}

interface Described {
  name: string;
  type: string;
  offset: number;
  length: number;
}

export class ColumnsError extends Error {
  override name = "ColumnsError";
}

export function decodeColumns(body: ArrayBuffer): Columns {
  if (body.byteLength < 4) throw new ColumnsError("The answer is too short to hold columns.");
  const length = new DataView(body).getUint32(0, true);
  const start = 4 + length;
  if (start > body.byteLength) throw new ColumnsError("The answer ends inside its header.");
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, length))) as {
    meta: Record<string, unknown>;
    columns: Described[];
  };
  const columns: Record<string, Column> = {};
  for (const described of header.columns) columns[described.name] = view(body, start, described);
  return { meta: header.meta, columns };
}

function view(body: ArrayBuffer, start: number, { name, type, offset, length }: Described): Column {
  const begin = start + offset;
  const size = { f8: 8, i8: 8, i4: 4, u1: 1 }[type];
  if (size === undefined) throw new ColumnsError(`Column ${name} has the unknown type ${type}.`);
  if (begin + length * size > body.byteLength) throw new ColumnsError(`Column ${name} is cut off.`);
  // A view must start on a multiple of its item's size; the format promises it, a copy covers the rest.
  const aligned = begin % size === 0;
  const buffer = aligned ? body : body.slice(begin, begin + length * size);
  const at = aligned ? begin : 0;
  if (type === "f8") return new Float64Array(buffer, at, length);
  if (type === "i4") return new Int32Array(buffer, at, length);
  if (type === "u1") return new Uint8Array(buffer, at, length);
  return Float64Array.from(new BigInt64Array(buffer, at, length), Number);
}
