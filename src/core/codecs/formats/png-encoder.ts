/**
 * Pixels to PNG, with the channels of the original: the WASM encoders only write RGBA, which would make a
 * photograph a third larger. Rows are filtered by the usual heuristic, or not at all if they are indices of a
 * palette, and compressed by the platform's zlib.
 */

import { PALETTE } from "../../contract/colours.ts";
import type { Pixels } from "../../contract/pixels.ts";
import { concat, viewOf } from "../bytes.ts";
import type { PictureInfo } from "../picture-info.ts";
import { makeChunk, PNG_SIGNATURE } from "./png-chunks.ts";
import { packedRows, withPalette } from "./png-palette.ts";
import { cleanProfileChunk } from "./png-profile.ts";

/** Bytes of filtered rows that zlib gets at once. */
const BATCH = 1 << 20;

/** The RGBA channels that are written, by PNG colour type. */
const CHANNELS = { 0: [0], 2: [0, 1, 2], 4: [0, 3], 6: [0, 1, 2, 3] } as const;
type ColourType = keyof typeof CHANNELS;

/** Most greys that are written as indices: with more, a palette saves nothing. */
const GREYS_OF_PALETTE = 16;

/**
 * Encodes with the channels of the original, or with a palette if the colours are few, and with its colour chunks; not
 * interlaced.
 */
export async function encodePng(
  pixels: Pixels,
  info: PictureInfo,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const profile = info.profileChunk && (await cleanProfileChunk(info.profileChunk));
  // A palette counts as colour, in which a profile for greys is wrong (W3C PNG, section 11.3.2.3).
  const greys = profile ? 0 : GREYS_OF_PALETTE;
  const indexed = withPalette(pixels, info.grey ? greys : PALETTE);
  const colourType: ColourType = info.grey ? (info.alpha ? 4 : 0) : info.alpha ? 6 : 2;
  const header = new Uint8Array(13);
  const view = viewOf(header);
  view.setUint32(0, pixels.width);
  view.setUint32(4, pixels.height);
  header[8] = indexed?.bitDepth ?? 8;
  header[9] = indexed ? 3 : colourType;
  const rows = indexed
    ? packedRows(indexed.indices, pixels.width, indexed.bitDepth)
    : filteredRows(pixels, CHANNELS[colourType]);
  const packed = await deflate(rows, signal);
  return concat([
    Uint8Array.from(PNG_SIGNATURE),
    makeChunk("IHDR", header),
    info.colourChunks ?? new Uint8Array(0),
    ...(profile ? [makeChunk("iCCP", profile)] : []),
    ...(indexed?.chunks ?? []),
    ...packed.map((data) => makeChunk("IDAT", data)),
    makeChunk("IEND", new Uint8Array(0)),
  ]);
}

async function deflate(
  batches: Iterable<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): Promise<Uint8Array[]> {
  const zlib = new CompressionStream("deflate");
  const reading = collect(zlib.readable);
  const writer = zlib.writable.getWriter();
  try {
    for (const batch of batches) {
      signal?.throwIfAborted();
      await writer.write(batch);
    }
    await writer.close();
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reading]);
    throw error;
  }
  return reading;
}

/** The stream's bytes in pieces of at least a megabyte, except the last. */
async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let pending: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pending.push(next.value);
    size += next.value.length;
    if (size < BATCH) continue;
    pieces.push(concat(pending));
    pending = [];
    size = 0;
  }
  if (size > 0) pieces.push(concat(pending));
  return pieces;
}

/**
 * Rows with their filter byte, in batches. Each row gets the filter (None, Sub, Up, Average or Paeth) with
 * the smallest sum of absolute values (PNG section 12.7).
 */
function* filteredRows(pixels: Pixels, channels: readonly number[]): Generator<Uint8Array<ArrayBuffer>> {
  const step = channels.length;
  const stride = pixels.width * step;
  const rows = Math.max(1, Math.floor(BATCH / (stride + 1)));
  // Both rows begin with one empty pixel, so that each pixel has a left neighbour.
  let row = new Uint8Array(step + stride);
  let above = new Uint8Array(step + stride);
  for (let top = 0; top < pixels.height; top += rows) {
    const count = Math.min(rows, pixels.height - top);
    const batch = new Uint8Array(count * (stride + 1));
    for (let y = 0; y < count; y++) {
      [row, above] = [above, row];
      pickChannels(pixels, top + y, channels, row);
      const filter = bestFilter({ row, above }, step);
      const out = batch.subarray(y * (stride + 1), (y + 1) * (stride + 1));
      out[0] = filter;
      applyFilter(filter, { row, above }, step, out);
    }
    yield batch;
  }
}

function pickChannels(pixels: Pixels, y: number, channels: readonly number[], row: Uint8Array): void {
  const { data, width } = pixels;
  const step = channels.length;
  const from = 4 * y * width;
  for (let c = 0; c < step; c++) {
    const channel = channels[c] as number;
    for (let x = 0, to = step + c, at = from + channel; x < width; x++, to += step, at += 4)
      row[to] = data[at] as number;
  }
}

/** A row and the one above it, each behind one empty pixel. */
interface Rows {
  readonly row: Uint8Array;
  readonly above: Uint8Array;
}

/** Paeth's predictor: the neighbour nearest to left + up - upper left. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** The filter whose output, read as signed bytes, has the smallest sum of absolute values. */
function bestFilter({ row, above }: Rows, step: number): number {
  let none = 0;
  let sub = 0;
  let up = 0;
  let average = 0;
  let nearest = 0;
  for (let i = step; i < row.length; i++) {
    const value = row[i] as number;
    const left = row[i - step] as number;
    const over = above[i] as number;
    none += size(value);
    sub += size(value - left);
    up += size(value - over);
    average += size(value - ((left + over) >> 1));
    nearest += size(value - paeth(left, over, above[i - step] as number));
  }
  const sums = [none, sub, up, average, nearest];
  return sums.indexOf(Math.min(...sums));
}

function size(difference: number): number {
  return Math.abs((difference << 24) >> 24);
}

/** Writes a filtered row, behind its filter byte. */
function applyFilter(filter: number, { row, above }: Rows, step: number, out: Uint8Array): void {
  const shift = 1 - step;
  for (let i = step; i < row.length; i++) {
    const left = row[i - step] as number;
    const over = above[i] as number;
    let guess = 0;
    if (filter === 1) guess = left;
    else if (filter === 2) guess = over;
    else if (filter === 3) guess = (left + over) >> 1;
    else if (filter === 4) guess = paeth(left, over, above[i - step] as number);
    out[i + shift] = (row[i] as number) - guess;
  }
}
