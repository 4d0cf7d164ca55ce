/**
 * A smaller copy of a picture, for people to look at: Lanczos, as sites and image editors use it. Colours are
 * weighted by their alpha, so that the colour of transparent pixels does not bleed into the others. Works row
 * by row, to save memory.
 */
import type { Pixels } from "../contract/pixels.ts";
import { LANCZOS, type ResamplingWeights, resamplingWeights } from "./resample.ts";

/**
 * The picture with its longest side at most `longestSide` pixels; the same object where it is no longer
 * already.
 */
export function shrinkTo(pixels: Pixels, longestSide: number): Pixels {
  const scale = longestSide / Math.max(pixels.width, pixels.height);
  if (scale >= 1) return pixels;
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  const across = resamplingWeights(pixels.width, width, undefined, LANCZOS);
  const down = resamplingWeights(pixels.height, height, undefined, LANCZOS);
  const data = new Uint8ClampedArray(4 * width * height);
  const rows = new Map<number, Float32Array>();
  const sum = new Float32Array(4 * width);
  down.forEach(({ first, weights }, y) => {
    for (const old of rows.keys()) if (old < first) rows.delete(old);
    sum.fill(0);
    weights.forEach((weight, k) => {
      const row = rows.get(first + k) ?? shrinkRow(pixels, first + k, across);
      rows.set(first + k, row);
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + weight * (row[i] as number);
    });
    for (let i = 0; i < sum.length; i++) {
      const alpha = sum[i | 3] as number;
      data[4 * width * y + i] = (i & 3) === 3 ? 255 * alpha : alpha > 0 ? (sum[i] as number) / alpha : 0;
    }
  });
  return { width, height, data };
}

/** One row made narrower: RGB times alpha, and alpha, 0..1. */
function shrinkRow({ width, data }: Pixels, y: number, across: readonly ResamplingWeights[]): Float32Array {
  const row = new Float32Array(4 * across.length);
  across.forEach(({ first, weights }, x) => {
    let [r, g, b, alpha] = [0, 0, 0, 0];
    let at = 4 * (y * width + first);
    for (let k = 0; k < weights.length; k++, at += 4) {
      const share = ((weights[k] as number) * (data[at + 3] as number)) / 255;
      r += share * (data[at] as number);
      g += share * (data[at + 1] as number);
      b += share * (data[at + 2] as number);
      alpha += share;
    }
    row.set([r, g, b, alpha], 4 * x);
  });
  return row;
}
