/** Small operations on tensors, some with a gradient of their own because tfjs's is slow on WASM. */
import * as tf from "@tensorflow/tfjs-core";

/** Rows of z, [B, D], scaled to length 1. */
export function unitLength(z: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.div(z, tf.sqrt(tf.add(tf.sum(tf.square(z), 1, true), 1e-12))));
}

/**
 * Dot products r z^T, [N, B], of a constant r, [N, D], and a variable z, [B, D]. The gradient avoids matrix
 * products with transposed flags, which are slow on WASM.
 */
export function dotProducts(r: tf.Tensor2D, z: tf.Tensor2D): tf.Tensor2D {
  const multiply = tf.customGrad<tf.Tensor2D>((...inputs) => {
    const [variable, save] = inputs as [tf.Tensor2D, (tensors: tf.Tensor[]) => void];
    save([r]);
    return {
      value: tf.matMul(r, tf.transpose(variable)) as tf.Tensor2D,
      gradFunc: (dy, saved) => tf.matMul(tf.transpose(dy), saved[0] as tf.Tensor2D),
    };
  });
  return multiply(z);
}

/**
 * `tf.logSumExp` over one axis, with the softmax as its gradient; tfjs's own gradient uses comparisons, which
 * are slow on WASM.
 */
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

/** p(c) or log p(c) of one class in each row of a matrix [B, C], [B]; see {@link Labels}. */
export function entryOfLabel(matrix: tf.Tensor2D, label: Labels): tf.Tensor1D {
  return tf.sum(tf.mul(matrix, oneHotLabels(label, matrix.shape[1])), 1);
}

/** One class for all rows, or one class a row. */
export type Labels = number | Int32Array;

/** [1, C] or [B, C] */
export function oneHotLabels(label: Labels, numClasses: number): tf.Tensor2D {
  return tf.oneHot(typeof label === "number" ? [label] : label, numClasses) as tf.Tensor2D;
}
