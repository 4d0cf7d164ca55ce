/** Makes pictures for tests: pixels, and files with every layout that occurs. */

import { crc32, deflateSync } from "node:zlib";
import jpegFactory from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import { defaultOptions as jpegDefaults } from "@jsquash/jpeg/meta.js";
import webpFactory from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import { defaultOptions as webpDefaults } from "@jsquash/webp/meta.js";
import { importFromNodeModules, loadFromNodeModules } from "../../../../src/cli/codec-binaries.ts";
import { concat } from "../../../../src/core/codecs/bytes.ts";
import { setScriptLoader, setWasmLoader } from "../../../../src/core/codecs/index.ts";
import { type EmscriptenFactory, instantiate } from "../../../../src/core/codecs/wasm.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";

setWasmLoader(loadFromNodeModules);
setScriptLoader(importFromNodeModules);

export type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers in [0, 1) that are the same in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const text = (value: string): Bytes => Uint8Array.from(value, (letter) => letter.charCodeAt(0));

const uint32 = (value: number): Bytes => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/** A scene with slopes, edges and grain; every pixel differs, so that a test notices any wrong orientation. */
export function scene(
  width: number,
  height: number,
  options: { grey?: boolean; alpha?: boolean } = {},
): Pixels {
  const random = randomFrom(width * 31 + height);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const edge = (x / 23 + y / 17) % 2 < 1 ? 40 : -20;
      const wave = 30 * Math.sin(x / 9) * Math.cos(y / 13);
      const base = [200 * (x / width), 200 * (y / height), 200 - 150 * (x / width)];
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const channel = options.grey ? 0 : c;
        data[at + c] =
          options.grey && c > 0
            ? (data[at] as number)
            : (base[channel] as number) + edge + wave + 12 * random();
      }
      data[at + 3] = options.alpha ? 255 * ((x + y) / (width + height)) : 255;
    }
  }
  return { width, height, data };
}

/** A picture of one colour. */
export function evenly(
  width: number,
  height: number,
  colour: readonly [number, number, number, number],
): Pixels {
  const data = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => colour[i % 4] as number);
  return { width, height, data };
}

/**
 * Adds smooth noise of up to `amplitude` levels: random values on a grid of `cell` pixels, bilinear between
 * them.
 */
export function perturb(pixels: Pixels, grey = false, amplitude = 8, cell = 4): Pixels {
  const { width, height } = pixels;
  const random = randomFrom(width + height);
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const grid = Float32Array.from({ length: 3 * columns * rows }, () => amplitude * (2 * random() - 1));
  const data = new Uint8ClampedArray(pixels.data);
  for (let y = 0; y < height; y++) {
    const down = (y % cell) / cell;
    for (let x = 0; x < width; x++) {
      const right = (x % cell) / cell;
      const corner = 3 * (Math.floor(y / cell) * columns + Math.floor(x / cell));
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const i = corner + (grey ? 0 : c);
        const top = (1 - right) * (grid[i] as number) + right * (grid[i + 3] as number);
        const below =
          (1 - right) * (grid[i + 3 * columns] as number) + right * (grid[i + 3 * columns + 3] as number);
        data[at + c] = (data[at + c] as number) + (1 - down) * top + down * below;
      }
    }
  }
  return { width, height, data };
}

/** Largest difference of two pictures in any channel. */
export function maxDifference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  let most = 0;
  a.data.forEach((value, i) => {
    most = Math.max(most, Math.abs(value - (b.data[i] as number)));
  });
  return most;
}

/** Mean absolute difference over all channels. */
export function meanDifference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) return Number.POSITIVE_INFINITY;
  return a.data.reduce((sum, value, i) => sum + Math.abs(value - (b.data[i] as number)), 0) / a.data.length;
}

// JPEG

interface Encoder {
  encode(data: Uint8ClampedArray, width: number, height: number, options: object): Bytes;
}

/** A plain JPEG: standard tables, 4:2:0 unless `chroma_subsample` says 1. */
export async function jpeg(pixels: Pixels, options: object = {}): Promise<Bytes> {
  const encoder = await instantiate<Encoder>(
    "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm",
    jpegFactory as unknown as EmscriptenFactory<Encoder>,
  );
  return encoder.encode(pixels.data, pixels.width, pixels.height, {
    ...jpegDefaults,
    quant_table: 0,
    progressive: false,
    auto_subsample: false,
    quality: 88,
    ...options,
  });
}

export function segment(marker: number, data: Uint8Array): Bytes {
  const length = data.length + 2;
  return concat([Uint8Array.of(0xff, marker, length >> 8, length & 255), data]);
}

