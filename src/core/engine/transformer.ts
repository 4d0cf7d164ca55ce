/**
 * The layers of a vision transformer beside convolutions. Tokens keep their position in the picture,
 * [B, h, w, D], so that a dense layer is a 1x1 convolution.
 *
 * A small network spends more time on the overhead of operations than on arithmetic, so these layers use few.
 * Linear factors, such as the scale after a normalisation or before a softmax, are folded into the kernels of
 * the neighbouring convolutions.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Layer, saveForBackward } from "./layers.ts";

/**
 * Adds an embedding of its position to each token.
 * @param table added to the tokens of each picture, [h, w, D]; owned by the layer from now on
 */
export function positionEmbedding(table: tf.Tensor3D): Layer {
  return {
    // Adding a constant leaves the gradient as it is, so there is no backward step.
    run: (x) => tf.add(x, table),
    dispose: () => table.dispose(),
  };
}

/** Layer normalisation without scale and shift: the channels of each token get mean 0 and variance 1. */
export function normalisation(epsilon: number): Layer {
  return {
    run(x, tape) {
      const [y, scale] = tf.tidy(() => {
        const centred = tf.sub(x, channelMean(x));
        const scale = tf.rsqrt(tf.add(channelMean(tf.square(centred)), epsilon));
        return [tf.mul(centred, scale), scale];
      }) as [tf.Tensor4D, tf.Tensor4D];
      if (!tape) scale.dispose();
      else
        saveForBackward(tape, [y, scale], (dy, [y, scale]) => {
          const along = tf.mul(y, channelMean(tf.mul(dy, y)));
          return tf.mul(tf.sub(tf.sub(dy, channelMean(dy)), along), scale);
        });
      return y;
    },
    dispose() {},
  };
}

const channelMean = (x: tf.Tensor): tf.Tensor4D => tf.mean(x, 3, true);

/** x P(N < x) of a standard normal N, not the approximation by tanh. */
export function gelu(): Layer {
  return {
    run(x, tape) {
      const [y, slope] = tf.tidy(() => {
        const u = tf.mul(x, Math.SQRT1_2);
        const below = tf.mul(tf.add(tf.erf(u), 1), 0.5);
        const y = tf.mul(x, below);
        if (!tape) return [y];
        const density = tf.exp(tf.sub(-Math.log(2 * Math.PI) / 2, tf.square(u)));
        return [y, tf.add(below, tf.mul(x, density))];
      }) as [tf.Tensor4D, tf.Tensor4D?];
      if (tape && slope) saveForBackward(tape, [slope], (dy, [slope]) => tf.mul(dy, slope));
      return y;
    },
    dispose() {},
  };
}

/**
 * Self-attention: in each head, each token gets the mean of all tokens' values, weighted by the softmax of
 * its query times their keys. From [B, h, w, 3D], the queries, keys and values of each token, head by head,
 * to [B, h, w, D]. The queries must already be divided by the square root of their length, D / heads.
 */
export function attention(heads: number): Layer {
  return {
    run(x, tape) {
      const [batch, height, width, depth] = x.shape;
      const [y, ...saved] = tf.tidy(() => {
        // Parts before pictures, so that queries, keys and values are contiguous.
        const [q, k, v] = tf.split(splitParts(x, 3 * heads), 3) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
        const weights = tf.softmax<tf.Tensor3D>(tf.matMul(q, k, false, true));
        const y = mergeParts(tf.matMul(weights, v), heads, [batch, height, width, depth / 3]);
        return [y, q, k, v, weights];
      }) as [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      if (!tape) tf.dispose(saved);
      else
        saveForBackward(tape, saved, (dy, [q, k, v, weights]) => {
          const dOut = splitParts(dy, heads);
          const weighted = tf.mul(weights, tf.matMul(dOut, v, false, true));
          const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, 2, true))) as tf.Tensor3D;
          const dx = [tf.matMul(dScores, k), tf.matMul(dScores, q, true), tf.matMul(weights, dOut, true)];
          return mergeParts(tf.concat(dx as tf.Tensor3D[]), 3 * heads, x.shape);
        });
      return y;
    },
    dispose() {},
  };
}

/**
 * From [B, h, w, parts * d] to [parts * B, h * w, d], by a transposition of three dimensions: WASM is slow at
 * five.
 */
function splitParts(x: tf.Tensor4D, parts: number): tf.Tensor3D {
  const [batch, height, width, depth] = x.shape;
  const length = depth / parts;
  const byPart = tf.transpose(tf.reshape(x, [batch * height * width, parts, length]), [1, 0, 2]);
  return tf.reshape(byPart, [parts * batch, height * width, length]);
}

/** The inverse of {@link splitParts}. */
function mergeParts(x: tf.Tensor3D, parts: number, shape: tf.Tensor4D["shape"]): tf.Tensor4D {
  const [batch, height, width, depth] = shape;
  const byPart = tf.reshape(x, [parts, batch * height * width, depth / parts]);
  return tf.reshape(tf.transpose(byPart, [1, 0, 2]), shape);
}
