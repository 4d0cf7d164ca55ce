/** Pictures of few colours as indices of a palette. Layout: W3C PNG (third edition), sections 7.2, 11.2.2 and 11.3.1.1. */
import { colourNumbers, distinctColours } from "../../contract/colours.ts";
import type { Pixels } from "../../contract/pixels.ts";
import { makeChunk } from "./png-chunks.ts";

/** Bytes of rows that are given on at once. */
const BATCH = 1 << 20;

export interface Indexed {
  /** One for each pixel. */
  readonly indices: Uint8Array;
  /** Bits of an index in the file. */
  readonly bitDepth: 1 | 2 | 4 | 8;
  /** PLTE, and tRNS if a colour is not opaque. */
  readonly chunks: readonly Uint8Array[];
}

/** @returns `undefined` if the picture has more than `most` colours, at most 256 */
export function withPalette(pixels: Pixels, most: number): Indexed | undefined {
  const colours = colourNumbers(pixels);
  const distinct = distinctColours(colours, most);
  if (!distinct) return undefined;
  const channel = (pixel: number, c: number) => pixels.data[4 * pixel + c] as number;
  const isOpaque = (pixel: number) => channel(pixel, 3) === 255;
  // Colours that are not opaque come first, because tRNS ends with the last of them.
  const palette = [...distinct].sort(
    ([, a], [, b]) => Number(isOpaque(a.first)) - Number(isOpaque(b.first)) || b.count - a.count,
  );
  const indexOf = new Map(palette.map(([colour], index) => [colour, index]));
  const pixelsOf = palette.map(([, { first }]) => first);
  const alphas = pixelsOf.filter((pixel) => !isOpaque(pixel)).map((pixel) => channel(pixel, 3));
  const size = palette.length;
  return {
    indices: Uint8Array.from(colours, (colour) => indexOf.get(colour) as number),
    bitDepth: size <= 2 ? 1 : size <= 4 ? 2 : size <= 16 ? 4 : 8,
    chunks: [
      makeChunk(
        "PLTE",
        Uint8Array.from(pixelsOf.flatMap((pixel) => [0, 1, 2].map((c) => channel(pixel, c)))),
      ),
      ...(alphas.length > 0 ? [makeChunk("tRNS", Uint8Array.from(alphas))] : []),
    ],
  };
}

/** Rows of indices without a filter, which is best for indices (section 12.7), in batches. */
export function* packedRows(
  indices: Uint8Array,
  width: number,
  bitDepth: Indexed["bitDepth"],
): Generator<Uint8Array<ArrayBuffer>> {
  const perByte = 8 / bitDepth;
  const stride = 1 + Math.ceil(width / perByte);
  const height = indices.length / width;
  const rows = Math.max(1, Math.floor(BATCH / stride));
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    const batch = new Uint8Array(count * stride);
    for (let y = 0; y < count; y++)
      for (let x = 0; x < width; x++) {
        const at = y * stride + 1 + Math.floor(x / perByte);
        const shift = 8 - bitDepth * (1 + (x % perByte));
        batch[at] = (batch[at] as number) | ((indices[(top + y) * width + x] as number) << shift);
      }
    yield batch;
  }
}