/** Puts segments directly behind the start-of-image marker. */
export function withSegments(file: Bytes, ...segments: Uint8Array[]): Bytes {
  return concat([file.subarray(0, 2), ...segments, file.subarray(2)]);
}

/** The contents of a JPEG's segments with this marker, up to the first scan. */
export function segmentsOf(file: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 2; at < file.length; ) {
    const marker = file[at + 1] as number;
    const length = 256 * (file[at + 2] as number) + (file[at + 3] as number);
    if (marker === wanted) found.push(file.subarray(at + 4, at + 2 + length));
    if (marker === 0xda) break;
    at += 2 + length;
  }
  return found;
}

/** A TIFF structure with the orientation and a GPS latitude, in either byte order. */
export function tiff(orientation: number, little = true): Bytes {
  const bytes = new Uint8Array(98);
  const view = new DataView(bytes.buffer);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, type, little);
    view.setUint32(at + 4, count, little);
    if (type === 3) view.setUint16(at + 8, value, little);
    else view.setUint32(at + 8, value, little);
  };
  bytes.set(text(little ? "II" : "MM"));
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 2, little);
  entry(10, 0x0112, 3, 1, orientation);
  entry(22, 0x8825, 4, 1, 38);
  view.setUint16(38, 1, little);
  entry(40, 0x0002, 5, 3, 58);
  [52, 1, 31, 1, 12, 1].forEach((value, i) => {
    view.setUint32(58 + 4 * i, value, little);
  });
  return bytes;
}

export const exif = (orientation: number, little = true): Bytes =>
  segment(0xe1, concat([text("Exif\0\0"), tiff(orientation, little)]));

/** A profile of tags, each with its data. */
export function profileOf(tags: Readonly<Record<string, Bytes>>, space = "RGB "): Bytes {
  const entries = Object.entries(tags);
  const header = new Uint8Array(128);
  header.set(text(space), 16);
  header.set(text("acsp"), 36);
  let place = 132 + 12 * entries.length;
  const table = entries.map(([name, { length }]) => {
    const entry = concat([text(name), uint32(place), uint32(length)]);
    place += length;
    return entry;
  });
  header.set(uint32(place));
  return concat([header, uint32(entries.length), ...table, ...Object.values(tags)]);
}

/** A profile with one tag of noise; its length is a multiple of 4. */
export function profile(length: number, space: "RGB " | "GRAY" | "CMYK" = "RGB "): Bytes {
  const random = randomFrom(length);
  return profileOf({ rTRC: Uint8Array.from({ length: length - 144 }, () => 256 * random()) }, space);
}

/** The profile as APP2 segments with `size` bytes each. */
export function iccSegments(icc: Bytes, size = 65_000): Bytes[] {
  const count = Math.ceil(icc.length / size);
  return Array.from({ length: count }, (_, i) =>
    segment(
      0xe2,
      concat([text("ICC_PROFILE\0"), Uint8Array.of(i + 1, count), icc.subarray(i * size, (i + 1) * size)]),
    ),
  );
}

/** A CMYK JPEG, one scan a component, assembled from four grey ones. `planes` are the values as stored. */
export async function fourComponentJpeg(planes: readonly Pixels[], adobeTransform?: 0 | 2): Promise<Bytes> {
  const grey = await Promise.all(planes.map((plane) => jpeg(plane, { color_space: 1, quality: 95 })));
  const first = grey[0] as Bytes;
  const frame = (segmentsOf(first, 0xc0)[0] as Uint8Array).slice(0, 6);
  frame[5] = 4;
  const components = [1, 2, 3, 4].flatMap((id) => [id, 0x11, 0]);
  const parts: Uint8Array[] = [Uint8Array.of(0xff, 0xd8)];
  if (adobeTransform !== undefined)
    parts.push(segment(0xee, concat([text("Adobe"), Uint8Array.of(0, 100, 0, 0, 0, 0, adobeTransform)])));
  for (const table of segmentsOf(first, 0xdb)) parts.push(segment(0xdb, table));
  parts.push(segment(0xc0, concat([frame, Uint8Array.from(components)])));
  grey.forEach((file, i) => {
    for (const table of segmentsOf(file, 0xc4)) parts.push(segment(0xc4, table));
    const head = (segmentsOf(file, 0xda)[0] as Uint8Array).slice();
    head[1] = i + 1;
    const start = head.byteLength + scanStart(file);
    parts.push(segment(0xda, head), file.subarray(start, file.length - 2));
  });
  parts.push(Uint8Array.of(0xff, 0xd9));
  return concat(parts);
}

