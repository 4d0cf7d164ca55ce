/**
 * BMP, which becomes PNG. Read here, since fast-bmp reads no palettes and bmp-ts needs Node. Layout:
 * learn.microsoft.com/windows/win32/gdi/bitmap-storage; what headers leave open is as Chromium has it.
 */
import type { Pixels } from "../../contract/pixels.ts";
import { type Damage, Problem } from "../../contract/problem.ts";
import { ascii, startsWith, viewOf } from "../bytes.ts";
import { densityOf } from "../density.ts";
import { corruptPicture, type Format } from "../format.ts";
import type { PictureInfo } from "../picture-info.ts";

const BMP = { type: "image/bmp", name: "BMP", extension: "bmp" } as const;

export const bmp = {
  ...BMP,
  binaries: [],
  // A run of 255 takes two bytes; without runs a pixel takes at least one bit.
  mostPixelsPerByte: 128,
  // "BM" alone could begin a text; the reserved zeros behind the size could not.
  matches: (bytes) => ascii(bytes, 0, 2) === "BM" && startsWith(bytes.subarray(6), [0, 0, 0, 0]),
  readHeader: (bytes) => read(bytes).info,
  writtenAs: () => "image/png",
  async decode(bytes) {
    const picture = read(bytes);
    return picture.runs ? decodeRuns(bytes, picture) : decodeRows(bytes, picture);
  },
} as const satisfies Format;

interface Picture {
  readonly info: PictureInfo;
  readonly bits: number;
  /** Whether the first row in the file is the top one. */
  readonly topDown: boolean;
  /** Whether it is compressed in runs of equal pixels. */
  readonly runs: boolean;
  /** Offset of the pixels. */
  readonly start: number;
  /** Four bytes a colour: blue, green, red, nothing. Three in the oldest files. */
  readonly palette: Uint8Array;
  readonly paletteStep: number;
  /** Bits of red, green, blue and alpha in a pixel of 16 or 32 bits. */
  readonly masks: readonly number[];
}

const corrupt = (damage: Damage) => corruptPicture(BMP, damage);

const OLDEST_HEADER = 12;
const HEADER = 40;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;

function read(bytes: Uint8Array): Picture {
  if (bytes.length < 26) throw corrupt("description-cut-off");
  const view = viewOf(bytes);
  const start = view.getUint32(10, true);
  const header = view.getUint32(14, true);
  const old = header === OLDEST_HEADER;
  if (!old && header < HEADER) throw corrupt("description-wrong");
  if (14 + header > bytes.length) throw corrupt("description-cut-off");
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const runs = (compression === RLE8 && bits === 8) || (compression === RLE4 && bits === 4);
  const fields = (compression === BITFIELDS || compression === ALPHA_BITFIELDS) && bits >= 16;
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) throw corrupt("description-wrong");
  if (compression !== 0 && !runs && !fields)
    throw new Problem({ code: "unsupported/compression", format: BMP.name });
  const masks = fields ? readMasks(bytes, header, compression) : usualMasks(bits);
  const paletteStart =
    14 + header + (fields && header === HEADER ? (compression === BITFIELDS ? 12 : 16) : 0);
  const paletteStep = old ? 3 : 4;
  const colours = bits > 8 ? 0 : Math.min((old ? 0 : view.getUint32(46, true)) || 2 ** bits, 2 ** bits);
  const palette = bytes.subarray(paletteStart, paletteStart + paletteStep * colours);
  if (palette.length < paletteStep * colours) throw corrupt("palette-missing");
  if (!runs && start + rowBytes(width, bits) * height > bytes.length) throw corrupt("part-missing");
  const grey = bits <= 8 && isGrey(palette, paletteStep);
  const alpha = runs || (masks[3] ?? 0) !== 0;
  const density = old ? undefined : densityOf(view.getInt32(38, true), view.getInt32(42, true), "m");
  return {
    info: {
      type: BMP.type,
      width: Math.max(0, width),
      height,
      orientation: 1,
      grey,
      alpha,
      components: grey ? (alpha ? 2 : 1) : alpha ? 4 : 3,
      bitDepth: 8,
      ...(density && { density }),
    },
    bits,
    topDown: signedHeight < 0,
    runs,
    start,
    palette,
    paletteStep,
    masks,
  };
}

