/**
 * The joint Bayes error of a labelled set: the posterior of each embedding comes from all the others (leave
 * one out), which is the paper's own setting. Moving one point changes its own posterior and that of all
 * others.
 *
 * The set is optimised in passes, chunk by chunk. While a chunk moves, the other points are fixed, and of
 * these only the class sums matter (class-sums.ts). A step therefore compares the chunk with all points, as
 * rows and as columns, and no [N, N] matrix is ever made.
 */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, logLabelError } from "./bayes-error.ts";
import type { ClassObjective } from "./class-objectives.ts";
import {
  blocks,
  type ClassSums,
  computeClassSums,
  contribution,
  embeddingsOf,
  type LabelledSet,
  labelsOf,
  logPosteriorOfSums,
  oneHotClasses,
  otherRows,
  type RbfKernel,
  type Rows,
  replaceRows,
  similarity,
  similarityWithin,
} from "./class-sums.ts";

/** The objective of the whole set while one chunk moves: functions of the chunk's embeddings z, [m, D]. */
export interface ChunkObjective {
  /** Sum of the objective's loss over the whole set; differentiable. */
  loss(z: tf.Tensor2D): tf.Scalar;
  /** Sum of the objective's metric over the whole set. */
  metric(z: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

/** Means over a labelled set. */
export interface SetErrors {
  /** Of 1 - max_c p(c|i), 0..1-1/C. */
  readonly bayesError: number;
  /** Of 1 - p(y_i|i), 0..1. */
  readonly labelError: number;
}

export interface JointError {
  errors(): SetErrors;
  /** The objective of the set while rows `from` to `from + count` move; to be disposed. */
  ofChunk(from: number, count: number, objective: ClassObjective): ChunkObjective;
  /** Writes a chunk's new embeddings into the set. */
  replaceChunk(from: number, z: Float32Array): void;
}

/** Computes the similarities of all pairs, once; holds [N, C] sums. */
export function createJointError(set: LabelledSet, kernel: RbfKernel): JointError {
  const state = computeClassSums(set, kernel);
  return {
    errors: () => errorsOf(state),
    ofChunk: (from, count, objective) => chunkObjective(state, { from, count }, objective),
    replaceChunk: (from, z) => replaceRows(state, from, z),
  };
}

function errorsOf({ set, kernel, sums }: ClassSums): SetErrors {
  const { labels, numClasses } = set;
  let bayes = 0;
  let label = 0;
  for (const block of blocks(0, labels.length)) {
    tf.tidy(() => {
      const { from, count } = block;
      const part = sums.subarray(from * numClasses, (from + count) * numClasses);
      const logP = logPosteriorOfSums(tf.tensor2d(Float32Array.from(part), [count, numClasses]), kernel);
      bayes += tf.sum(bayesError(logP)).dataSync()[0] as number;
      label += tf.sum(tf.exp(logLabelError(logP, labelsOf(set, block)))).dataSync()[0] as number;
    });
  }
  return { bayesError: bayes / labels.length, labelError: label / labels.length };
}

/** A block of fixed rows. */
interface FixedBlock {
  /** [b, D] */
  readonly z: tf.Tensor2D;
  /** One-hot, [b, C]. */
  readonly classes: tf.Tensor2D;
  readonly labels: Int32Array;
  /** Their class sums without the chunk's contribution, [b, C]. */
  readonly sums: tf.Tensor2D;
}

function chunkObjective(state: ClassSums, chunk: Rows, objective: ClassObjective): ChunkObjective {
  const { set, kernel } = state;
  const labels = labelsOf(set, chunk);
  const classes = oneHotClasses(set, chunk);
  const fixed = fixedBlocks(state, chunk, classes);
  const total = (z: tf.Tensor2D, of: ClassObjective["loss"]) =>
    tf.tidy(() => {
      let chunkSums: tf.Tensor2D = tf.matMul(similarityWithin(z, kernel), classes);
      let sum = tf.scalar(0);
      for (const block of fixed) {
        const s = similarity(block.z, z, kernel);
        chunkSums = tf.add(chunkSums, tf.matMul(s, block.classes, true));
        const blockSums = tf.add<tf.Tensor2D>(block.sums, tf.matMul(s, classes));
        sum = tf.add(sum, tf.sum(of(logPosteriorOfSums(blockSums, kernel), block.labels)));
      }
      return tf.add<tf.Scalar>(sum, tf.sum(of(logPosteriorOfSums(chunkSums, kernel), labels)));
    });
  return {
    loss: (z) => total(z, objective.loss),
    metric: (z) => total(z, objective.metric),
    dispose: () => tf.dispose([classes, ...fixed.flatMap(({ z, classes, sums }) => [z, classes, sums])]),
  };
}

/** All rows but a chunk's. */
function fixedBlocks(state: ClassSums, chunk: Rows, chunkClasses: tf.Tensor2D): FixedBlock[] {
  const { set, sums } = state;
  const { numClasses } = set;
  const z = embeddingsOf(set, chunk);
  const fixed = [...otherRows(set, chunk)].map((block) => {
    const start = block.from * numClasses;
    const withoutChunk = Float32Array.from(contribution(state, z, chunkClasses, block), (value, i) =>
      Math.max(0, (sums[start + i] as number) - value),
    );
    return {
      z: embeddingsOf(set, block),
      classes: oneHotClasses(set, block),
      labels: labelsOf(set, block),
      sums: tf.tensor2d(withoutChunk, [block.count, numClasses]),
    };
  });
  z.dispose();
  return fixed;
}
