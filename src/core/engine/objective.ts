/**
 * What the ascent maximises where it is about names: from the posterior of a view over classes to a number. (What is about
 * features is in features.ts.)
 *
 * `bayes-error` raises 1 - max p through a smooth form, since the maximum itself passes on the gradient of one class
 * only; `overlap` raises the label error, which moves the picture to where other classes' clean data are dense.
 */

import * as tf from "@tensorflow/tfjs-core";
import type { NameObjectiveId } from "../contract/protection-request.ts";
import { bayesError, logLabelError } from "./bayes-error.ts";

/** Functions of log p(c|x), [B, C], and of the label y0 (one for all rows, or one a row); each gives one number a row, [B]. */
export interface Objective {
  /** What the ascent climbs: smooth, with a gradient everywhere. */
  raise(logP: tf.Tensor2D, label: number | Int32Array): tf.Tensor1D;
  /** What is meant, 0..1: by this the best of the points on the way is chosen. */
  measure(logP: tf.Tensor2D, label: number | Int32Array): tf.Tensor1D;
}

export const objectives: Readonly<Record<NameObjectiveId, Objective>> = {
  "bayes-error": {
    /** The entropy of p(c|x); see docs/results.md for the forms it was chosen from. */
    raise: (logP) => tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), 1)),
    measure: (logP) => bayesError(logP),
  },
  overlap: {
    /**
     * With the odds o = (1 - p) / p of being wrong about y0: -log(1 + e^MARGIN / o). At MARGIN = 0 this is log(1 - p(y0|x)),
     * of which float32 has only rounding left once p(y0|x) is small. The margin keeps the gradient alive until a view is
     * wrong by e^MARGIN to one, so that the error outlives what sites do to the picture.
     */
    raise: (logP, label) => {
      const logOdds = tf.sub(logLabelError(logP, label), ofLabel(logP, label));
      return tf.neg(tf.softplus(tf.sub(MARGIN, logOdds)));
    },
    measure: (logP, label) => tf.exp(logLabelError(logP, label)),
  },
};

/** In nats; see docs/results.md for what others gave. */
const MARGIN = 3;

/** The label's entry in each row of [B, C], [B]. */
function ofLabel(matrix: tf.Tensor2D, label: number | Int32Array): tf.Tensor1D {
  const labels = typeof label === "number" ? [label] : label;
  return tf.sum(tf.mul(matrix, tf.oneHot(labels, matrix.shape[1])), 1);
}