/** Rows end at a multiple of four bytes. */
function rowBytes(width: number, bits: number): number {
  return 4 * Math.ceil((width * bits) / 32);
}

function isGrey(palette: Uint8Array, step: number): boolean {
  for (let i = 0; i < palette.length; i += step)
    if (palette[i] !== palette[i + 1] || palette[i] !== palette[i + 2]) return false;
  return true;
}

/** Without masks, the fourth byte of 32 bits means nothing. */
function usualMasks(bits: number): readonly number[] {
  return bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0];
}

function readMasks(bytes: Uint8Array, header: number, compression: number): readonly number[] {
  const hasAlpha = header > HEADER + 12 || compression === ALPHA_BITFIELDS;
  if (bytes.length < 14 + HEADER + (hasAlpha ? 16 : 12)) throw corrupt("description-cut-off");
  const view = viewOf(bytes);
  return [0, 1, 2, 3].map((i) => (i < 3 || hasAlpha ? view.getUint32(54 + 4 * i, true) : 0));
}

/** Takes the bits of a mask out of a pixel, as a value from 0 to 255. */
function sampleOf(mask: number): (pixel: number) => number {
  if (mask === 0) return () => 255;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (pixel) => Math.round((255 * ((pixel & mask) >>> shift)) / most);
}

function decodeRows(bytes: Uint8Array, picture: Picture): Pixels {
  const { bits, topDown, start, palette, paletteStep, masks } = picture;
  const { width, height } = picture.info;
  const view = viewOf(bytes);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  const [red, green, blue, alpha] = masks.map(sampleOf);
  for (let y = 0; y < height; y++) {
    const row = start + y * rowBytes(width, bits);
    let to = 4 * (topDown ? y : height - 1 - y) * width;
    for (let x = 0; x < width; x++, to += 4) {
      if (bits === 16 || bits === 32) {
        const pixel = bits === 16 ? view.getUint16(row + 2 * x, true) : view.getUint32(row + 4 * x, true);
        data[to] = red?.(pixel) ?? 0;
        data[to + 1] = green?.(pixel) ?? 0;
        data[to + 2] = blue?.(pixel) ?? 0;
        data[to + 3] = alpha?.(pixel) ?? 255;
      } else if (bits === 24) putColour(data, to, bytes, row + 3 * x);
      else {
        const place = x * bits;
        const index = ((bytes[row + (place >> 3)] as number) >> (8 - bits - (place & 7))) & (2 ** bits - 1);
        putColour(data, to, palette, paletteStep * index);
      }
    }
  }
  return { width, height, data };
}

/** Copies blue, green and red; black where a palette has no such colour. */
function putColour(data: Uint8ClampedArray, to: number, from: Uint8Array, at: number): void {
  data[to] = from[at + 2] ?? 0;
  data[to + 1] = from[at + 1] ?? 0;
  data[to + 2] = from[at] ?? 0;
  data[to + 3] = 255;
}

/** Runs of equal pixels. Pixels that are skipped stay transparent. */
function decodeRuns(bytes: Uint8Array, picture: Picture): Pixels {
  const { bits, topDown, palette, paletteStep } = picture;
  const { width, height } = picture.info;
  const data = new Uint8ClampedArray(4 * width * height);
  let at = picture.start;
  let [x, y] = [0, 0];
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined) throw corrupt("end-missing");
    return byte;
  };
  /** @param pair two indices of 4 bits each, or one of 8 */
  const put = (pair: number, i: number) => {
    const index = bits === 8 ? pair : (pair >> (i % 2 === 0 ? 4 : 0)) & 15;
    if (x < width && y < height)
      putColour(data, 4 * ((topDown ? y : height - 1 - y) * width + x), palette, paletteStep * index);
    x++;
  };
  while (y < height) {
    const [count, value] = [next(), next()];
    if (count > 0) for (let i = 0; i < count; i++) put(value, i);
    else if (value === 1) break;
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 2) [x, y] = [x + next(), y + next()];
    else {
      const from = at;
      for (let i = 0, pair = 0; i < value; i++) {
        if (bits === 8 || i % 2 === 0) pair = next();
        put(pair, i);
      }
      // Such a stretch ends at an even distance from its beginning.
      at += (at - from) % 2;
    }
  }
  return { width, height, data };
}
