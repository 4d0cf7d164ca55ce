import * as tf from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { bayesError, leaveOneOutLogPosterior } from "../../../../src/core/engine/bayes-error.ts";
import { classObjectives } from "../../../../src/core/engine/class-objectives.ts";
import type { LabelledSet } from "../../../../src/core/engine/class-sums.ts";
import { createJointError } from "../../../../src/core/engine/joint-error.ts";
import { createRandom } from "../../../../src/core/engine/random.ts";
import { unitLength } from "../../../../src/core/engine/tensor-ops.ts";
import { startWasm } from "../models/in-node.ts";

// Sets are protected on WASM, whose kernels have quirks of their own.
beforeAll(startWasm);

const KERNEL = { kind: "rbf", sigma: 0.4 } as const;

/** Three classes of different sizes, the last of one point only, around corners of a cube. */
function set(size: number, dimension = 6): LabelledSet {
  const random = createRandom(size);
  const labels = Int32Array.from({ length: size }, (_, i) => (i === 2 ? 2 : i % 3 === 0 ? 1 : 0));
  const values = Float32Array.from(
    { length: size * dimension },
    (_, k) => Number(k % dimension === labels[Math.floor(k / dimension)]) + random.between(-0.5, 0.5),
  );
  const embeddings = unitLength(tf.tensor2d(values, [size, dimension])).dataSync() as Float32Array;
  return { embeddings, dimension, labels, numClasses: 3 };
}

const copy = (of: LabelledSet) => ({ ...of, embeddings: of.embeddings.slice() });
const tensor = ({ embeddings, dimension }: LabelledSet, from = 0, count = embeddings.length / dimension) =>
  tf.tensor2d(embeddings.slice(from * dimension, (from + count) * dimension), [count, dimension]);

/** The whole set at once, by the estimator that has all pairs in one matrix. */
const whole = (of: LabelledSet, objective: keyof typeof classObjectives) => (z: tf.Tensor) =>
  tf.sum(
    classObjectives[objective].loss(
      leaveOneOutLogPosterior(z as tf.Tensor2D, of.labels, of.numClasses, KERNEL),
      of.labels,
    ),
  ) as tf.Scalar;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, within = 2e-4): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThan(within);
}

describe("the joint Bayes error", () => {
  it("is the leave-one-out estimator's", () => {
    const of = set(30);
    const logP = leaveOneOutLogPosterior(tensor(of), of.labels, 3, KERNEL);
    const { bayesError: error, labelError } = createJointError(of, KERNEL).errors();
    expect(error).toBeCloseTo(tf.mean(bayesError(logP)).dataSync()[0] as number, 5);
    const own = tf.sum(tf.mul(tf.exp(logP), tf.oneHot(of.labels, 3)), 1);
    expect(labelError).toBeCloseTo(1 - (tf.mean(own).dataSync()[0] as number), 5);
    expect(error).toBeGreaterThan(0.02);
  });

  for (const objective of ["bayes-error", "overlap"] as const)
    describe(`${objective}: the gradient of a chunk`, () => {
      it("is the whole set's where the chunk is the set", () => {
        const of = set(20);
        const chunk = createJointError(of, KERNEL).ofChunk(0, 20, classObjectives[objective]);
        const actual = tf.grad((z) => chunk.loss(z as tf.Tensor2D))(tensor(of));
        expectClose(actual.dataSync(), tf.grad(whole(of, objective))(tensor(of)).dataSync());
      });

      it("is the rows of the whole set's gradient where nothing else moves", () => {
        const of = set(23);
        const joint = createJointError(of, KERNEL);
        const expected = tf.grad(whole(of, objective))(tensor(of)).dataSync();
        const actual: number[] = [];
        for (let from = 0; from < 23; from += 5) {
          const count = Math.min(5, 23 - from);
          const chunk = joint.ofChunk(from, count, classObjectives[objective]);
          actual.push(
            ...tf
              .grad((z) => chunk.loss(z as tf.Tensor2D))(tensor(of, from, count))
              .dataSync(),
          );
        }
        expectClose(actual, expected);
      });

      it("agrees with finite differences of the value", () => {
        const of = set(23);
        const chunk = createJointError(of, KERNEL).ofChunk(4, 3, classObjectives[objective]);
        const at = tensor(of, 4, 3);
        const gradient = tf
          .grad((z) => chunk.loss(z as tf.Tensor2D))(at)
          .dataSync();
        const h = 5e-3;
        for (let k = 0; k < at.size; k++) {
          const off = tf.reshape(tf.mul(tf.oneHot([k], at.size), h), at.shape) as tf.Tensor2D;
          const value = (z: tf.Tensor2D) => chunk.loss(z).dataSync()[0] as number;
          const slope = (value(tf.add(at, off)) - value(tf.sub(at, off))) / (2 * h);
          expect(Math.abs(slope - (gradient[k] as number))).toBeLessThan(
            0.01 + 0.02 * Math.abs(gradient[k] as number),
          );
        }
      });
    });

  it("is that of the whole set, wherever the chunk is", () => {
    const of = set(23);
    const chunk = createJointError(of, KERNEL).ofChunk(5, 4, classObjectives["bayes-error"]);
    const there = tensor(set(40), 30, 4);
    const moved = copy(of);
    moved.embeddings.set(there.dataSync(), 5 * of.dimension);
    const expected = tf.sum(bayesError(leaveOneOutLogPosterior(tensor(moved), of.labels, 3, KERNEL)));
    expect(chunk.metric(there).dataSync()[0]).toBeCloseTo(expected.dataSync()[0] as number, 4);
  });

  it("is as if computed anew after chunks were replaced", () => {
    const of = set(40);
    const joint = createJointError(of, KERNEL);
    const other = set(41);
    for (const [from, count] of [
      [0, 7],
      [21, 7],
      [35, 5],
      [0, 7],
    ] as const)
      joint.replaceChunk(from, tensor(other, from === 0 ? 12 : from, count).dataSync() as Float32Array);
    const anew = createJointError(copy(of), KERNEL);
    expect(joint.errors().bayesError).toBeCloseTo(anew.errors().bayesError, 6);
    const at = tensor(of, 10, 3);
    const gradients = [joint, anew].map((one) => {
      const chunk = one.ofChunk(10, 3, classObjectives["bayes-error"]);
      return tf
        .grad((z) => chunk.loss(z as tf.Tensor2D))(at)
        .dataSync();
    });
    expectClose(gradients[0] as Float32Array, gradients[1] as Float32Array, 1e-5);
  });

  it("never makes a matrix of all pairs, and leaves no tensor behind", () => {
    const size = 2500;
    const of = set(size, 3);
    const before = tf.memory().numTensors;
    // Every tensor that WASM makes gets its memory here.
    const made = vi.spyOn(tf.backend() as BackendWasm, "makeOutput");
    const joint = createJointError(of, KERNEL);
    const chunk = joint.ofChunk(64, 16, classObjectives["bayes-error"]);
    const z = tensor(of, 64, 16);
    const gradient = tf.grad((x) => chunk.loss(x as tf.Tensor2D))(z);
    joint.replaceChunk(64, z.dataSync() as Float32Array);
    chunk.dispose();
    tf.dispose([z, gradient]);
    const sizes = made.mock.calls.map(([shape]) => tf.util.sizeFromShape(shape));
    made.mockRestore();
    expect(sizes.length).toBeGreaterThan(100);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(tf.memory().numTensors).toBe(before);
  });
});
