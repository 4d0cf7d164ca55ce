/**
 * The Bayes error by local averaging of the posterior (arXiv 2511.08191): the class posterior of an embedding
 * comes from its similarity to labelled embeddings, and no classifier can avoid the error 1 - max_c p(c|x)
 * there.
 *
 * All is computed from log-similarities with log-sum-exp. The authors divide by (sum + 1e-8). Where all
 * similarities of an isolated point underflow, that gives an error of 1 without a gradient; here such a point
 * keeps the posterior of its nearest neighbours and has a gradient. Elsewhere the two agree; see
 * {@link logStabilised}.
 */
import * as tf from "@tensorflow/tfjs-core";
import { dotProducts, type Labels, logSumExp, oneHotLabels } from "./tensor-ops.ts";

/** The similarity of two embeddings z and r. */
export type Kernel =
  /** exp(-||z - r||^2 / (2 sigma^2)); `sigma` in the units of the embedding. */
  | { readonly kind: "rbf"; readonly sigma: number }
  /** 1 / (1 + exp(-z.r)) */
  | { readonly kind: "logistic" }
  /** exp(z.r + b): with a linear classifier's weight vectors as r, the posterior is its softmax. b is [N]. */
  | { readonly kind: "softmax"; readonly bias: tf.Tensor1D };

/** Labelled embeddings that stand for the clean pictures that a scraper already has. */
export interface PrototypeBank {
  /** [N, D] */
  readonly prototypes: tf.Tensor2D;
  /** Class of each prototype, 0..numClasses-1; N of them. */
  readonly labels: Int32Array;
  readonly numClasses: number;
  readonly kernel: Kernel;
}

/** In place of log 0. Finite, so that sums and products with it never become NaN. */
const LOG_ZERO = -1e30;

/**
 * Class posterior of embeddings, given a prototype bank.
 * @param z [B, D]
 * @returns log p(c|z), [B, C]
 */
export function logPosterior(z: tf.Tensor2D, bank: PrototypeBank): tf.Tensor2D {
  const { prototypes, labels, numClasses, kernel } = bank;
  return tf.tidy(() => {
    const dot = tf.transpose(dotProducts(prototypes, z));
    return classPosterior(logSimilarity(z, prototypes, dot, kernel), labels, numClasses, kernel);
  });
}

/**
 * Class posterior of each embedding of a labelled set, given all the others (leave one out). Holds an [N, N]
 * matrix; joint-error.ts computes the same without one.
 * @param z [N, D]
 * @param labels class of each embedding, N of them
 * @returns log p(c|i), [N, C]
 */
export function leaveOneOutLogPosterior(
  z: tf.Tensor2D,
  labels: Int32Array,
  numClasses: number,
  kernel: Kernel,
): tf.Tensor2D {
  return tf.tidy(() => {
    const self = tf.mul(tf.eye(z.shape[0]), LOG_ZERO);
    const dot: tf.Tensor2D = tf.matMul(z, z, false, true);
    return classPosterior(tf.add(logSimilarity(z, z, dot, kernel), self), labels, numClasses, kernel);
  });
}

/**
 * Local Bayes error e = 1 - max_c p(c|x) of each row; the paper's Bayes error is the mean over the rows.
 * At a tie the gradient is that of the first of the likeliest classes.
 * @param logP [B, C]
 * @returns [B], 0..1-1/C
 */
export function bayesError(logP: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const top = tf.oneHot(tf.argMax(logP, 1) as tf.Tensor1D, logP.shape[1]);
    return tf.sub(1, tf.sum(tf.mul(tf.exp(logP), top), 1));
  });
}

/**
 * Log of the label error o = 1 - p(y0|x), computed as the log-sum-exp of all other classes, which is exact
 * also where p(y0|x) is close to 1.
 * @param logP [B, C]
 * @param label y0, 0..C-1
 * @returns [B], at most 0
 */
