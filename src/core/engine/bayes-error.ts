/**
 * The Bayes error by local averaging of the posterior (arXiv 2511.08191): the class posterior of an embedding is
 * its similarity to labelled embeddings, and the error no classifier can avoid there is 1 - max_c p(c|x).
 *
 * Everything is computed from log-similarities with log-sum-exp. The authors' form divides by (sum + 1e-8), which
 * turns an isolated point, all of whose similarities underflow, into an error of 1 with no gradient; here such a
 * point keeps the posterior of its nearest neighbours and a direction to ascend. Elsewhere the two agree, for which
 * see {@link logRetained}.
 */
import * as tf from "@tensorflow/tfjs-core";

/** How alike two embeddings z and r are. */
export type Kernel =
  /** exp(-||z - r||^2 / (2 sigma^2)); `sigma` in the units of the embedding. */
  | { readonly kind: "rbf"; readonly sigma: number }
  /** 1 / (1 + exp(-z.r)) */
  | { readonly kind: "logistic" }
  /** exp(z.r + b): with a linear classifier's weight vectors as r, the posterior is its softmax. `bias` is [N]. */
  | { readonly kind: "softmax"; readonly bias: tf.Tensor1D };

/** Labelled embeddings that stand for the clean data a scraper already holds. */
export interface ReferenceBank {
  /** [N, D] */
  readonly prototypes: tf.Tensor2D;
  /** Class of each prototype, 0..numClasses-1; N of them. */
  readonly labels: Int32Array;
  readonly numClasses: number;
  readonly kernel: Kernel;
}

/** Stands for log 0; finite, so that sums and products with it never become NaN. */
const LOG_ZERO = -1e30;

/**
 * Posterior of embeddings against a bank.
 * @param z [B, D]
 * @returns log p(c|z), [B, C]
 */
export function logPosterior(z: tf.Tensor2D, bank: ReferenceBank): tf.Tensor2D {
  const { prototypes, labels, numClasses, kernel } = bank;
  return tf.tidy(() => {
    const dot = tf.transpose(products(prototypes, z));
    return classPosterior(logSimilarity(z, prototypes, dot, kernel), labels, numClasses, kernel);
  });
}

/**
 * Posterior of each embedding of a labelled set against all the others (leave one out).
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
 * Local Bayes error e = 1 - max_c p(c|x) of each row; the paper's quantity is its mean.
 * At a tie the gradient is that of the first of the largest classes.
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
 * Log of the label error o = 1 - p(y0|x), as the log-sum-exp of all other classes: exact where p(y0|x) is close to 1.
 * @param logP [B, C]
 * @param label y0, 0..C-1; one for all rows, or one a row
 * @returns [B], at most 0
 */
export function logLabelError(logP: tf.Tensor2D, label: number | Int32Array): tf.Tensor1D {
  return tf.tidy(() => {
    const labels = typeof label === "number" ? [label] : label;
    const others = tf.mul(tf.oneHot(labels, logP.shape[1]), LOG_ZERO);
    return logSumExp(tf.add(logP, others), 1);
  });
}

/**
 * r z^T, [N, B], of r [N, D], which stands still, and z [B, D]. As in `applySeparable`, the gradient avoids products with
 * transposed flags, for which WASM has no fast way.
 */
export function products(r: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor2D {
  const multiply = tf.customGrad<tf.Tensor2D>((...inputs) => {
    const [moving, save] = inputs as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    save([r]);
    return {
      value: tf.matMul(r, tf.transpose(moving)) as tf.Tensor2D,
      gradFunc: (dy, saved) => tf.matMul(tf.transpose(dy), saved[0] as tf.Tensor2D),
    };
  });
  return multiply(z);
}

/** `tf.logSumExp` over one axis, whose gradient is the softmax; tfjs's own goes through comparisons, which are slow on WASM. */
export function logSumExp<T extends tf.Tensor>(x: tf.Tensor, axis: number, keepDims = false): T {
  const sum = tf.customGrad((...inputs) => {
    const [x, save] = inputs as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    const value = tf.logSumExp(x, axis, true);
    save([x, value]);
    return {
      value,
      gradFunc: (dy, saved) => {
        const [x, value] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(dy, tf.exp(tf.sub(x, value)));
      },
    };
  })(x);
  return (keepDims ? sum : tf.squeeze(sum, [axis])) as T;
}

/** Log-similarities log s(z_i, r_j), [B, N], of z [B, D] and r [N, D], whose products z r^T are `dot`. */
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

/** Sums similarities [B, N] class by class and normalises: log p(c|i), [B, C]. */
function classPosterior(
  logS: tf.Tensor2D,
  labels: Int32Array,
  numClasses: number,
  kernel: Kernel,
): tf.Tensor2D {
  return posteriorOfClassSums(logClassSums(logS, labels, numClasses), kernel);
}

/** Logs of the similarities [B, N] summed class by class, [B, C]. */
function logClassSums(logS: tf.Tensor2D, labels: Int32Array, numClasses: number): tf.Tensor2D {
  const perClass = labels.length / numClasses;
  const sorted = Number.isInteger(perClass) && labels.every((label, j) => label === Math.floor(j / perClass));
  if (!sorted) return logSumExp(tf.add(tf.expandDims(logS, 1), otherClasses(labels, numClasses)), 2);
  // As many of each class, in order: no need to look at each prototype once for each class.
  return perClass === 1 ? logS : logSumExp(tf.reshape(logS, [-1, numClasses, perClass]), 2);
}

/** log p(c|i), [B, C], of the logs of the similarities summed class by class, [B, C]. */
export function posteriorOfClassSums(classSums: tf.Tensor2D, kernel: Kernel): tf.Tensor2D {
  const logSum = logSumExp(classSums, 1, true);
  const posterior = tf.sub<tf.Tensor2D>(classSums, logSum);
  // Softmax similarities have no scale of their own (z.r + b and z.r + b + 7 are the same classifier).
  return kernel.kind === "softmax" ? posterior : tf.add(posterior, logRetained(logSum));
}

/** What the authors add to the sum of similarities Z. */
const STABILISER = 1e-8;

/**
 * The share of the posterior's mass that is left by the authors' stabiliser, as a log: Z / (Z + 1e-8) to third order
 * where Z is larger than 1e-8, but back to 1, not to 0, where Z vanishes and their posterior would vanish with it.
 * With u = Z / 1e-8 it is 1 - u / (u^2 + u + 1).
 */
function logRetained(logSum: tf.Tensor): tf.Tensor {
  const u = tf.exp(tf.sub(logSum, Math.log(STABILISER)));
  return tf.log1p(tf.neg(tf.div(u, tf.add(tf.add(tf.square(u), u), 1))));
}

/** [1, C, N]: 0 where prototype j is of class c, log 0 elsewhere. */
function otherClasses(labels: Int32Array, numClasses: number): tf.Tensor3D {
  const mask = new Float32Array(numClasses * labels.length).fill(LOG_ZERO);
  labels.forEach((label, j) => {
    mask[label * labels.length + j] = 0;
  });
  return tf.tensor3d(mask, [1, numClasses, labels.length]);
}
