/** How much a picture may change: the budget epsilon with its norm, and the projection onto it. */
import * as tf from "@tensorflow/tfjs-core";

export interface Budget {
  /**
   * `linf`: no channel value changes by more than epsilon. `l2`: the root mean square of the change is at
   * most epsilon, so that one number suits pictures of any size.
   */
  readonly norm: "linf" | "l2";
  /** Fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
}

/** Where a batch of m perturbations may be, a row for each; rows are padded with zeros to the longest, L. */
export interface Bounds {
  /** The pictures' own values, 0..1, [m, L]. */
  readonly pixels: tf.Tensor2D;
  /** Share of the budget that each value may use, 0..1, [m, L]. */
  readonly mask: tf.Tensor2D;
  /** How many numbers of each row are not padding. */
  readonly lengths: readonly number[];
}

/**
 * The closest perturbations within the budget that also keep their pictures in the range 0..1.
 * @param delta perturbations, [m, L]
 */
export function projectOntoBudget(
  delta: tf.Tensor2D,
  { norm, epsilon }: Budget,
  { pixels, mask, lengths }: Bounds,
): tf.Tensor2D {
  return tf.tidy(() => {
    let inside: tf.Tensor;
    if (norm === "linf") {
      const bound = tf.mul(mask, epsilon);
      inside = tf.maximum(tf.minimum(delta, bound), tf.neg(bound));
    } else {
      const size = tf.tensor2d([...lengths], [lengths.length, 1]);
      const rms = tf.sqrt(tf.div(tf.sum(tf.square(delta), 1, true), size));
      inside = tf.mul(delta, tf.minimum(1, tf.div(epsilon, tf.maximum(rms, 1e-12))));
    }
    return tf.sub(tf.clipByValue(tf.add(pixels, inside), 0, 1), pixels);
  });
}
