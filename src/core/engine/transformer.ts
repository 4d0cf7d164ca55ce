/**
 * What a vision transformer has beside convolutions. Tokens stay in their places, [B, h, w, D], so that a dense layer is a
 * 1x1 convolution.
 *
 * A small network spends more time on the bookkeeping of operations than on numbers, so there are few; and what is linear,
 * such as the scale after a normalisation or before a softmax, is not here but in the kernels of the convolutions around.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Layer, remember } from "./layers.ts";

/**
 * Tells each token where it is.
 * @param table added to all pictures' tokens, [h, w, D]; owned by the layer from now on
 */
export function places(table: tf.Tensor3D): Layer {
  return {
    // A constant leaves the gradient as it is: no step back.
    run: (x) => tf.add(x, table),
    dispose: () => table.dispose(),
  };
}

/** Layer normalisation: each token's channels with mean 0 and variance 1, not scaled or shifted afterwards. */
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
        remember(tape, [y, scale], (dy, [y, scale]) => {
          const along = tf.mul(y, channelMean(tf.mul(dy, y)));
          return tf.mul(tf.sub(tf.sub(dy, channelMean(dy)), along), scale);
        });
      return y;
    },
    dispose() {},
  };
}

const channelMean = (x: tf.Tensor): tf.Tensor4D => tf.mean(x, 3, true);

/** x P(N < x) of a standard normal N; not its approximation by tanh. */
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
      if (tape && slope) remember(tape, [slope], (dy, [slope]) => tf.mul(dy, slope));
      return y;
    },
    dispose() {},
  };
}

/**
 * Self-attention: in each head, every token takes the mean of all tokens' values, weighted by how well their keys match its query.
 * From [B, h, w, 3D], each token's queries, keys and values, head by head, to [B, h, w, D]. Queries come divided by the square
 * root of their length, D / heads.
 */
export function attention(heads: number): Layer {
  return {
    run(x, tape) {
      const [batch, height, width, depth] = x.shape;
      const [y, ...saved] = tf.tidy(() => {
        // Parts before pictures, so that each third is in one piece.
        const [q, k, v] = tf.split(apart(x, 3 * heads), 3) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
        const weights = tf.softmax<tf.Tensor3D>(tf.matMul(q, k, false, true));
        const y = together(tf.matMul(weights, v), heads, [batch, height, width, depth / 3]);
        return [y, q, k, v, weights];
      }) as [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      if (!tape) tf.dispose(saved);
      else
        remember(tape, saved, (dy, [q, k, v, weights]) => {
          const dOut = apart(dy, heads);
          const weighted = tf.mul(weights, tf.matMul(dOut, v, false, true));
          const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, 2, true))) as tf.Tensor3D;
          const dx = [tf.matMul(dScores, k), tf.matMul(dScores, q, true), tf.matMul(weights, dOut, true)];
          return together(tf.concat(dx as tf.Tensor3D[]), 3 * heads, x.shape);
        });
      return y;
    },
    dispose() {},
  };
}

/** From [B, h, w, parts * d] to [parts * B, h * w, d]: by a transposition of three dimensions, as WASM is slow at five. */
function apart(x: tf.Tensor4D, parts: number): tf.Tensor3D {
  const [batch, height, width, depth] = x.shape;
  const length = depth / parts;
  const byPart = tf.transpose(tf.reshape(x, [batch * height * width, parts, length]), [1, 0, 2]);
  return tf.reshape(byPart, [parts * batch, height * width, length]);
}

/** The way back of `apart`. */
function together(x: tf.Tensor3D, parts: number, shape: tf.Tensor4D["shape"]): tf.Tensor4D {
  const [batch, height, width, depth] = shape;
  const byPart = tf.reshape(x, [parts, batch * height * width, depth / parts]);
  return tf.reshape(tf.transpose(byPart, [1, 0, 2]), shape);
}
