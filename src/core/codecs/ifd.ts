/** Reads the directories of TIFF structures, which are in TIFF files, in EXIF and in MPF. Layout: TIFF 6.0, section 2. */
import { viewOf } from "./bytes.ts";

export interface Directory {
  has(tag: number): boolean;
  /** The numbers of an entry, or its bytes where it has texts or bytes; `undefined` if it points outside. */
  get(tag: number): readonly number[] | Uint8Array | undefined;
  /** The first number of an entry. */
  number(tag: number): number | undefined;
  /** Offset of the next directory, 0 after the last. */
  readonly next: number;
}

/** Bytes of each type's values, by type; 0 for types that are not read. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** Whether the numbers of a TIFF structure are little-endian; `undefined` for bytes that are none. */
export function byteOrderOf(tiff: Uint8Array): boolean | undefined {
  if (tiff.length < 14) return undefined;
  const view = viewOf(tiff);
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return undefined;
  return view.getUint16(2, little) === 42 ? little : undefined;
}

/** Offset of the first directory. */
export function firstDirectory(tiff: Uint8Array, little: boolean): number {
  return viewOf(tiff).getUint32(4, little);
}

/** The directory at an offset; `undefined` if it is not within the bytes. */
export function readDirectory(tiff: Uint8Array, little: boolean, offset: number): Directory | undefined {
  if (offset < 8 || offset + 2 > tiff.length) return undefined;
  const view = viewOf(tiff);
  const end = offset + 2 + 12 * view.getUint16(offset, little);
  if (end > tiff.length) return undefined;
  const entries = new Map<number, number>();
  for (let at = offset + 2; at < end; at += 12) entries.set(view.getUint16(at, little), at);
  const get = (tag: number) => {
    const at = entries.get(tag);
    if (at === undefined) return undefined;
    const type = view.getUint16(at + 2, little);
    const count = view.getUint32(at + 4, little);
    const bytes = (SIZES[type] ?? 0) * count;
    const start = bytes > 4 ? view.getUint32(at + 8, little) : at + 8;
    if (bytes === 0 || start + bytes > tiff.length) return undefined;
    return SIZES[type] === 1
      ? tiff.subarray(start, start + bytes)
      : numbers(view, little, { type, count, start });
  };
  return {
    has: (tag) => entries.has(tag),
    get,
    number: (tag) => get(tag)?.[0],
    next: end + 4 <= tiff.length ? view.getUint32(end, little) : 0,
  };
}

interface Values {
  readonly type: number;
  readonly count: number;
  readonly start: number;
}

function numbers(view: DataView, little: boolean, { type, count, start }: Values): number[] {
  const size = SIZES[type] as number;
  return Array.from({ length: count }, (_, i) => {
    const at = start + size * i;
    if (type === 3 || type === 8) return view.getUint16(at, little);
    if (type === 5 || type === 10) return view.getUint32(at, little) / view.getUint32(at + 4, little);
    return type === 12 ? view.getFloat64(at, little) : view.getUint32(at, little);
  });
}
