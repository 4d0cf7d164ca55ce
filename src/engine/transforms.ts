/**
 * What happens to a picture on its way to a network, as differentiable operators: crop, resize and flip in one pair
 * of matrices. A perturbation must survive many such views, so each step of the ascent draws a new one
 * (expectation over transformation).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "./random.ts";
import { resamplingTaps, tapsToMatrix } from "./resample.ts";

/** A window of a canvas, in its pixels; fractions are allowed. */
export interface View {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly flip: boolean;
  /** The window is first shrunk to this share of the view's size, as sites shrink pictures; 0..1. */
  readonly detail: number;
}

/** Share of the shorter side that networks look at by convention: 224 of 256. */
const CENTRE_SHARE = 0.875;

/** The middle square: what a network is usually shown, and where figures are measured. */
export function centreView(width: number, height: number): View {
  const side = CENTRE_SHARE * Math.min(width, height);
  return {
    top: (height - side) / 2,
    left: (width - side) / 2,
    height: side,
    width: side,
    flip: false,
    detail: 1,
  };
}

/**
 * A window drawn at random: 55 to 100 % of the shorter side, a little stretched, anywhere, mirrored half the time,
 * shrunk first half the time.
 */
export function randomView(width: number, height: number, random: Random): View {
  const shorter = Math.min(width, height);
  const side = shorter * random.between(0.55, 1);
  const stretch = Math.exp(random.between(-0.15, 0.15));
  const viewWidth = Math.min(width, side * stretch);
  const viewHeight = Math.min(height, side / stretch);
  return {
    top: random.between(0, height - viewHeight),
    left: random.between(0, width - viewWidth),
    height: viewHeight,
    width: viewWidth,
    flip: random.next() < 0.5,
    detail: random.next() < 0.5 ? 1 : random.between(0.5, 1),
  };
}

/** A view as a pair of matrices: the view of X is rows X cols^T. */
export interface ViewOperator {
  /** [size, canvas height] */
  readonly rows: tf.Tensor2D;
  /** [size, canvas width] */
  readonly cols: tf.Tensor2D;
}

/** The operator that shows a window of a canvas as a square of `size` pixels. */
export function viewOperator(view: View, width: number, height: number, size: number): ViewOperator {
  return {
    rows: showAlong(height, view.top, view.height, view.detail, size),
    cols: tf.tidy(() => {
      const cols = showAlong(width, view.left, view.width, view.detail, size);
      return view.flip ? tf.reverse(cols, 0) : cols;
    }),
  };
}

/** One side of a view: [size, n]. */
function showAlong(n: number, start: number, length: number, detail: number, size: number): tf.Tensor2D {
  if (detail >= 1) return tf.tensor2d(tapsToMatrix(resamplingTaps(n, size, start, length), n), [size, n]);
  const fewer = Math.max(1, Math.round(detail * size));
  return tf.tidy(() => {
    const shrink = tf.tensor2d(tapsToMatrix(resamplingTaps(n, fewer, start, length), n), [fewer, n]);
    const enlarge = tf.tensor2d(tapsToMatrix(resamplingTaps(fewer, size), fewer), [size, fewer]);
    return tf.matMul(enlarge, shrink);
  });
}

/**
 * Applies a separable operator to each channel: rows X cols^T.
 * @param x [h, w, c]
 * @returns [rows, cols, c]
 */
export function applySeparable(x: tf.Tensor3D, { rows, cols }: ViewOperator): tf.Tensor3D {
  return tf.tidy(() => {
    const [h, w, c] = x.shape;
    const [outH, outW] = [rows.shape[0], cols.shape[0]];
    const tall = tf.matMul(rows, tf.reshape(x, [h, w * c])); // [outH, w*c]
    const columns = tf.transpose(tf.reshape(tall, [outH, w, c]), [1, 0, 2]); // [w, outH, c]
    const square = tf.matMul(cols, tf.reshape(columns, [w, outH * c])); // [outW, outH*c]
    return tf.transpose(tf.reshape(square, [outW, outH, c]), [1, 0, 2]);
  });
}

/** Quantisation of luma and chroma at quality 50 (ITU-T T.81, annex K). */
const LUMA_STEPS = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
] as const;
const CHROMA_STEPS = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
] as const;
/** RGB to luma and two colour differences (JFIF), column by column. */
const TO_YCC = [
  [0.299, -0.168736, 0.5],
  [0.587, -0.331264, -0.418688],
  [0.114, 0.5, -0.081312],
];
const FROM_YCC = [
  [1, 1, 1],
  [0, -0.344136, 1.772],
  [1.402, -0.714136, 0],
];

/** What JPEG encoding at one quality does to square views of one size; its tensors are the caller's to dispose. */
export interface JpegTransform {
  /** @param x [size, size, 3], 0..1 */
  apply(x: tf.Tensor3D): tf.Tensor3D;
  /** What it holds on to. */
  readonly tensors: readonly tf.Tensor[];
}

/**
 * JPEG as a differentiable operator: cosine transform of 8 x 8 blocks, quantisation with the rounding of Shin and Song
 * (2017), whose gradient is not zero, and back. Chroma is not subsampled.
 * @param size a multiple of 8
 * @param quality 1..100, on the scale of libjpeg
 */
export function createJpegTransform(size: number, quality: number): JpegTransform {
  const scale = quality < 50 ? 50 / quality : 2 - quality / 50;
  const owned = tf.tidy(() => {
    const block = tf.buffer([size, size]);
    for (let i = 0; i < size; i++) {
      const [u, start] = [i % 8, i - (i % 8)];
      for (let k = 0; k < 8; k++)
        block.set((u ? 0.5 : Math.SQRT1_2 / 2) * Math.cos(((2 * k + 1) * u * Math.PI) / 16), i, start + k);
    }
    const cosines = block.toTensor() as tf.Tensor2D;
    const steps = tf.buffer([size, size, 3]);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        for (let c = 0; c < 3; c++) {
          const step = (c ? CHROMA_STEPS : LUMA_STEPS)[8 * (y % 8) + (x % 8)] as number;
          steps.set(Math.max(1, Math.round(scale * step)) / 255, y, x, c);
        }
    return {
      cosines,
      back: tf.transpose(cosines),
      steps: steps.toTensor(),
      toYcc: tf.tensor2d(TO_YCC),
      fromYcc: tf.tensor2d(FROM_YCC),
    };
  });
  const recolour = (x: tf.Tensor3D, matrix: tf.Tensor2D) =>
    tf.reshape(tf.matMul(tf.reshape(x, [size * size, 3]), matrix), [size, size, 3]) as tf.Tensor3D;
  return {
    apply: (x) =>
      tf.tidy(() => {
        const ycc = recolour(tf.sub(x, 0.5), owned.toYcc);
        const coefficients = tf.div(
          applySeparable(ycc, { rows: owned.cosines, cols: owned.cosines }),
          owned.steps,
        );
        const rounded = tf.mul(softRound(coefficients), owned.steps) as tf.Tensor3D;
        const decoded = applySeparable(rounded, { rows: owned.back, cols: owned.back });
        return tf.add(recolour(decoded, owned.fromYcc), 0.5) as tf.Tensor3D;
      }),
    tensors: Object.values(owned),
  };
}

/** round(x) + (x - round(x))^3: the rounded value nearly, with a gradient of 3 (x - round(x))^2. */
function softRound(x: tf.Tensor): tf.Tensor {
  const nearest = tf.round(x);
  const rest = tf.sub(x, nearest);
  return tf.add(nearest, tf.mul(rest, tf.square(rest)));
}
