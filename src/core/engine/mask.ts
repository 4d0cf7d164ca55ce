/** How much of the budget each pixel of a picture may use: more where the eye notices a change less. */

/**
 * @param picture at the surrogate's scale, RGB, [height, width, 3], 0..1
 * @param factor pixels of the full-size picture, along a side, for one at the surrogate's scale (see
 * `downscaleFactor`): a perturbation is enlarged by it, so that it is coarser in a larger picture
 * @returns the share of the budget of each pixel, 0..1, [height, width]
 */
export type Mask = (
  picture: { readonly width: number; readonly height: number; readonly data: Float32Array },
  factor: number,
) => Float32Array;

/** All of the budget everywhere. */
export const noMask: Mask = ({ width, height }) => new Float32Array(width * height).fill(1);

/** Side of the square in which contrast is computed, in pixels. */
const WINDOW = 5;
/** The change, in 255ths, that uses the whole budget. */
const FULL = 8;

/**
 * Contrast masking: the share of a pixel grows with its contrast L, the standard deviation of luma in 5 x 5
 * pixels, and is `floor` in flat areas. The eye sees a coarse change better than a fine one, so the shares
 * are smaller in large pictures and larger in small ones; docs/photographs.md says how they were chosen.
 * @param floor share of perfectly flat areas at a downscale factor of 1 and above, 0..1
 * @param gain change allowed at a factor of 1, in multiples of the just noticeable one
 */
export function contrastMask(floor: number, gain: number): Mask {
  return ({ data, width, height }, factor) => {
    const smallPicture = clamp(factor, 0.5, 1) ** -2;
    const least = floor * smallPicture;
    const times = (gain * smallPicture) / clamp(factor, 1, 2);
    const luma = lumaOf(data);
    const mean = boxMean(luma, width, height);
    const meanOfSquares = boxMean(
      luma.map((v) => v * v),
      width,
      height,
    );
    return mean.map((m, i) => {
      const contrast = Math.sqrt(Math.max(0, (meanOfSquares[i] as number) - m * m));
      return Math.min(1, least + (times * maskedChange(255 * contrast)) / FULL);
    });
  };
}

/**
 * The change that a contrast masks, both in 255ths: 0.115 * 16 L^2.4 / (L^2 + 26^2), the luminance contrast
 * masking of Wu et al., "Enhanced Just Noticeable Difference Model for Images With Pattern Complexity" (IEEE
 * TIP 2017).
 */
function maskedChange(contrast: number): number {
  return (1.84 * contrast ** 2.4) / (contrast ** 2 + 26 ** 2);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Luma (BT.601) of RGB, 0..1, [height * width]. */
function lumaOf(data: Float32Array): Float32Array {
  return Float32Array.from(
    { length: data.length / 3 },
    (_, i) =>
      0.299 * (data[3 * i] as number) +
      0.587 * (data[3 * i + 1] as number) +
      0.114 * (data[3 * i + 2] as number),
  );
}

/** Mean over a WINDOW x WINDOW square, cut off at the borders. */
function boxMean(values: Float32Array, width: number, height: number): Float32Array {
  const rows = { length: width, step: 1, lines: height, lineStep: width };
  const columns = { length: height, step: width, lines: width, lineStep: 1 };
  return meanAlong(meanAlong(values, rows), columns);
}

/**
 * Lines of numbers in an array: how many there are, how long, and how far apart lines and their numbers are.
 */
interface Lines {
  readonly lines: number;
  readonly length: number;
  readonly lineStep: number;
  readonly step: number;
}

function meanAlong(source: Float32Array, { lines, length, lineStep, step }: Lines): Float32Array {
  const half = (WINDOW - 1) / 2;
  const out = new Float32Array(source.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      const from = Math.max(0, i - half);
      const to = Math.min(length - 1, i + half);
      let sum = 0;
      for (let k = from; k <= to; k++) sum += source[line * lineStep + k * step] as number;
      out[line * lineStep + i * step] = sum / (to - from + 1);
    }
  }
  return out;
}
