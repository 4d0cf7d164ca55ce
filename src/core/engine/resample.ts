/**
 * Linear resampling as sparse weights: one form for shrinking pictures, enlarging perturbations, and for the
 * matrices through which gradients flow. The filter is the triangle unless told otherwise, widened when shrinking
 * (antialiased).
 */
import type { Pixels } from "../contract/pixels.ts";

/** One output sample: the weighted sum of `weights.length` inputs from `first` on. Weights sum to 1. */
export interface Taps {
  readonly first: number;
  readonly weights: Float32Array;
}

/** How much a sample weighs at a distance, in samples of the coarser side: nothing from `radius` on. */
export interface Filter {
  readonly radius: number;
  readonly weight: (distance: number) => number;
}

export const TRIANGLE: Filter = { radius: 1, weight: (x) => 1 - Math.abs(x) };

/** Sharper, by weights that are negative in places: for pictures to look at, not for gradients. */
export const LANCZOS: Filter = { radius: 3, weight: (x) => sinc(x) * sinc(x / 3) };

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * Weights that resample the interval [start, start + length) of `inSize` samples to `outSize` samples.
 * Samples sit in the middle of their cells; beyond the ends the interval's inside is renormalised.
 */
export function resamplingTaps(
  inSize: number,
  outSize: number,
  start = 0,
  length = inSize,
  { radius, weight }: Filter = TRIANGLE,
): Taps[] {
  const scale = length / outSize;
  const unit = Math.max(1, scale);
  const support = radius * unit;
  return Array.from({ length: outSize }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    // Strictly inside the filter: its ends weigh nothing.
    const first = Math.min(inSize - 1, Math.max(0, Math.floor(centre - support - 0.5) + 1));
    const last = Math.max(first, Math.min(inSize - 1, Math.ceil(centre + support - 0.5) - 1));
    const weights = new Float32Array(last - first + 1);
    let sum = 0;
    for (let k = 0; k < weights.length; k++) {
      const distance = (first + k + 0.5 - centre) / unit;
      const w = Math.abs(distance) < radius ? weight(distance) : 0;
      weights[k] = w;
      sum += w;
    }
    if (sum === 0) return { first, weights: Float32Array.of(1) };
    for (let k = 0; k < weights.length; k++) weights[k] = (weights[k] as number) / sum;
    return { first, weights };
  });
}

/** Taps as a dense matrix [outSize, inSize], row by row. */
export function tapsToMatrix(taps: readonly Taps[], inSize: number): Float32Array {
  const matrix = new Float32Array(taps.length * inSize);
  taps.forEach(({ first, weights }, i) => {
    matrix.set(weights, i * inSize + first);
  });
  return matrix;
}

/**
 * What enlarging n samples to `fullSize` and shrinking them again does to them: a matrix [n, n] close to a narrow
 * blur, the identity where fullSize = n.
 */
export function enlargeThenShrink(n: number, fullSize: number): Float32Array {
  const up = resamplingTaps(n, fullSize);
  const down = resamplingTaps(fullSize, n);
  const matrix = new Float32Array(n * n);
  down.forEach((d, i) => {
    d.weights.forEach((dw, k) => {
      const u = up[d.first + k] as Taps;
      u.weights.forEach((uw, l) => {
        const at = i * n + u.first + l;
        matrix[at] = (matrix[at] as number) + dw * uw;
      });
    });
  });
  return matrix;
}

/**
 * Shrinks or enlarges a picture; alpha is ignored, since a network is shown the colour below it.
 * Reads the picture once, row by row, so that 12 megapixels need no copy.
 * @returns RGB, [height, width, 3], 0..1
 */
export function resizePixels(pixels: Pixels, width: number, height: number): Float32Array {
  const across = resamplingTaps(pixels.width, width);
  const down = resamplingTaps(pixels.height, height);
  const out = new Float32Array(width * height * 3);
  const row = new Float32Array(width * 3);
  let shrunk = -1;
  // Output rows overlap by at most two: each input row is shrunk once and added wherever it counts.
  const wanted = new Map<number, { y: number; weight: number }[]>();
  down.forEach(({ first, weights }, y) => {
    weights.forEach((weight, k) => {
      const list = wanted.get(first + k);
      if (list) list.push({ y, weight });
      else wanted.set(first + k, [{ y, weight }]);
    });
  });
  for (let inY = 0; inY < pixels.height; inY++) {
    for (const { y, weight } of wanted.get(inY) ?? []) {
      if (shrunk !== inY) {
        shrinkRow(pixels, inY, across, row);
        shrunk = inY;
      }
      const base = y * width * 3;
      for (let i = 0; i < row.length; i++)
        out[base + i] = (out[base + i] as number) + weight * (row[i] as number);
    }
  }
  return out;
}

function shrinkRow(pixels: Pixels, y: number, across: readonly Taps[], row: Float32Array): void {
  const base = y * pixels.width * 4;
  const data = pixels.data;
  for (let x = 0; x < across.length; x++) {
    const { first, weights } = across[x] as Taps;
    let r = 0;
    let g = 0;
    let b = 0;
    let at = base + first * 4;
    for (let k = 0; k < weights.length; k++, at += 4) {
      const w = weights[k] as number;
      r += w * (data[at] as number);
      g += w * (data[at + 1] as number);
      b += w * (data[at + 2] as number);
    }
    row[x * 3] = r / 255;
    row[x * 3 + 1] = g / 255;
    row[x * 3 + 2] = b / 255;
  }
}

/** A copy of a picture in another size, alpha dropped. */
export function resizedPixels(pixels: Pixels, width: number, height: number): Pixels {
  const colours = resizePixels(pixels, width, height);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[4 * i + c] = 255 * (colours[3 * i + c] as number);
  return { width, height, data };
}
