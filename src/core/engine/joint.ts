/**
 * The joint Bayes error of a labelled set: each embedding's posterior comes from all the others (leave one out), which is
 * the paper's own setting. Moving one point changes its own posterior and everybody else's.
 *
 * The set is climbed in passes, chunk by chunk. While a chunk moves the rest stands still, and all that the rest needs to
 * know of itself is, for each point, its similarities summed class by class. So a step takes the chunk against all
 * points, as rows and as columns, and no N x N matrix is ever made.
 */
import * as tf from "@tensorflow/tfjs-core";
import { bayesError, type Kernel, logLabelError, posteriorOfClassSums, products } from "./bayes-error.ts";
import type { Objective } from "./objective.ts";

export interface LabelledSet {
  /** z, [N, D], row by row; {@link Joint.replace} writes into it. */
  readonly embeddings: Float32Array;
  readonly dimension: number;
  /** Class of each row, 0..numClasses-1. */
  readonly labels: Int32Array;
  readonly numClasses: number;
}

export type RbfKernel = Extract<Kernel, { kind: "rbf" }>;

/** A chunk on the move; functions of its embeddings z, [m, D]. */
export interface Moving {
  /** Sum of the objective's smooth form over the whole set; differentiable. */
  raise(z: tf.Tensor2D): tf.Scalar;
  /** Sum of what is meant by it over the whole set. */
  measure(z: tf.Tensor2D): tf.Scalar;
  dispose(): void;
}

export interface Joint {
  /** The whole set's means: of e_i = 1 - max_c p(c|i), and of 1 - p(y_i|i). */
  errors(): { readonly bayesError: number; readonly labelError: number };
  /** Lets rows `from` to `from + count` move; ends with `dispose`. */
  move(from: number, count: number, objective: Objective): Moving;
  /** Puts a chunk in its new place. */
  replace(from: number, z: Float32Array): void;
}

/** Rows that are compared with a chunk at once. */
const BLOCK = 1024;
/** Stands for a sum of 0 where a logarithm is taken. */
const TINY = 1e-37;

/** Lengths 1, at which one kernel width suits all surrogates, and no similarity of a width over 0.2 underflows. */
export function unitLength(z: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.div(z, tf.sqrt(tf.add(tf.sum(tf.square(z), 1, true), 1e-12))));
}

