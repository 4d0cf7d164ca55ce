/**
 * How much a picture may change: the budget epsilon, its norm, and the projection onto what it allows.
 */
import * as tf from "@tensorflow/tfjs-core";

export interface Budget {
  /**
   * `linf`: no channel value changes by more than epsilon.
   * `l2`: the root mean square of the change is at most epsilon, so that one number serves pictures of any size.
   */
  readonly norm: "linf" | "l2";
  /** Fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
}

/**
 * The closest perturbations inside the budget that also keep their pictures in range, a row for each.
 * @param delta perturbations, [m, L]
 * @param pictures [m, L], 0..1
 * @param mask share of the budget each place may use, 0..1, [m, L]
 * @param lengths how many numbers of each row are its picture's; the others are and stay 0
 */
export function projectOntoBudget(
  delta: tf.Tensor2D,
  pictures: tf.Tensor2D,
  budget: Budget,
  mask: tf.Tensor2D,
  lengths: readonly number[],
): tf.Tensor2D {
  return tf.tidy(() => {
    let inside: tf.Tensor;
    if (budget.norm === "linf") {
      const bound = tf.mul(mask, budget.epsilon);
      inside = tf.maximum(tf.minimum(delta, bound), tf.neg(bound));
    } else {
      const size = tf.tensor2d([...lengths], [lengths.length, 1]);
      const rms = tf.sqrt(tf.div(tf.sum(tf.square(delta), 1, true), size));
      inside = tf.mul(delta, tf.minimum(1, tf.div(budget.epsilon, tf.maximum(rms, 1e-12))));
    }
    return tf.sub(tf.clipByValue(tf.add(pictures, inside), 0, 1), pictures);
  });
}

/** Side of the square in which activity is measured, in pixels of the canvas. */
const WINDOW = 5;
/** Standard deviation of luma, 0..1, at which a place hides the full budget. */
const FULL_ACTIVITY = 0.06;

/**
 * Where the eye forgives: the share of the budget each pixel may use, from `floor` in smooth areas to 1 in texture
 * (noise visibility as in perceptual watermarking: activity is the local standard deviation of luma).
 * @param picture RGB, [height, width, 3], 0..1
 * @param floor share left to perfectly smooth areas, 0..1
 * @returns [height, width]
 */
export function perceptualMask(
  picture: Float32Array,
  width: number,
  height: number,
  floor: number,
): Float32Array {
  const luma = new Float32Array(width * height);
  for (let i = 0; i < luma.length; i++)
    luma[i] =
      0.299 * (picture[3 * i] as number) +
      0.587 * (picture[3 * i + 1] as number) +
      0.114 * (picture[3 * i + 2] as number);
  const mean = boxMean(luma, width, height);
  const meanOfSquares = boxMean(
    luma.map((v) => v * v),
    width,
    height,
  );
  return mean.map((m, i) => {
    const deviation = Math.sqrt(Math.max(0, (meanOfSquares[i] as number) - m * m));
    return floor + (1 - floor) * Math.min(1, deviation / FULL_ACTIVITY);
  });
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
