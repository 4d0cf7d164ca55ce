/**
 * Where a picture lies among others in a surrogate's feature space, for objectives that need no names of things.
 *
 * The kernel posterior of bayes-error.ts, with other classes: the clean picture's own neighbourhood, whose prototypes are
 * embeddings of views of the clean picture, against a bank of other photographs. A head that someone trains on a network learns
 * from where a picture's features are, whatever the network would call it; so they are moved.
 */

import * as tf from "@tensorflow/tfjs-core";
import type { FeatureObjectiveId } from "../contract/protection-request.ts";
import { logLabelError, logSumExp, posteriorOfClassSums, products } from "./bayes-error.ts";
import { unitLength } from "./joint.ts";

/** Other photographs, as centres of their embeddings. */
export interface FeatureBank {
  /** [K, D], each of length 1; every one is a class of its own. */
  readonly centres: tf.Tensor2D;
  /** Width of the RBF kernel, in units of the embeddings' length. */
  readonly sigma: number;
}

/**
 * Functions of embeddings z, [B, D], and of those of views of the clean pictures, `own`, [B, M, D], of any length; each gives one number
 * a row, [B].
 */
export interface FeatureObjective {
  /** What the ascent climbs: smooth, with a gradient everywhere. */
  raise(z: tf.Tensor2D, own: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D;
  /** What is meant: by this the best of the points on the way is chosen. */
  measure(z: tf.Tensor2D, own: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D;
}

/** The class of the clean picture's own neighbourhood. */
const OWN = 0;

/**
 * Posterior of the neighbourhoods, the picture's own first: p(own | z) = s_0 / (s_0 + sum_k s(z, r_k)), where s is the RBF kernel of
 * embeddings at length 1 and s_0 the mean of s(z, o) over the views o of the clean picture.
 * @returns log p, [B, 1 + K]
 */
export function featureLogPosterior(
  z: tf.Tensor2D,
  own: tf.Tensor3D,
  { centres, sigma }: FeatureBank,
): tf.Tensor2D {
  return tf.tidy(() => {
    const at = unitLength(z);
    // -|z - r|^2 / (2 sigma^2) of embeddings of length 1.
    const logSimilarity = (cosine: tf.Tensor) => tf.div<tf.Tensor2D>(tf.sub(cosine, 1), sigma ** 2);
    const each = logSimilarity(cosines(at, own));
    const ofOwn = tf.sub<tf.Tensor2D>(logSumExp<tf.Tensor2D>(each, 1, true), Math.log(own.shape[1]));
    const ofOthers = logSimilarity(tf.transpose(products(centres, at)));
    return posteriorOfClassSums(tf.concat([ofOwn, ofOthers], 1), { kind: "rbf", sigma });
  });
}

/** The label error in feature space: o = 1 - p(own | z), 0..1, of each row, [B]. */
export function featureError(z: tf.Tensor2D, own: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D {
  return tf.tidy(() => tf.exp(logLabelError(featureLogPosterior(z, own, bank), OWN)));
}

export const featureObjectives: Readonly<Record<FeatureObjectiveId, FeatureObjective>> = {
  features: {
    /** The log-odds log(o / (1 - o)) of the label error. They never level off: a head can tell pictures apart far beyond o = 0.99. */
    raise: (z, own, bank) => {
      const logP = featureLogPosterior(z, own, bank);
      return tf.sub(logLabelError(logP, OWN), tf.squeeze(tf.slice(logP, [0, OWN], [-1, 1]), [1]));
    },
    measure: featureError,
  },
  /** The plain form, which knows no other pictures: minus the mean cosine to the clean picture's views. */
  cosine: { raise: minusCosine, measure: minusCosine },
};

function minusCosine(z: tf.Tensor2D, own: tf.Tensor3D): tf.Tensor1D {
  return tf.tidy(() => tf.neg(tf.mean(cosines(unitLength(z), own), 1)));
}

/** Cosines of each row of z, [B, D], at length 1, with its own M vectors, [B, M, D]: [B, M]. */
function cosines(z: tf.Tensor2D, own: tf.Tensor3D): tf.Tensor2D {
  const [count, views, length] = own.shape;
  const unit = tf.reshape(unitLength(tf.reshape(own, [count * views, length])), own.shape);
  return tf.sum(tf.mul(tf.expandDims(z, 1), unit), 2);
}
