/**
 * Linear resampling as sparse weights: the same weights shrink pictures, enlarge perturbations and fill the
 * matrices that gradients pass through. The default filter is the triangle (bilinear), widened when shrinking
 * (antialiased).
 */
import type { Pixels } from "../contract/pixels.ts";

/**
 * One output sample: the weighted sum of `weights.length` input samples from `first` on. The weights sum to
 * 1.
 */
export interface ResamplingWeights {
  readonly first: number;
  readonly weights: Float32Array;
}

/** The weight of a sample at a distance, in samples of the coarser side; 0 from `radius` on. */
export interface Filter {
  readonly radius: number;
  readonly weight: (distance: number) => number;
}

const TRIANGLE: Filter = { radius: 1, weight: (x) => 1 - Math.abs(x) };

/** Sharper, with negative weights in places: for pictures that people look at, not for gradients. */
export const LANCZOS: Filter = { radius: 3, weight: (x) => sinc(x) * sinc(x / 3) };

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** A part of the input, in samples; fractions are allowed. */
export interface Interval {
  readonly start: number;
  readonly length: number;
}

/**
 * Weights that resample an interval of `inSize` samples, by default all of them, to `outSize` samples. A
 * sample is at the middle of its cell. Where the filter reaches beyond the ends, the weights inside are
 * normalised again.
 */
export function resamplingWeights(
  inSize: number,
  outSize: number,
  { start, length }: Interval = { start: 0, length: inSize },
  { radius, weight }: Filter = TRIANGLE,
): ResamplingWeights[] {
  const scale = length / outSize;
  const unit = Math.max(1, scale);
  const support = radius * unit;
  return Array.from({ length: outSize }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    // Strictly inside the filter, whose weight is 0 at its ends.
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

/** The weights as a dense matrix, [outSize, inSize], row by row. */
export function weightsToMatrix(rows: readonly ResamplingWeights[], inSize: number): Float32Array {
  const matrix = new Float32Array(rows.length * inSize);
  rows.forEach(({ first, weights }, i) => {
    matrix.set(weights, i * inSize + first);
  });
  return matrix;
}

/** One resampling after another: first `inner`, then `outer`. */
export function composed(
  outer: readonly ResamplingWeights[],
  inner: readonly ResamplingWeights[],
): ResamplingWeights[] {
  return outer.map(({ first, weights }) => {
    const parts = inner.slice(first, first + weights.length);
    const from = Math.min(...parts.map((part) => part.first));
    const to = Math.max(...parts.map((part) => part.first + part.weights.length));
    const sums = new Float32Array(to - from);
    parts.forEach((part, k) => {
      part.weights.forEach((weight, l) => {
        const at = part.first - from + l;
        sums[at] = (sums[at] as number) + (weights[k] as number) * weight;
      });
    });
    return { first: from, weights: sums };
  });
}

/**
 * Enlarging n samples to `fullSize` and shrinking them again: a narrow blur, or the identity where fullSize = n.
 */
export function enlargeThenShrink(n: number, fullSize: number): ResamplingWeights[] {
  return composed(resamplingWeights(fullSize, n), resamplingWeights(n, fullSize));
}

/**
 * Shrinks or enlarges a picture to numbers for a network. Ignores alpha, since networks see the colour below
 * it.
 * @returns RGB, [height, width, 3], 0..1
 */
export function resampleToFloats(pixels: Pixels, width: number, height: number): Float32Array {
  const down = resamplingWeights(pixels.height, height);
  const across = resamplingWeights(pixels.width, width);
  return resampled({ ...pixels, numbers: 4, white: 255 }, down, across);
}

/** Pixels of three colours, row by row. */
export interface Colours {
  readonly data: Float32Array | Uint8ClampedArray;
  /** Of a row, in pixels. */
  readonly width: number;
  /** Numbers that each pixel takes, of which the first three are its colours. */
  readonly numbers: 3 | 4;
  /** The colours' largest value. */
  readonly white: 1 | 255;
}

/**
 * Resamples along both axes. Reads the picture once, row by row, so that 12 megapixels need no copy.
 * @returns RGB, [down.length, across.length, 3], 0..1
 */
export function resampled(
  colours: Colours,
  down: readonly ResamplingWeights[],
  across: readonly ResamplingWeights[],
): Float32Array {
  const row = new Float32Array(3 * across.length);
  const out = new Float32Array(down.length * row.length);
  // Several output rows may need one input row, which is resampled once and added to each of them.
  const outputs = new Map<number, { y: number; weight: number }[]>();
  down.forEach(({ first, weights }, y) => {
    weights.forEach((weight, k) => {
      const list = outputs.get(first + k);
      if (list) list.push({ y, weight });
      else outputs.set(first + k, [{ y, weight }]);
    });
  });
  for (const [inY, uses] of outputs) {
    resampleRow(colours, inY, across, row);
    for (const { y, weight } of uses) {
      const base = y * row.length;
      for (let i = 0; i < row.length; i++)
        out[base + i] = (out[base + i] as number) + weight * (row[i] as number);
    }
  }
  return out;
}

function resampleRow(
  { data, width, numbers, white }: Colours,
  y: number,
  across: readonly ResamplingWeights[],
  row: Float32Array,
): void {
  const base = y * width * numbers;
  for (let x = 0; x < across.length; x++) {
    const { first, weights } = across[x] as ResamplingWeights;
    let r = 0;
    let g = 0;
    let b = 0;
    let at = base + first * numbers;
    for (let k = 0; k < weights.length; k++, at += numbers) {
      const w = weights[k] as number;
      r += w * (data[at] as number);
      g += w * (data[at + 1] as number);
      b += w * (data[at + 2] as number);
    }
    row[x * 3] = r / white;
    row[x * 3 + 1] = g / white;
    row[x * 3 + 2] = b / white;
  }
}
