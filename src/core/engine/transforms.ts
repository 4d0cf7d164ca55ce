/**
 * The transformations between a picture and a network (crop, resize, flip), as one differentiable operator: a
 * pair of matrices. A perturbation must survive many such views, so each gradient step draws a new one
 * (expectation over transformation, Athalye et al. 2018).
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "./random.ts";
import {
  composed,
  type Interval,
  type ResamplingWeights,
  resamplingWeights,
  weightsToMatrix,
} from "./resample.ts";

/**
 * A window of a picture, in its pixels; fractions are allowed. Beyond its borders the picture is mirrored.
 */
export interface View {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly flip: boolean;
  /**
   * The window is first shrunk, as sites do it, to this share (0..1) of its own side, or of the view's where
   * that is shorter.
   */
  readonly detail: number;
}

/** The views through which a network sees pictures. */
export interface ViewDistribution {
  /** Shorter side of a picture at the surrogate's scale, in sides of a view. */
  readonly sidePerInput: number;
  /**
   * Side of the views in an ascent, in pixels: smaller for small pictures, which have no detail that a network would
   * see in larger views.
   * @param shorterSide of the picture, in pixels
   * @param inputSize side of the views otherwise
   */
  ascentSide(shorterSide: number, inputSize: number): number;
  /** The centre crop: networks are evaluated on it, and so are the figures of a report. */
  centre(width: number, height: number): View;
  /**
   * Draws a view: how a picture may have been cropped, resized and mirrored before a network sees it.
   * @param factor of the picture, see `downscaleFactor` in scaled-picture.ts
   */
  sample(width: number, height: number, random: Random, factor: number): View;
}

/** By convention networks see 224 of 256 pixels of a photograph. */
const [CROP, OF] = [224, 256];

/** Views of small pictures are this many times as large, and of this side at the least; see docs/photographs.md. */
const ENLARGED = 1.5;
const LEAST_SIDE = 96;

/** Views of photographs, which sites and scrapers crop, stretch and shrink. */
export const PHOTOGRAPH_VIEWS: ViewDistribution = {
  sidePerInput: OF / CROP,
  ascentSide: (shorterSide, inputSize) =>
    Math.min(inputSize, Math.max(LEAST_SIDE, 32 * Math.ceil((ENLARGED * shorterSide) / 32))),
  centre: (width, height) => centreSquare(width, height, CROP / OF),
  sample: samplePhotographView,
};

/**
 * Views of pictures as small as a view, such as those of CIFAR-10: whole, shifted a little, and mirrored half
 * the time.
 */
export const THUMBNAIL_VIEWS: ViewDistribution = {
  sidePerInput: 1,
  ascentSide: (_, inputSize) => inputSize,
  centre: (width, height) => centreSquare(width, height, 1),
  sample(width, height, random) {
    const whole = centreSquare(width, height, 1);
    const shift = () => (Math.floor(random.between(-LONGEST_SHIFT, LONGEST_SHIFT + 1)) * whole.width) / 32;
    return { ...whole, top: whole.top + shift(), left: whole.left + shift(), flip: random.next() < 0.5 };
  },
};

/** In 32nds of the shorter side. */
const LONGEST_SHIFT = 3;

