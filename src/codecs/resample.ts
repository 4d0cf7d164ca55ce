/**
 * Smaller copies of pictures. Reducing averages over all pixels that fall under the filter (a triangle, twice as wide
 * as the step, as Pillow's BILINEAR and PyTorch's antialias do), enlarging is bilinear. Rows are streamed, so that
 * beside the source only the result is in memory.
 */
import type { Pixels } from "../shared/pixels.ts";

/** For every target position the first source position, how many follow, and their weights (sum 1). */
interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `span` weights for each target position. */
  readonly weights: Float32Array;
  readonly span: number;
}

/** Triangle filter with half-pixel centres; weights that fall outside are dropped and the rest sums to 1 again. */
function triangleTaps(from: number, to: number): Taps {
  const scale = from / to;
  const radius = Math.max(1, scale);
  const span = Math.ceil(2 * radius) + 1;
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  const weights = new Float32Array(to * span);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(centre - radius));
    const end = Math.min(from, Math.ceil(centre + radius));
    let sum = 0;
    for (let k = start; k < end; k++) {
      const weight = Math.max(0, 1 - Math.abs(k + 0.5 - centre) / radius);
      weights[i * span + k - start] = weight;
      sum += weight;
    }
    for (let k = 0; k < end - start; k++) weights[i * span + k] = (weights[i * span + k] as number) / sum;
    starts[i] = start;
    counts[i] = end - start;
  }
  return { starts, counts, weights, span };
}

/**
 * Resizes to an RGB array of shape [height, width, 3], values 0..1. What is transparent is shown over white, as on a
 * page.
 */
export function resizePixels(pixels: Pixels, width: number, height: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(3 * width * height);
  const across = triangleTaps(pixels.width, width);
  const down = triangleTaps(pixels.height, height);
  const line = new Float32Array(3 * width);
  let first = 0;
  for (let y = 0; y < pixels.height; y++) {
    while (first < height && (down.starts[first] as number) + (down.counts[first] as number) <= y) first++;
    let used = false;
    for (let row = first; row < height && (down.starts[row] as number) <= y; row++) {
      const weight = down.weights[row * down.span + y - (down.starts[row] as number)] as number;
      if (weight === 0) continue;
      if (!used) resizeRow(pixels, y, across, line);
      used = true;
      addScaled(out, row * line.length, line, weight);
    }
  }
  return out;
}

function addScaled(out: Float32Array, offset: number, line: Float32Array, weight: number): void {
  for (let i = 0; i < line.length; i++)
    out[offset + i] = (out[offset + i] as number) + weight * (line[i] as number);
}

/** One source row resized across, over white, values 0..1. */
function resizeRow(pixels: Pixels, y: number, taps: Taps, line: Float32Array): void {
  const { data } = pixels;
  const { starts, counts, weights, span } = taps;
  const row = 4 * y * pixels.width;
  for (let x = 0; x < starts.length; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let at = row + 4 * (starts[x] as number);
    const from = x * span;
    const end = from + (counts[x] as number);
    for (let k = from; k < end; k++, at += 4) {
      const weight = weights[k] as number;
      const alpha = data[at + 3] as number;
      if (alpha === 255) {
        red += weight * (data[at] as number);
        green += weight * (data[at + 1] as number);
        blue += weight * (data[at + 2] as number);
      } else {
        const opaque = (weight * alpha) / 255;
        const white = weight * (255 - alpha);
        red += opaque * (data[at] as number) + white;
        green += opaque * (data[at + 1] as number) + white;
        blue += opaque * (data[at + 2] as number) + white;
      }
    }
    line[3 * x] = red / 255;
    line[3 * x + 1] = green / 255;
    line[3 * x + 2] = blue / 255;
  }
}

/** An opaque copy, over white, whose longer side is at most `maxSide`; never larger than the picture. */
export function thumbnail(pixels: Pixels, maxSide: number): Pixels {
  const scale = Math.min(1, maxSide / Math.max(pixels.width, pixels.height));
  const width = Math.max(1, Math.round(pixels.width * scale));
  const height = Math.max(1, Math.round(pixels.height * scale));
  const rgb = resizePixels(pixels, width, height);
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0, at = 0; i < data.length; i += 4, at += 3) {
    data[i] = 255 * (rgb[at] as number);
    data[i + 1] = 255 * (rgb[at + 1] as number);
    data[i + 2] = 255 * (rgb[at + 2] as number);
    data[i + 3] = 255;
  }
  return { width, height, data };
}