/** Offset of the first scan's header contents. */
function scanStart(file: Uint8Array): number {
  const head = segmentsOf(file, 0xda)[0] as Uint8Array;
  return head.byteOffset - file.byteOffset;
}

// PNG

export interface PngRecipe {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly bitDepth?: number;
  readonly interlaced?: boolean;
  /** The sample as stored, 0..2^bitDepth-1. */
  readonly sample: (x: number, y: number, channel: number) => number;
  /** Chunks between IHDR and IDAT. */
  readonly chunks?: readonly Uint8Array[];
}

export function pngChunk(type: string, data: Uint8Array): Bytes {
  const body = concat([text(type), data]);
  return concat([uint32(data.length), body, uint32(crc32(body))]);
}

/** x and y of the first pixel and the steps between pixels, for the seven passes of Adam7. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function png(recipe: PngRecipe): Bytes {
  const { width, height, colourType, bitDepth = 8, interlaced = false } = recipe;
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType];
  const rows: number[] = [];
  for (const [left, top, right, down] of interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const)) {
    if (left >= width) continue;
    for (let y = top; y < height; y += down) {
      rows.push(0);
      let bits = 0;
      let count = 0;
      for (let x = left; x < width; x += right) {
        for (let c = 0; c < channels; c++) {
          const value = recipe.sample(x, y, c);
          if (bitDepth === 16) rows.push(value >> 8, value & 255);
          else {
            bits = (bits << bitDepth) | value;
            count += bitDepth;
            if (count === 8) {
              rows.push(bits);
              bits = 0;
              count = 0;
            }
          }
        }
      }
      if (count > 0) rows.push(bits << (8 - count));
    }
  }
  return concat([
    PNG_SIGNATURE,
    pngChunk("IHDR", pngHeader(width, height, bitDepth, colourType, interlaced)),
    ...(recipe.chunks ?? []),
    pngChunk("IDAT", deflateSync(Uint8Array.from(rows))),
    pngChunk("IEND", new Uint8Array(0)),
  ]);
}

export function pngHeader(
  width: number,
  height: number,
  bitDepth = 8,
  colourType = 2,
  interlaced = false,
): Bytes {
  return concat([
    uint32(width),
    uint32(height),
    Uint8Array.of(bitDepth, colourType, 0, 0, interlaced ? 1 : 0),
  ]);
}

/** The chunks of a PNG, in order. */
export function pngChunks(file: Uint8Array): { type: string; data: Uint8Array }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: { type: string; data: Uint8Array }[] = [];
  for (let at = 8; at < file.length; at += 12 + view.getUint32(at))
    found.push({
      type: String.fromCharCode(...file.subarray(at + 4, at + 8)),
      data: file.subarray(at + 8, at + 8 + view.getUint32(at)),
    });
  return found;
}

/** An 8-bit PNG of these pixels with the channels that the colour type has. */
export function pngOf(pixels: Pixels, colourType: 0 | 2 | 4 | 6, chunks: readonly Uint8Array[] = []): Bytes {
  const channels = { 0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3] }[colourType];
  const { width, height, data } = pixels;
  return png({
    width,
    height,
    colourType,
    chunks,
    sample: (x, y, c) => data[4 * (y * width + x) + (channels[c] as number)] as number,
  });
}

// WebP

export async function webp(pixels: Pixels, options: object = {}): Promise<Bytes> {
  const encoder = await instantiate<Encoder>(
    "@jsquash/webp/codec/enc/webp_enc_simd.wasm",
    webpFactory as unknown as EmscriptenFactory<Encoder>,
  );
  return encoder.encode(pixels.data, pixels.width, pixels.height, { ...webpDefaults, ...options });
}

export function riffChunk(type: string, data: Uint8Array): Bytes {
  const size = Uint8Array.of(data.length, data.length >> 8, data.length >> 16, data.length >>> 24);
  return concat([text(type), size, data, new Uint8Array(data.length & 1)]);
}

export function riff(...chunks: Uint8Array[]): Bytes {
  return riffChunk("RIFF", concat([text("WEBP"), ...chunks]));
}

/** The chunks of a WebP, in order. */
export function riffChunks(file: Uint8Array): { type: string; data: Uint8Array }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found: { type: string; data: Uint8Array }[] = [];
  for (let at = 12; at < file.length; ) {
    const size = view.getUint32(at + 4, true);
    found.push({
      type: String.fromCharCode(...file.subarray(at, at + 4)),
      data: file.subarray(at + 8, at + 8 + size),
    });
    at += 8 + size + (size & 1);
  }
  return found;
}

