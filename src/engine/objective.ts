/**
 * What the ascent maximises, from the posterior of a view to a number.
 *
 * `bayes-error` raises 1 - max p through a smooth form, since the maximum itself passes on the gradient of one class
 * only; `overlap` raises the label error, which moves the picture to where other classes' clean data are dense.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ObjectiveId } from "../shared/report.ts";
import { logLabelError } from "./bayes-error.ts";

/**
 * @param logP log p(c|x), [B, C]
 * @param label y0; used by `overlap` only
 * @returns [B], to be maximised
 */
export type Objective = (logP: tf.Tensor2D, label: number) => tf.Tensor1D;

export const objectives: Readonly<Record<ObjectiveId, Objective>> = {
  /** -KL(uniform || p), up to a constant: the mean of log p(c|x) over the classes. */
  "bayes-error": (logP) => tf.mean(logP, 1),
  /** log(1 - p(y0|x)) */
  overlap: logLabelError,
};