/** Costs the similarities of all pairs, once; holds [N, C] sums. */
export function createJoint(set: LabelledSet, kernel: RbfKernel): Joint {
  const { embeddings, dimension, labels, numClasses } = set;
  const size = labels.length;
  // Sums are updated by differences, which single precision would wear out.
  const sums = new Float64Array(size * numClasses);

  const rows = (from: number, count: number) =>
    tf.tensor2d(embeddings.subarray(from * dimension, (from + count) * dimension), [count, dimension]);
  const classesOf = (from: number, count: number) =>
    // Not oneHot's own dtype: WASM fills a float32 one with the bits of integers.
    tf.tidy(
      () => tf.cast(tf.oneHot(labels.subarray(from, from + count), numClasses), "float32") as tf.Tensor2D,
    );
  /** All rows but those of a chunk, in blocks. */
  function* others(from: number, count: number): Generator<readonly [from: number, count: number]> {
    for (const [start, end] of [
      [0, from],
      [from + count, size],
    ] as const)
      for (let at = start; at < end; at += BLOCK) yield [at, Math.min(BLOCK, end - at)];
  }
  /** What a chunk at z adds to the class sums of a block of other rows, [b, C]. */
  const contribution = (z: tf.Tensor2D, chunk: tf.Tensor2D, block: readonly [number, number]) =>
    tf.tidy(() => tf.matMul(similarity(rows(...block), z, kernel), chunk).dataSync());

  /** Sums the rows of a chunk anew. */
  function sumRows(from: number, count: number): void {
    const add = (part: tf.Tensor2D) => {
      part.dataSync().forEach((value, i) => {
        sums[from * numClasses + i] = (sums[from * numClasses + i] as number) + value;
      });
    };
    sums.fill(0, from * numClasses, (from + count) * numClasses);
    tf.tidy(() => {
      const z = rows(from, count);
      add(tf.matMul(withinChunk(z, kernel), classesOf(from, count)));
      for (const block of others(from, count))
        tf.tidy(() => add(tf.matMul(similarity(z, rows(...block), kernel), classesOf(...block))));
    });
  }
  for (let at = 0; at < size; at += BLOCK) sumRows(at, Math.min(BLOCK, size - at));

  return {
    errors() {
      let bayes = 0;
      let label = 0;
      for (let at = 0; at < size; at += BLOCK) {
        const count = Math.min(BLOCK, size - at);
        tf.tidy(() => {
          const part = sums.subarray(at * numClasses, (at + count) * numClasses);
          const logP = posterior(tf.tensor2d(Float32Array.from(part), [count, numClasses]), kernel);
          bayes += tf.sum(bayesError(logP)).dataSync()[0] as number;
          const own = labels.subarray(at, at + count);
          label += tf.sum(tf.exp(logLabelError(logP, own))).dataSync()[0] as number;
        });
      }
      return { bayesError: bayes / size, labelError: label / size };
    },

    move(from, count, objective) {
      const own = labels.subarray(from, from + count);
      const ownClasses = classesOf(from, count);
      const now = rows(from, count);
      const blocks = [...others(from, count)].map((block) => {
        const [at, length] = block;
        const rest = Float32Array.from(contribution(now, ownClasses, block), (value, i) =>
          Math.max(0, (sums[at * numClasses + i] as number) - value),
        );
        return {
          z: rows(...block),
          classes: classesOf(...block),
          labels: labels.subarray(at, at + length),
          rest: tf.tensor2d(rest, [length, numClasses]),
        };
      });
      now.dispose();
      const total = (z: tf.Tensor2D, of: Objective["raise"]) =>
        tf.tidy(() => {
          let ownSums: tf.Tensor2D = tf.matMul(withinChunk(z, kernel), ownClasses);
          let sum = tf.scalar(0);
          for (const block of blocks) {
            const s = similarity(block.z, z, kernel);
            ownSums = tf.add(ownSums, tf.matMul(s, block.classes, true));
            const theirs = tf.add<tf.Tensor2D>(block.rest, tf.matMul(s, ownClasses));
            sum = tf.add(sum, tf.sum(of(posterior(theirs, kernel), block.labels)));
          }
          return tf.add<tf.Scalar>(sum, tf.sum(of(posterior(ownSums, kernel), own)));
        });
      return {
        raise: (z) => total(z, objective.raise),
        measure: (z) => total(z, objective.measure),
        dispose: () =>
          tf.dispose([ownClasses, ...blocks.flatMap(({ z, classes, rest }) => [z, classes, rest])]),
      };
    },

    replace(from, z) {
      const count = z.length / dimension;
      tf.tidy(() => {
        const [before, after] = [rows(from, count), tf.tensor2d(z, [count, dimension])];
        const chunk = classesOf(from, count);
        for (const block of others(from, count)) {
          const lost = contribution(before, chunk, block);
          contribution(after, chunk, block).forEach((value, i) => {
            const at = block[0] * numClasses + i;
            sums[at] = Math.max(0, (sums[at] as number) + value - (lost[i] as number));
          });
        }
      });
      embeddings.set(z, from * dimension);
      sumRows(from, count);
    },
  };
}

/** log p(c|i) of similarities summed class by class, [B, C]. */
function posterior(sums: tf.Tensor2D, kernel: RbfKernel): tf.Tensor2D {
  return posteriorOfClassSums(tf.log(tf.maximum(sums, TINY)), kernel);
}

/** s(r_i, z_j), [b, m], of r [b, D], which stands still, and z [m, D], which may move. */
function similarity(r: tf.Tensor2D, z: tf.Tensor2D, { sigma }: RbfKernel): tf.Tensor2D {
  return tf.tidy(() => ofDistances(squaredLengths(r), squaredLengths(z), products(r, z), sigma));
}

/** s(z_i, z_j) with s(z_i, z_i) = 0, [m, m]. */
function withinChunk(z: tf.Tensor2D, { sigma }: RbfKernel): tf.Tensor2D {
  return tf.tidy(() => {
    const lengths = squaredLengths(z);
    const s = ofDistances(lengths, lengths, tf.matMul(z, z, false, true), sigma);
    return tf.mul(s, tf.sub(1, tf.eye(z.shape[0])));
  });
}

function squaredLengths(z: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.square(z), 1, true);
}

function ofDistances(r: tf.Tensor2D, z: tf.Tensor2D, dot: tf.Tensor2D, sigma: number): tf.Tensor2D {
  const squared = tf.sub(tf.add(r, tf.transpose(z)), tf.mul(dot, 2));
  return tf.exp(tf.mul(squared, -0.5 / sigma ** 2));
}
