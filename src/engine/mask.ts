/** Where the eye forgives: how much of the budget each place of a picture may use. */

/** From a picture at the surrogate's scale, RGB, [height, width, 3], 0..1, to the share of the budget of each pixel, [height, width], 0..1. */
export type Mask = (picture: {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}) => Float32Array;

/** All of the budget everywhere. */
export const noMask: Mask = ({ width, height }) => new Float32Array(width * height).fill(1);

/** Side of the square in which contrast is measured, in pixels. */
const WINDOW = 5;
/** The 255ths that {@link hidden} is a share of. */
const FULL = 8;

/**
 * Contrast masking: what a place may use grows with its contrast L, the standard deviation of luma in 5 x 5 pixels. In a flat area
 * only `floor` is left.
 * @param floor share left to perfectly flat areas, 0..1
 * @param gain how many times what is just noticeable may be used: the threshold of the model is for noise, and for one look
 */
export function contrastMask(floor: number, gain: number): Mask {
  return ({ data, width, height }) => {
    const luma = lumaOf(data);
    const mean = boxMean(luma, width, height);
    const meanOfSquares = boxMean(
      luma.map((v) => v * v),
      width,
      height,
    );
    return mean.map((m, i) => {
      const contrast = Math.sqrt(Math.max(0, (meanOfSquares[i] as number) - m * m));
      return Math.min(1, floor + (gain * hidden(255 * contrast)) / FULL);
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