export function logLabelError(logP: tf.Tensor2D, label: Labels): tf.Tensor1D {
  return tf.tidy(() => {
    const withoutLabel = tf.mul(oneHotLabels(label, logP.shape[1]), LOG_ZERO);
    return logSumExp(tf.add(logP, withoutLabel), 1);
  });
}

/**
 * Log-similarities log s(z_i, r_j), [B, N], of z, [B, D], and r, [N, D], given their dot products z r^T,
 * [B, N].
 */
function logSimilarity(z: tf.Tensor2D, r: tf.Tensor2D, dot: tf.Tensor2D, kernel: Kernel): tf.Tensor2D {
  switch (kernel.kind) {
    case "rbf": {
      const norms = tf.add(tf.sum(tf.square(z), 1, true), tf.reshape(tf.sum(tf.square(r), 1), [1, -1]));
      const squaredDistance = tf.sub(norms, tf.mul(dot, 2));
      return tf.mul(squaredDistance, -0.5 / kernel.sigma ** 2) as tf.Tensor2D;
    }
    case "logistic":
      return tf.neg(tf.softplus(tf.neg(dot)));
    case "softmax":
      return tf.add(dot, kernel.bias) as tf.Tensor2D;
  }
}

/** Sums similarities [B, N] within each class and normalises the sums: log p(c|i), [B, C]. */
function classPosterior(
  logS: tf.Tensor2D,
  labels: Int32Array,
  numClasses: number,
  kernel: Kernel,
): tf.Tensor2D {
  return posteriorOfClassSums(logClassSums(logS, labels, numClasses), kernel);
}

/** Logs of the sums of the similarities, [B, N], within each class, [B, C]. */
function logClassSums(logS: tf.Tensor2D, labels: Int32Array, numClasses: number): tf.Tensor2D {
  const perClass = labels.length / numClasses;
  const sorted = Number.isInteger(perClass) && labels.every((label, j) => label === Math.floor(j / perClass));
  if (!sorted) return logSumExp(tf.add(tf.expandDims(logS, 1), logMembership(labels, numClasses)), 2);
  // Equally many of each class, sorted by class: the sum needs N terms a row and not N C.
  return perClass === 1 ? logS : logSumExp(tf.reshape(logS, [-1, numClasses, perClass]), 2);
}

/** log p(c|i), [B, C], from the logs of the class sums of the similarities, [B, C]. */
export function posteriorOfClassSums(logClassSums: tf.Tensor2D, kernel: Kernel): tf.Tensor2D {
  const logSum = logSumExp(logClassSums, 1, true);
  const posterior = tf.sub<tf.Tensor2D>(logClassSums, logSum);
  // Softmax similarities have no absolute scale: z.r + b and z.r + b + 7 are the same classifier.
  return kernel.kind === "softmax" ? posterior : tf.add(posterior, logStabilised(logSum));
}

/** The constant that the authors add to the sum of similarities Z. */
const STABILISER = 1e-8;

/**
 * Log of the factor by which the authors' stabiliser lowers the posterior. Their factor is Z / (Z + 1e-8).
 * This one equals it to third order where Z is larger than 1e-8, but returns to 1 where Z goes to 0, where
 * theirs makes the posterior vanish. With u = Z / 1e-8 it is 1 - u / (u^2 + u + 1).
 */
function logStabilised(logSum: tf.Tensor): tf.Tensor {
  const u = tf.exp(tf.sub(logSum, Math.log(STABILISER)));
  return tf.log1p(tf.neg(tf.div(u, tf.add(tf.add(tf.square(u), u), 1))));
}

/** [1, C, N]: log 1 where prototype j is of class c, log 0 elsewhere. */
function logMembership(labels: Int32Array, numClasses: number): tf.Tensor3D {
  const mask = new Float32Array(numClasses * labels.length).fill(LOG_ZERO);
  labels.forEach((label, j) => {
    mask[label * labels.length + j] = 0;
  });
  return tf.tensor3d(mask, [1, numClasses, labels.length]);
}
