/**
 * What happens to a picture on its way to a network, as differentiable operators: crop, resize and flip in one pair
 * of matrices. A perturbation must survive many such views, so each step of the ascent draws a new one
 * (expectation over transformation).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "./random.ts";
import { resamplingTaps, tapsToMatrix } from "./resample.ts";

/** A window of a canvas, in its pixels; fractions are allowed. Beyond its borders the canvas is mirrored. */
export interface View {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly flip: boolean;
  /** The window is first shrunk to this share of its own side, or of the view's where that is shorter, as sites shrink pictures; 0..1. */
  readonly detail: number;
}

/** How a network is shown pictures. */
export interface Viewing {
  /** Length of the canvas's shorter side, in sides of a view. */
  readonly canvasPerInput: number;
  /** The middle square: what a network is usually shown, and where figures are measured. */
  centre(width: number, height: number): View;
  /**
   * What a picture may become before a network sees it, drawn at random.
   * @param coarseness pixels of the full-size picture for one of the canvas, along a side, or of the scale at which a surrogate looks if
   * the picture is smaller than that; see mask.ts
   */
  random(width: number, height: number, random: Random, coarseness: number): View;
}

/** By convention networks look at 224 of 256 pixels of a photograph. */
const [SEEN, OF] = [224, 256];

/** Photographs: cut, stretched and shrunk by sites and scrapers. */
export const PHOTOGRAPHS: Viewing = {
  canvasPerInput: OF / SEEN,
  centre: (width, height) => middle(width, height, SEEN / OF),
  random: randomView,
};

/** Pictures as small as a view, such as those of CIFAR-10: seen whole, shifted a little, and mirrored half the time. */
export const THUMBNAILS: Viewing = {
  canvasPerInput: 1,
  centre: (width, height) => middle(width, height, 1),
  random(width, height, random) {
    const whole = middle(width, height, 1);
    const shift = () => (Math.floor(random.between(-LONGEST_SHIFT, LONGEST_SHIFT + 1)) * whole.width) / 32;
    return { ...whole, top: whole.top + shift(), left: whole.left + shift(), flip: random.next() < 0.5 };
  },
};

/** In 32nds of the shorter side. */
const LONGEST_SHIFT = 3;

/** The middle square, of a share of the shorter side. */
function middle(width: number, height: number, share: number): View {
  const side = share * Math.min(width, height);
  return {
    top: (height - side) / 2,
    left: (width - side) / 2,
    height: side,
    width: side,
    flip: false,
    detail: 1,
  };
}

const SMALLEST_SHARE_LOST = 0.45;
/**
 * How often a view is shrunk first, and to what share of its side at the least. A site that halves a picture which is smaller than the scale at
 * which the surrogate looks takes detail away that it would see; of a larger one it takes hardly any.
 */
const SHRUNK = { small: { often: 0.75, least: 0.4 }, large: { often: 0.5, least: 0.5 } } as const;

/**
 * A window drawn at random: 55 to 100 % of the shorter side, a little stretched, anywhere, mirrored half the time,
 * often shrunk first.
 */
function randomView(width: number, height: number, random: Random, coarseness: number): View {
  const { often, least } = SHRUNK[coarseness < 1 ? "small" : "large"];
  const shorter = Math.min(width, height);
  const side = shorter * (1 - SMALLEST_SHARE_LOST * random.next() ** 2);
  const stretch = Math.exp(random.between(-0.15, 0.15));
  const viewWidth = Math.min(width, side * stretch);
  const viewHeight = Math.min(height, side / stretch);
  return {
    top: random.between(0, height - viewHeight),
    left: random.between(0, width - viewWidth),
    height: viewHeight,
    width: viewWidth,
    flip: random.next() < 0.5,
    detail: random.next() < often ? random.between(least, 1) : 1,
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
  if (detail >= 1) return tf.tensor2d(windowMatrix(n, size, start, length), [size, n]);
  const fewer = Math.max(1, Math.round(detail * Math.min(size, length)));
  return tf.tidy(() => {
    const shrink = tf.tensor2d(windowMatrix(n, fewer, start, length), [fewer, n]);
    const enlarge = tf.tensor2d(tapsToMatrix(resamplingTaps(fewer, size), fewer), [size, fewer]);
    return tf.matMul(enlarge, shrink);
  });
}

/** Resamples [start, start + length) of n samples that are mirrored beyond both ends: a matrix [outSize, n], row by row. */
function windowMatrix(n: number, outSize: number, start: number, length: number): Float32Array {
  const before = Math.max(0, Math.ceil(-start));
  const wide = before + n + Math.max(0, Math.ceil(start + length - n));
  const matrix = tapsToMatrix(resamplingTaps(wide, outSize, start + before, length), wide);
  if (wide === n) return matrix;
  const folded = new Float32Array(outSize * n);
  matrix.forEach((weight, i) => {
    const source = Math.abs((i % wide) - before);
    const at = Math.floor(i / wide) * n + (source < n ? source : 2 * (n - 1) - source);
    folded[at] = (folded[at] as number) + weight;
  });
  return folded;
}

/**
 * Applies a separable operator to each channel: rows X cols^T. Its adjoint, through which gradients go, is the separable
 * operator of the transposed matrices; tfjs's own gradient multiplies with transposed flags, for which WASM has no fast way.
 * @param x [h, w, c]
 * @returns [rows, cols, c]
 */
export function applySeparable(x: tf.Tensor3D, { rows, cols }: ViewOperator): tf.Tensor3D {
  const apply = tf.customGrad<tf.Tensor3D>((...inputs) => {
    const [input, save] = inputs as [tf.Tensor3D, (tensors: tf.Tensor[]) => void];
    save([rows, cols]);
    return {
      value: multiply(input, rows, cols),
      gradFunc: (dy, saved) => {
        const [savedRows, savedCols] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.tidy(() => multiply(dy, tf.transpose(savedRows), tf.transpose(savedCols)));
      },
    };
  });
  return apply(x);
}

/**
 * Views [B, S, S, C] as squares of another side, [B, side, side, C], bilinear. (tfjs's own resizing loses the half pixel on the
 * way back.)
 */
export function resizeViews(views: tf.Tensor4D, side: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [count, from] = views.shape;
    const along = tf.tensor2d(tapsToMatrix(resamplingTaps(from, side), from), [side, from]);
    const each = Array.from({ length: count }, (_, i) => {
      const view = tf.squeeze(tf.slice(views, i, 1), [0]) as tf.Tensor3D;
      return applySeparable(view, { rows: along, cols: along });
    });
    return tf.stack(each) as tf.Tensor4D;
  });
}

function multiply(x: tf.Tensor3D, rows: tf.Tensor2D, cols: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const [h, w, c] = x.shape;
    const [outH, outW] = [rows.shape[0], cols.shape[0]];
    const tall = tf.matMul(rows, tf.reshape(x, [h, w * c])); // [outH, w*c]
    const columns = tf.transpose(tf.reshape(tall, [outH, w, c]), [1, 0, 2]); // [w, outH, c]
    const square = tf.matMul(cols, tf.reshape(columns, [w, outH * c])); // [outW, outH*c]
    return tf.transpose(tf.reshape(square, [outW, outH, c]), [1, 0, 2]);
  });
}
