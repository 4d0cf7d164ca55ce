/** From a perturbation at the surrogate's scale to a changed picture in full size. */
import { colourNumbers } from "../contract/colours.ts";
import type { Pixels } from "../contract/pixels.ts";
import type { Budget } from "./budget.ts";
import { coloursOfPalette } from "./few-colours.ts";
import { flatAreas } from "./flat-areas.ts";
import { type ResamplingWeights, resamplingWeights } from "./resample.ts";
import type { Size } from "./scaled-picture.ts";

/**
 * Enlarges a perturbation (bilinear, so no value grows) and adds it to a picture, rounded to whole 255ths.
 * Fully transparent pixels and flat areas (see `flat-areas.ts`) stay as they are, and a picture whose colours fit
 * into a palette still has such a picture's colours (see `coloursOfPalette`).
 * @param delta RGB or the same for all three channels, [scaled.height, scaled.width, 3 or 1], fractions of the 0..1 range
 * @param scaled size of the picture at the surrogate's scale
 * @param budget with an L-infinity budget no channel of the result differs from the picture's by more than
 * epsilon
 */
export function applyPerturbation(pixels: Pixels, delta: Float32Array, scaled: Size, budget: Budget): Pixels {
  const { width, height } = pixels;
  const bound = budget.norm === "linf" ? Math.floor(budget.epsilon * 255 + 1e-4) : 255;
  const allowed = coloursOfPalette(pixels, bound);
  const flat = flatAreas(pixels);
  const down = resamplingWeights(scaled.height, height);
  const across = resamplingWeights(scaled.width, width);
  const channels = delta.length / (scaled.width * scaled.height);
  // Of each column the left one of the two values between which it lies, and how much of the right one it has.
  const lefts = Int32Array.from(across, ({ first }) => channels * first);
  const shares = Float32Array.from(across, ({ weights }) => weights[1] ?? 0);
  const data = new Uint8ClampedArray(pixels.data);
  const [before, after] = [colourNumbers(pixels), colourNumbers({ width, height, data })];
  // A value more, of which the last column has nothing.
  const row = new Float32Array(channels * (scaled.width + 1));
  const changeAt = (from: number, share: number) => {
    const value = row[from] as number;
    const change = value + share * ((row[from + channels] as number) - value);
    return Math.round(Math.max(-bound, Math.min(bound, change)));
  };
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y] as ResamplingWeights;
    row.fill(0);
    weights.forEach((weight, k) => {
      const base = (first + k) * channels * scaled.width;
      for (let i = 0; i < channels * scaled.width; i++)
        row[i] = (row[i] as number) + 255 * weight * (delta[base + i] as number);
    });
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const at = 4 * pixel;
      // Nobody sees a change of what is transparent, and it would only make the file larger.
      if (data[at + 3] === 0 || flat(x, y)) continue;
      const from = lefts[x] as number;
      const share = shares[x] as number;
      let change = 0;
      for (let c = 0; c < 3; c++) {
        if (c < channels) change = changeAt(from + c, share);
        data[at + c] = (data[at + c] as number) + change;
      }
      if (allowed) after[pixel] = allowed(before[pixel] as number, after[pixel] as number);
    }
  }
  return { width, height, data };
}
