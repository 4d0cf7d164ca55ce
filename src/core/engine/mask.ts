/** Where the eye forgives: how much of the budget each place of a picture may use. */

/**
 * @param picture at the surrogate's scale, RGB, [height, width, 3], 0..1
 * @param coarseness pixels of the full-size picture, along a side, for one of the scale at which the surrogate looks; what it sees in
 * pictures of any size has that scale, so a change is the coarser the larger the picture is, and below 1 in those smaller than the scale
 * @returns the share of the budget of each pixel, 0..1, [height, width]
 */
export type Mask = (
  picture: { readonly width: number; readonly height: number; readonly data: Float32Array },
  coarseness: number,
) => Float32Array;

/** All of the budget everywhere. */
export const noMask: Mask = ({ width, height }) => new Float32Array(width * height).fill(1);

/** Side of the square in which contrast is measured, in pixels. */
const WINDOW = 5;
/** The 255ths that {@link hidden} is a share of. */
const FULL = 8;

/**
 * Contrast masking: what a place may use grows with its contrast L, the standard deviation of luma in 5 x 5 pixels. In a flat area
 * only `floor` is left. The eye sees a coarse change better than a fine one, so the limits are narrower in large pictures and wider in
 * small ones; see docs/photographs.md for how that was chosen.
 * @param floor share left to perfectly flat areas at coarseness 1 and above, 0..1
 * @param gain how many times what is just noticeable may be used at coarseness 1
 */
export function contrastMask(floor: number, gain: number): Mask {
  return ({ data, width, height }, coarseness) => {
    const wider = clamp(coarseness, 0.5, 1) ** -2;
    const least = floor * wider;
    const times = (gain * wider) / clamp(coarseness, 1, 2);
    const luma = lumaOf(data);
    const mean = boxMean(luma, width, height);
    const meanOfSquares = boxMean(
      luma.map((v) => v * v),
      width,
      height,
    );
    return mean.map((m, i) => {
      const contrast = Math.sqrt(Math.max(0, (meanOfSquares[i] as number) - m * m));
      return Math.min(1, least + (times * hidden(255 * contrast)) / FULL);
    });
  };
}

/**
 * The change that a contrast hides, both in 255ths: 0.115 * 16 L^2.4 / (L^2 + 26^2), the luminance contrast masking of Wu et al.,
 * "Enhanced Just Noticeable Difference Model for Images With Pattern Complexity" (IEEE TIP 2017).
 */
function hidden(contrast: number): number {
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

/** Mean over a WINDOW x WINDOW square, cut at the borders. */
function boxMean(values: Float32Array, width: number, height: number): Float32Array {
  const half = (WINDOW - 1) / 2;
  const along = (source: Float32Array, length: number, step: number, lines: number, lineStep: number) => {
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
  };
  return along(along(values, width, 1, height, width), height, width, width, 1);
}
