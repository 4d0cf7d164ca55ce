/**
 * Where a picture lies among others in a surrogate's feature space, for objectives that need no names of things.
 *
 * The kernel posterior of bayes-error.ts, with other classes: the clean picture's own neighbourhood, whose prototype is the
 * clean picture's embedding z0, against the neighbourhoods of a bank of other photographs. A head that someone trains on a
 * network learns from where a picture's features are, whatever the network would call it; so they are moved.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { FeatureObjectiveId } from "../shared/report.ts";
import { logLabelError, posteriorOfClassSums, products } from "./bayes-error.ts";
import { unitLength } from "./joint.ts";

/** Other photographs, as centres of their embeddings. */
export interface FeatureBank {
  /** [K, D], each of length 1; every one is a class of its own. */
  readonly centres: tf.Tensor2D;
  /** Width of the RBF kernel, in units of the embeddings' length. */
  readonly sigma: number;
}

/** Functions of embeddings z and of those of the clean pictures, z0, [B, D] each, of any length; each gives one number a row, [B]. */
export interface FeatureObjective {
  /** What the ascent climbs: smooth, with a gradient everywhere but at z0 itself. */
  raise(z: tf.Tensor2D, z0: tf.Tensor2D, bank: FeatureBank): tf.Tensor1D;
  /** What is meant: by this the best of the points on the way is chosen. */
  measure(z: tf.Tensor2D, z0: tf.Tensor2D, bank: FeatureBank): tf.Tensor1D;
}

/** The class of the clean picture's own neighbourhood. */
const OWN = 0;

/**
 * Posterior of the neighbourhoods, z0's own first: p(own | z) = s(z, z0) / (s(z, z0) + sum_k s(z, r_k)), s the RBF kernel of
 * embeddings at length 1.
 * @returns log p, [B, 1 + K]
 */
export function featureLogPosterior(
  z: tf.Tensor2D,
  z0: tf.Tensor2D,
  { centres, sigma }: FeatureBank,
): tf.Tensor2D {
  return tf.tidy(() => {
    const at = unitLength(z);
    const own = cosines(at, unitLength(z0));
    const others = tf.transpose(products(centres, at));
    // -|z - r|^2 / (2 sigma^2) of embeddings of length 1.
    const logS = tf.div(tf.sub(tf.concat([tf.expandDims(own, 1), others], 1), 1), sigma ** 2);
    return posteriorOfClassSums(logS as tf.Tensor2D, { kind: "rbf", sigma });
  });
}

/** The label error in feature space: o = 1 - p(own | z), 0..1, of each row, [B]. */
export function featureError(z: tf.Tensor2D, z0: tf.Tensor2D, bank: FeatureBank): tf.Tensor1D {
  return tf.tidy(() => tf.exp(logLabelError(featureLogPosterior(z, z0, bank), OWN)));
}

export const featureObjectives: Readonly<Record<FeatureObjectiveId, FeatureObjective>> = {
  features: {
    /** The log-odds log(o / (1 - o)) of the label error. They never level off: a head can tell pictures apart far beyond o = 0.99. */
    raise: (z, z0, bank) => {
      const logP = featureLogPosterior(z, z0, bank);
      return tf.sub(logLabelError(logP, OWN), tf.squeeze(tf.slice(logP, [0, OWN], [-1, 1]), [1]));
    },
    measure: featureError,
  },
  /** The plain form, which knows no other pictures. */
  cosine: { raise: minusCosine, measure: minusCosine },
};

function minusCosine(z: tf.Tensor2D, z0: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => tf.neg(cosines(unitLength(z), unitLength(z0))));
}

/** Scalar products row by row, [B]. */
function cosines(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.mul(a, b), 1);
}