/** @param share of the shorter side */
function centreSquare(width: number, height: number, share: number): View {
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

/** Most of the shorter side that a crop may cut off. */
const MOST_CROPPED = 0.45;
/**
 * Probability that a view is shrunk first, and the smallest share of its side. Where a site halves a picture
 * smaller than the surrogate's scale, it removes detail that the surrogate would see; in a larger picture it
 * removes hardly any.
 */
const SHRINKING = {
  small: { probability: 0.75, least: 0.4 },
  large: { probability: 0.5, least: 0.5 },
} as const;

/**
 * A window of 55 to 100 % of the shorter side, a little stretched, anywhere, mirrored half the time, often
 * shrunk first.
 */
function samplePhotographView(width: number, height: number, random: Random, factor: number): View {
  const { probability, least } = SHRINKING[factor < 1 ? "small" : "large"];
  const shorter = Math.min(width, height);
  const side = shorter * (1 - MOST_CROPPED * random.next() ** 2);
  const stretch = Math.exp(random.between(-0.15, 0.15));
  const viewWidth = Math.min(width, side * stretch);
  const viewHeight = Math.min(height, side / stretch);
  return {
    top: random.between(0, height - viewHeight),
    left: random.between(0, width - viewWidth),
    height: viewHeight,
    width: viewWidth,
    flip: random.next() < 0.5,
    detail: random.next() < probability ? random.between(least, 1) : 1,
  };
}

/**
 * A view as a pair of matrices, which read only a part X of a channel: the view is rows X cols^T. So its cost does not grow
 * with the rest of the picture.
 */
export interface ViewOperator {
  /** Where the part begins, in pixels. */
  readonly top: number;
  readonly left: number;
  /** [size, height of the part] */
  readonly rows: tf.Tensor2D;
  /** [size, width of the part] */
  readonly cols: tf.Tensor2D;
}

/** How a picture's columns and rows are resampled. */
export interface PlaneResampling {
  readonly down: readonly ResamplingWeights[];
  readonly across: readonly ResamplingWeights[];
}

/** Resamples a window of a picture of `width` x `height` to a square of `size` pixels. */
export function viewResampling(view: View, width: number, height: number, size: number): PlaneResampling {
  const across = axisWeights(width, { start: view.left, length: view.width }, view.detail, size);
  return {
    down: axisWeights(height, { start: view.top, length: view.height }, view.detail, size),
    across: view.flip ? across.reverse() : across,
  };
}

/** The operator of a resampling. */
export function operatorOf({ down, across }: PlaneResampling): ViewOperator {
  const [rows, cols] = [readPart(down), readPart(across)];
  return { top: rows.first, left: cols.first, rows: rows.matrix, cols: cols.matrix };
}

/** The part of the input that any sample needs, and the matrix from it, [samples, part]. */
function readPart(samples: readonly ResamplingWeights[]): { first: number; matrix: tf.Tensor2D } {
  const first = Math.min(...samples.map((sample) => sample.first));
  const length = Math.max(...samples.map((sample) => sample.first + sample.weights.length)) - first;
  const moved = samples.map((sample) => ({ ...sample, first: sample.first - first }));
  return { first, matrix: tf.tensor2d(weightsToMatrix(moved, length), [samples.length, length]) };
}

/** A view along one axis of n pixels. */
function axisWeights(n: number, window: Interval, detail: number, size: number): ResamplingWeights[] {
  if (detail >= 1) return windowWeights(n, size, window);
  const fewer = Math.max(1, Math.round(detail * Math.min(size, window.length)));
  return composed(resamplingWeights(fewer, size), windowWeights(n, fewer, window));
}

/** Resamples a window of n samples, mirrored beyond both ends, to `outSize` samples. */
function windowWeights(n: number, outSize: number, { start, length }: Interval): ResamplingWeights[] {
  const before = Math.max(0, Math.ceil(-start));
  const padded = before + n + Math.max(0, Math.ceil(start + length - n));
  const weights = resamplingWeights(padded, outSize, { start: start + before, length });
  if (padded === n) return weights;
  const mirrored = Array.from({ length: padded }, (_, i) => {
    const source = Math.abs(i - before);
    return { first: source < n ? source : 2 * (n - 1) - source, weights: Float32Array.of(1) };
  });
  return composed(weights, mirrored);
}

/**
 * Applies a separable operator to each channel: rows X cols^T. The gradient is the separable operator of the
 * transposed matrices; tfjs's own gradient uses matrix products with transposed flags, which are slow on
 * WASM.
 * @param x [h, w, c]
 * @returns [rows, cols, c]
 */
export function applySeparable(x: tf.Tensor3D, { top, left, rows, cols }: ViewOperator): tf.Tensor3D {
  const [height, width, channels] = x.shape;
  const [readHeight, readWidth] = [rows.shape[1], cols.shape[1]];
  const apply = tf.customGrad<tf.Tensor3D>((...inputs) => {
    const [input, save] = inputs as [tf.Tensor3D, (tensors: tf.Tensor[]) => void];
    save([rows, cols]);
    return {
      value: tf.tidy(() =>
        multiply(tf.slice(input, [top, left, 0], [readHeight, readWidth, channels]), rows, cols),
      ),
      gradFunc: (dy, saved) => {
        const [savedRows, savedCols] = saved as [tf.Tensor2D, tf.Tensor2D];
        return tf.tidy(() =>
          tf.pad(multiply(dy, tf.transpose(savedRows), tf.transpose(savedCols)), [
            [top, height - top - readHeight],
            [left, width - left - readWidth],
            [0, 0],
          ]),
        );
      },
    };
  });
  return apply(x);
}

/**
 * Resizes views, [B, S, S, C], to squares of another side, [B, side, side, C], bilinear. (The gradient of
 * tfjs's own resizing ignores the half-pixel offset.)
 */
export function resizeViews(views: tf.Tensor4D, side: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [count, from] = views.shape;
    const along = tf.tensor2d(weightsToMatrix(resamplingWeights(from, side), from), [side, from]);
    const each = Array.from({ length: count }, (_, i) => {
      const view = tf.squeeze(tf.slice(views, i, 1), [0]) as tf.Tensor3D;
      return applySeparable(view, { top: 0, left: 0, rows: along, cols: along });
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
