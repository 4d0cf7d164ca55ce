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