/** The VP8X chunk's contents. */
export function extended(flags: number, width: number, height: number): Bytes {
  const [w, h] = [width - 1, height - 1];
  return Uint8Array.of(flags, 0, 0, 0, w, w >> 8, w >> 16, h, h >> 8, h >> 16);
}

// GIF

/** A GIF of 16 by 16 pixels with this many frames. */
export function gif(frames: number): Bytes {
  const frame = concat([
    Uint8Array.of(0x21, 0xf9, 4, 0, 10, 0, 0, 0),
    Uint8Array.of(0x2c, 0, 0, 0, 0, 16, 0, 16, 0, 0),
    Uint8Array.of(2, 3, 0x84, 0x8f, 0xa9, 0),
  ]);
  const head = concat([text("GIF89a"), Uint8Array.of(16, 0, 16, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255)]);
  return concat([head, ...Array.from({ length: frames }, () => frame), Uint8Array.of(0x3b)]);
}

// BMP

interface BmpRecipe {
  readonly width: number;
  /** Negative where the first row is the top one. */
  readonly height: number;
  readonly bits: number;
  readonly compression?: number;
  /** Bits of red, green, blue and maybe alpha; with alpha, the header is that of version 4. */
  readonly masks?: readonly number[];
  /** Blue, green, red and nothing, for each colour. */
  readonly palette?: readonly number[];
  /** As stored. */
  readonly data: Uint8Array;
}

function bmp({ width, height, bits, compression = 0, masks = [], palette = [], data }: BmpRecipe): Bytes {
  const header = masks.length === 4 ? 108 : 40;
  const start = 14 + header + (masks.length === 3 ? 12 : 0) + palette.length;
  const bytes = new Uint8Array(start + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set(text("BM"));
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, header, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  view.setUint32(34, data.length, true);
  view.setUint32(46, palette.length / 4, true);
  for (const [i, mask] of masks.entries()) view.setUint32(54 + 4 * i, mask, true);
  bytes.set(palette, start - palette.length);
  bytes.set(data, start);
  return bytes;
}

/** BMPs of every kind that Pillow does not write, by name. */
export function rareBmps(): Readonly<Record<string, Bytes>> {
  const random = randomFrom(3);
  const noise = (length: number) => Uint8Array.from({ length }, () => 256 * random());
  const palette = Array.from({ length: 4 * 16 }, (_, i) => (i % 4 === 3 ? 0 : (i * 37) % 256));
  const size = { width: 20, height: 18 };
  const runs = (one: readonly number[]) =>
    Uint8Array.from([...Array.from({ length: size.height }, () => [...one, 0, 0]).flat(), 0, 1]);
  return {
    "16 bits": bmp({ ...size, bits: 16, data: noise(2 * 20 * 18) }),
    "16 bits with masks": bmp({
      ...{ ...size, bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f], data: noise(2 * 20 * 18) },
    }),
    "32 bits without alpha": bmp({ ...size, bits: 32, data: noise(4 * 20 * 18) }),
    "32 bits, top row first": bmp({ ...size, height: -18, bits: 32, data: noise(4 * 20 * 18) }),
    "32 bits with an alpha of zeros": bmp({
      ...{ ...size, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] },
      data: noise(4 * 20 * 18).map((value, i) => (i % 4 === 3 ? 0 : value)),
    }),
    "32 bits with alpha": bmp({
      ...{ ...size, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff000000] },
      data: noise(4 * 20 * 18).map((value, i) => (i % 4 === 3 ? (i % 8 === 3 ? 255 : 0) : value)),
    }),
    "runs of 8 bits": bmp({
      ...{ ...size, bits: 8, compression: 1, palette },
      data: runs([7, 3, 0, 5, 1, 2, 3, 4, 5, 0, 8, 9]),
    }),
    "runs of 4 bits": bmp({
      ...{ ...size, bits: 4, compression: 2, palette },
      data: runs([7, 0x3a, 0, 5, 0x12, 0x34, 0x50, 0, 8, 0x9b]),
    }),
    "2 colours, not from a palette of greys": bmp({
      ...{ ...size, bits: 1, palette: [0, 0, 255, 0, 255, 0, 0, 0], data: noise(4 * 18) },
    }),
  };
}

/** What people see of a picture: fully transparent pixels are black, whatever colour they have in a file. */
export function shown({ width, height, data }: Pixels): Pixels {
  const hidden = (i: number) => data[i - (i % 4) + 3] === 0;
  return { width, height, data: data.map((value, i) => (hidden(i) ? 0 : value)) };
}
