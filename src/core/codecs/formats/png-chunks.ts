/**
 * The chunks of a PNG: reads the headers, and checks and removes chunks. Layout: W3C PNG (third edition),
 * section 5.
 */

import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii, concat, viewOf } from "../bytes.ts";
import { readOrientation } from "../exif.ts";
import { corruptPicture } from "../format.ts";
import type { Orientation, PictureInfo } from "../picture-info.ts";

export const PNG = { type: "image/png", name: "PNG", extension: "png" } as const;

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** Chunks that define the colour space, with their lengths; they stay valid for changed pixels. */
const COLOUR_CHUNKS: Readonly<Record<string, number>> = {
  sRGB: 1,
  gAMA: 4,
  cHRM: 32,
  cICP: 4,
  mDCV: 24,
  cLLI: 8,
};

/** Bit depths that each colour type may have. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** The whole chunk with length, type and checksum. */
  readonly whole: Uint8Array;
}

const corrupt = (damage: Damage) => corruptPicture(PNG, damage);

/** The chunks in order; ends without an error where the bytes end. */
export function* chunks(bytes: Uint8Array): Generator<Chunk> {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return;
    const type = ascii(bytes, at + 4, 4);
    yield { type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) };
    if (type === "IEND") return;
    at = end;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 as PNG and zlib define it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++)
    crc = (CRC_TABLE[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** A whole chunk. */
export function makeChunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = viewOf(bytes);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Reads the chunks of a PNG up to its first pixel data. */
export function readPngHeader(bytes: Uint8Array): PictureInfo {
  let header: Uint8Array | undefined;
  let palette: Uint8Array | undefined;
  let transparency = false;
  let orientation: Orientation = 1;
  let pixels = false;
  let profile: Uint8Array | undefined;
  const colour: Uint8Array[] = [];
  for (const { type, data } of chunks(bytes)) {
    if (!header) {
      if (type !== "IHDR" || data.length !== 13) throw corrupt("size-missing");
      header = data;
    } else if (type === "acTL" && data.length === 8 && viewOf(data).getUint32(0) > 1) {
      throw new Problem({ code: "animated", format: "PNG" });
    } else if (type === "PLTE") palette = data;
    else if (type === "tRNS") transparency = true;
    else if (type === "eXIf") orientation = readOrientation(data);
    else if (type === "iCCP") profile = data;
    else if (COLOUR_CHUNKS[type] === data.length) colour.push(makeChunk(type, data));
    else if (type === "IDAT") {
      pixels = true;
      break;
    }
  }
  if (!header) throw corrupt("size-missing");
  const view = viewOf(header);
  const bitDepth = header[8] ?? 0;
  const colourType = header[9] ?? 0;
  const interlace = header[12] ?? 0;
  if (!DEPTHS[colourType]?.includes(bitDepth) || header[10] !== 0 || header[11] !== 0 || interlace > 1)
    throw corrupt("description-wrong");
  if (!pixels) throw corrupt("ends-early");
  if (colourType === 3 && (!palette || palette.length === 0 || palette.length % 3 !== 0))
    throw corrupt("palette-missing");
  const grey = colourType === 3 ? isGreyPalette(palette) : (colourType & 2) === 0;
  const alpha = (colourType & 4) !== 0 || transparency;
  return {
    type: PNG.type,
    width: view.getUint32(0),
    height: view.getUint32(4),
    orientation,
    grey,
    alpha,
    components: grey ? (alpha ? 2 : 1) : alpha ? 4 : 3,
    bitDepth: colourType === 3 ? 8 : bitDepth,
    progressive: interlace === 1,
    ...(colour.length > 0 && { colourChunks: concat(colour) }),
    ...(profile && { profileChunk: profile }),
  };
}

function isGreyPalette(palette: Uint8Array | undefined): boolean {
  if (!palette) return false;
  for (let i = 0; i < palette.length; i += 3)
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  return true;
}

/** The chunks on which the pixels depend. */
const PIXEL_CHUNKS = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);

/**
 * The file with only the chunks on which the pixels depend, since decoders may fail at a broken profile or
 * text.
 * @throws Problem `corrupt` when one of these chunks is damaged or the end is missing
 */
export function barePng(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts = [bytes.subarray(0, 8)];
  let last = "";
  for (const { type, whole } of chunks(bytes)) {
    last = type;
    if (!PIXEL_CHUNKS.has(type)) continue;
    const stored = viewOf(whole).getUint32(whole.length - 4);
    if (crc32(whole.subarray(4, -4)) !== stored) throw corrupt("checksum-wrong");
    parts.push(whole);
  }
  if (last !== "IEND") throw corrupt("end-missing");
  return concat(parts);
}
