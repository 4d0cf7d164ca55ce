/**
 * Objectives on features: where a picture lies among other photographs in a surrogate's feature space,
 * whatever its class.
 *
 * The posterior is that of bayes-error.ts with other classes: the first class is the clean picture, whose
 * prototypes are embeddings of views of the clean picture; every centre of a bank of other photographs is one
 * more class. A classifier that somebody trains on a network's features learns from where the features of a
 * picture are, so these are moved.
 */

import * as tf from "@tensorflow/tfjs-core";
import type { FeatureObjectiveId } from "../contract/protection-request.ts";
import { logLabelError, posteriorOfClassSums } from "./bayes-error.ts";
import { dotProducts, logSumExp, unitLength } from "./tensor-ops.ts";

/** Other photographs, as cluster centres of their embeddings. */
export interface FeatureBank {
  /** [K, D], each of length 1 and each a class. */
  readonly centres: tf.Tensor2D;
  /** Width of the RBF kernel, in units of the embeddings' length. */
  readonly sigma: number;
}

/**
 * Functions of embeddings z, [B, D], and of the embeddings of M views of the clean pictures, `clean`,
 * [B, M, D], both of any length; each gives one number a row, [B].
 */
export interface FeatureObjective {
  /** The ascent maximises it: smooth, with a gradient everywhere. */
  loss(z: tf.Tensor2D, clean: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D;
  /** Chooses the best point of a run. */
  metric(z: tf.Tensor2D, clean: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D;
}

/** Index of the clean picture's class. */
const CLEAN = 0;

/**
 * Posterior over the clean picture and the K centres: p(clean | z) = s_0 / (s_0 + sum_k s(z, r_k)), where s
 * is the RBF kernel of embeddings of length 1, and s_0 the mean of s(z, o) over the views o of the clean
 * picture.
 * @returns log p, [B, 1 + K], the clean picture first
 */
export function featureLogPosterior(
  z: tf.Tensor2D,
  clean: tf.Tensor3D,
  { centres, sigma }: FeatureBank,
): tf.Tensor2D {
  return tf.tidy(() => {
    const unit = unitLength(z);
    // -|z - r|^2 / (2 sigma^2) of embeddings of length 1.
    const logSimilarity = (cosine: tf.Tensor) => tf.div<tf.Tensor2D>(tf.sub(cosine, 1), sigma ** 2);
    const toViews = logSimilarity(cosines(unit, clean));
    const toClean = tf.sub<tf.Tensor2D>(logSumExp<tf.Tensor2D>(toViews, 1, true), Math.log(clean.shape[1]));
    const toCentres = logSimilarity(tf.transpose(dotProducts(centres, unit)));
    return posteriorOfClassSums(tf.concat([toClean, toCentres], 1), { kind: "rbf", sigma });
  });
}

/** The label error in feature space, 1 - p(clean | z), 0..1, of each row, [B]. */
export function featureError(z: tf.Tensor2D, clean: tf.Tensor3D, bank: FeatureBank): tf.Tensor1D {
  return tf.tidy(() => tf.exp(logLabelError(featureLogPosterior(z, clean, bank), CLEAN)));
}

export const featureObjectives: Readonly<Record<FeatureObjectiveId, FeatureObjective>> = {
  features: {
    /**
     * The log-odds log(o / (1 - o)) of the label error o, which do not saturate: a classifier can tell
     * pictures apart far beyond o = 0.99.
     */
    loss: (z, clean, bank) => {
      const logP = featureLogPosterior(z, clean, bank);
      return tf.sub(logLabelError(logP, CLEAN), tf.squeeze(tf.slice(logP, [0, CLEAN], [-1, 1]), [1]));
    },
    metric: featureError,
  },
  /** The plain form without other photographs: minus the mean cosine to the clean picture's views. */
  cosine: { loss: minusCosine, metric: minusCosine },
};

function minusCosine(z: tf.Tensor2D, clean: tf.Tensor3D): tf.Tensor1D {
  return tf.tidy(() => tf.neg(tf.mean(cosines(unitLength(z), clean), 1)));
}

/** Cosines of each row of z, [B, D], of length 1, with its own M vectors, [B, M, D]: [B, M]. */
function cosines(z: tf.Tensor2D, own: tf.Tensor3D): tf.Tensor2D {
  const [count, views, length] = own.shape;
  const unit = tf.reshape(unitLength(tf.reshape(own, [count * views, length])), own.shape);
  return tf.sum(tf.mul(tf.expandDims(z, 1), unit), 2);
}
