/**
 * The similarities of a labelled set, summed within each class: for each point i and class c the sum of
 * s(z_i, z_j) over all j of class c but i itself. They are all that the leave-one-out posterior needs, and
 * take [N, C] numbers where the similarities take [N, N].
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Kernel, posteriorOfClassSums } from "./bayes-error.ts";
import { dotProducts } from "./tensor-ops.ts";

export interface LabelledSet {
  /** z, [N, D], row by row; {@link replaceRows} writes into it. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  /** Class of each row, 0..numClasses-1. */
  readonly labels: Int32Array;
  readonly numClasses: number;
}

export type RbfKernel = Extract<Kernel, { kind: "rbf" }>;

export interface ClassSums {
  readonly set: LabelledSet;
  readonly kernel: RbfKernel;
  /** [N, C]. In double precision, since updates add and subtract differences. */
  readonly sums: Float64Array;
}

/** A range of rows of a set. */
export interface Rows {
  readonly from: number;
  readonly count: number;
}

/** Most rows that are compared with others at once. */
const BLOCK = 1024;
/** In place of a sum of 0 where a logarithm is taken. */
const TINY = 1e-37;

/** Computes the similarities of all pairs, once. */
export function computeClassSums(set: LabelledSet, kernel: RbfKernel): ClassSums {
  const sums = new Float64Array(set.labels.length * set.numClasses);
  const state = { set, kernel, sums };
  for (const block of blocks(0, set.labels.length)) sumRows(state, block);
  return state;
}

/** Moves rows to new embeddings, [count, D], and updates the sums of the whole set. */
export function replaceRows(state: ClassSums, from: number, z: Float32Array): void {
  const { set, sums } = state;
  const rows = { from, count: z.length / set.dimension };
  tf.tidy(() => {
    const [before, after] = [embeddingsOf(set, rows), tf.tensor2d(z, [rows.count, set.dimension])];
    const classes = oneHotClasses(set, rows);
    for (const block of otherRows(set, rows)) {
      const lost = contribution(state, before, classes, block);
      contribution(state, after, classes, block).forEach((value, i) => {
        const at = block.from * set.numClasses + i;
        sums[at] = Math.max(0, (sums[at] as number) + value - (lost[i] as number));
      });
    }
  });
  set.embeddings.set(z, from * set.dimension);
  sumRows(state, rows);
}

/** Computes the sums of some rows anew. */
function sumRows({ set, kernel, sums }: ClassSums, rows: Rows): void {
  const start = rows.from * set.numClasses;
  const add = (part: tf.Tensor2D) => {
    part.dataSync().forEach((value, i) => {
      sums[start + i] = (sums[start + i] as number) + value;
    });
  };
  sums.fill(0, start, start + rows.count * set.numClasses);
  tf.tidy(() => {
    const z = embeddingsOf(set, rows);
    add(tf.matMul(similarityWithin(z, kernel), oneHotClasses(set, rows)));
    for (const block of otherRows(set, rows))
      tf.tidy(() =>
        add(tf.matMul(similarity(z, embeddingsOf(set, block), kernel), oneHotClasses(set, block))),
      );
  });
}

/**
 * What rows with embeddings z and one-hot classes, [m, C], add to the class sums of a block of other rows,
 * [b, C].
 */
export function contribution(
  { set, kernel }: ClassSums,
  z: tf.Tensor2D,
  classes: tf.Tensor2D,
  block: Rows,
): Float32Array {
  return tf.tidy(
    () => tf.matMul(similarity(embeddingsOf(set, block), z, kernel), classes).dataSync() as Float32Array,
  );
}

/** A range of rows in blocks of at most {@link BLOCK}. */
export function* blocks(start: number, end: number): Generator<Rows> {
  for (let from = start; from < end; from += BLOCK) yield { from, count: Math.min(BLOCK, end - from) };
}

/** All rows of a set but some, in blocks. */
export function* otherRows({ labels }: LabelledSet, { from, count }: Rows): Generator<Rows> {
  yield* blocks(0, from);
  yield* blocks(from + count, labels.length);
}

/** [count, D] */
export function embeddingsOf({ embeddings, dimension }: LabelledSet, { from, count }: Rows): tf.Tensor2D {
  const values = embeddings.subarray(from * dimension, (from + count) * dimension);
  return tf.tensor2d(values, [count, dimension]);
}

export function labelsOf({ labels }: LabelledSet, { from, count }: Rows): Int32Array {
  return labels.subarray(from, from + count);
}

/** [count, C] */
export function oneHotClasses(set: LabelledSet, rows: Rows): tf.Tensor2D {
  // Not oneHot's own dtype: WASM fills a float32 one with the bits of integers.
  return tf.tidy(() => tf.cast(tf.oneHot(labelsOf(set, rows), set.numClasses), "float32") as tf.Tensor2D);
}

/** log p(c|i) of class sums, [B, C]. */
export function logPosteriorOfSums(sums: tf.Tensor2D, kernel: RbfKernel): tf.Tensor2D {
  return posteriorOfClassSums(tf.log(tf.maximum(sums, TINY)), kernel);
}

/** s(r_i, z_j), [b, m], of a constant r, [b, D], and z, [m, D], in which it is differentiable. */
export function similarity(r: tf.Tensor2D, z: tf.Tensor2D, { sigma }: RbfKernel): tf.Tensor2D {
  return tf.tidy(() => rbf(squaredLengths(r), squaredLengths(z), dotProducts(r, z), sigma));
}

/** s(z_i, z_j) of z, [m, D], with s(z_i, z_i) = 0, [m, m]. */
export function similarityWithin(z: tf.Tensor2D, { sigma }: RbfKernel): tf.Tensor2D {
  return tf.tidy(() => {
    const lengths = squaredLengths(z);
    const s = rbf(lengths, lengths, tf.matMul(z, z, false, true), sigma);
    return tf.mul(s, tf.sub(1, tf.eye(z.shape[0])));
  });
}

function squaredLengths(z: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.square(z), 1, true);
}

/** The RBF kernel of all pairs, from the squared lengths of both sides and their dot products. */
function rbf(r: tf.Tensor2D, z: tf.Tensor2D, dot: tf.Tensor2D, sigma: number): tf.Tensor2D {
  const squaredDistance = tf.sub(tf.add(r, tf.transpose(z)), tf.mul(dot, 2));
  return tf.exp(tf.mul(squaredDistance, -0.5 / sigma ** 2));
}
