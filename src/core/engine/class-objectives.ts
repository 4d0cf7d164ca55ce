/**
 * Objectives on class names: functions of the posterior of a view over classes. (Objectives on features are
 * in feature-objectives.ts.)
 *
 * `bayes-error` raises 1 - max p. Its loss is a smooth form, since max p has a gradient for one class only.
 * `overlap` raises the label error, which moves the picture to where clean pictures of other classes are
 * dense.
 */

import * as tf from "@tensorflow/tfjs-core";
import type { ClassObjectiveId } from "../contract/protection-request.ts";
import { bayesError, logLabelError } from "./bayes-error.ts";
import { entryOfLabel, type Labels } from "./tensor-ops.ts";

/** Functions of log p(c|x), [B, C], and of the label y0; each gives one number a row, [B]. */
export interface ClassObjective {
  /** The ascent maximises it: smooth, with a gradient everywhere. */
  loss(logP: tf.Tensor2D, label: Labels): tf.Tensor1D;
  /** The error itself, 0..1; chooses the best point of a run. */
  metric(logP: tf.Tensor2D, label: Labels): tf.Tensor1D;
}

export const classObjectives: Readonly<Record<ClassObjectiveId, ClassObjective>> = {
  "bayes-error": {
    /** The entropy of p(c|x); see docs/results.md for the forms that were compared. */
    loss: (logP) => tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), 1)),
    metric: (logP) => bayesError(logP),
  },
  overlap: {
    /**
     * -log(1 + e^MARGIN / o), where o = (1 - p) / p are the odds against y0. At MARGIN = 0 this is
     * log(1 - p(y0|x)), which float32 rounds to 0 once p(y0|x) is small. The margin keeps the gradient alive
     * until the odds against y0 are e^MARGIN to one, so that the error survives what sites do to the picture.
     */
    loss: (logP, label) => {
      const logOdds = tf.sub(logLabelError(logP, label), entryOfLabel(logP, label));
      return tf.neg(tf.softplus(tf.sub(MARGIN, logOdds)));
    },
    metric: (logP, label) => tf.exp(logLabelError(logP, label)),
  },
};

/** In nats; see docs/results.md for other values. */
const MARGIN = 3;
