/**
 * What the ascent maximises, from the posterior of a view to a number.
 *
 * `bayes-error` raises 1 - max p through a smooth form, since the maximum itself passes on the gradient of one class
 * only; `overlap` raises the label error, which moves the picture to where other classes' clean data are dense.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ObjectiveId } from "../shared/report.ts";
import { bayesError, logLabelError } from "./bayes-error.ts";

/** Functions of log p(c|x), [B, C], and of the label y0; each gives one number a row, [B]. */
export interface Objective {
  /** What the ascent climbs: smooth, with a gradient everywhere. */
  raise(logP: tf.Tensor2D, label: number): tf.Tensor1D;
  /** What is meant, 0..1: by this the best of the points on the way is chosen. */
  measure(logP: tf.Tensor2D, label: number): tf.Tensor1D;
}

export const objectives: Readonly<Record<ObjectiveId, Objective>> = {
  "bayes-error": {
    /** The entropy of p(c|x); see docs/results.md for the forms it was chosen from. */
    raise: (logP) => tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), 1)),
    measure: (logP) => bayesError(logP),
  },
  overlap: {
    /** log(1 - p(y0|x)) */
    raise: logLabelError,
    measure: (logP, label) => tf.exp(logLabelError(logP, label)),
  },
};
