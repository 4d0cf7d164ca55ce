/** Compares the estimator and gradient ascent with values of the authors' public package, computed in float64. */
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { bayesError, type Kernel, leaveOneOutLogPosterior } from "../../../../src/core/engine/bayes-error.ts";
import { gradientAscent } from "../../../../src/core/engine/gradient-ascent.ts";
import { adam } from "../../../../src/core/engine/optimisers.ts";

interface Figures {
  errors: number[];
  mean: number;
  gradOfMean: number[];
}
interface Case {
  name: string;
  numClasses: number;
  sigma: number;
  shape: [number, number];
  features: number[];
  labels: number[];
  rbf: Figures;
  logistic: Figures;
}
interface Run {
  shape: [number, number];
  numClasses: number;
  sigma: number;
  epsilon: number;
  x0: number[];
  labels: number[];
  errorBeforeStep: number[];
  final: number[];
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/golden/${name}.json`, import.meta.url), "utf8"));

beforeAll(() => tf.setBackend("cpu"));

/** 1e-5 absolute or 1e-4 relative. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[], keep = (_: number) => true) {
  expect(actual.length).toBe(expected.length);
  const wrong = expected.flatMap((e, i) => {
    const a = actual[i] as number;
    return keep(i) && !(Math.abs(a - e) <= Math.max(1e-5, 1e-4 * Math.abs(e)))
      ? [`[${i}] ${a} for ${e}`]
      : [];
  });
  expect(wrong).toEqual([]);
}

describe("leave-one-out Bayes error", () => {
  const { cases } = read<{ cases: Case[] }>("bayes-error");
  for (const c of cases) {
    for (const kind of ["rbf", "logistic"] as const) {
      it(`${c.name}, ${kind}`, () => {
        const kernel: Kernel = kind === "rbf" ? { kind, sigma: c.sigma } : { kind };
        const golden = c[kind];
        const labels = Int32Array.from(c.labels);
        const n = c.shape[0];
        // The reference gives a point whose similarities all underflow an error of exactly 1 and no gradient;
        // ours keeps the posterior of its nearest neighbours. Such points are compared by that, not by value.
        const degenerate = golden.errors.map((e) => e === 1);
        const counted = tf.tensor1d(degenerate.map((d) => (d ? 0 : 1 / n)));
        const errorsOf = (z: tf.Tensor2D) =>
          bayesError(leaveOneOutLogPosterior(z, labels, c.numClasses, kernel));
        const z = tf.tensor2d(c.features, c.shape);
        expectClose(errorsOf(z).dataSync(), golden.errors, (i) => !degenerate[i]);
        const gradient = tf.grad((at: tf.Tensor) => tf.sum(tf.mul(errorsOf(at as tf.Tensor2D), counted)))(z);
        expectClose(gradient.dataSync(), golden.gradOfMean);
        degenerate.forEach((isDegenerate, i) => {
          if (!isDegenerate) return;
          const error = errorsOf(z).dataSync()[i] as number;
          expect(error).toBeLessThanOrEqual(1 - 1 / c.numClasses);
          const own = tf.grad((at: tf.Tensor) => tf.slice(errorsOf(at as tf.Tensor2D), i, 1).sum())(z);
          expect(own.dataSync().every(Number.isFinite)).toBe(true);
        });
      });
    }
  }
});

describe("ascent", () => {
  it("repeats 30 steps of torch's AdamW", async () => {
    const run = read<Run>("pga-adamw");
    const labels = Int32Array.from(run.labels);
    const x0 = tf.tensor2d(run.x0, run.shape);
    const values: number[] = [];
    let last: tf.Tensor = x0;
    await gradientAscent(x0, {
      steps: run.errorBeforeStep.length,
      optimiser: adam({ stepSize: 1e-3, weightDecay: 1e-2 }),
      project: (x) => {
        const inside = tf.maximum(tf.minimum(x, tf.add(x0, run.epsilon)), tf.sub(x0, run.epsilon));
        last = tf.keep(tf.clipByValue(inside, 0, 1));
        return tf.clone(last);
      },
      loss: (x) =>
        tf.mean(
          bayesError(
            leaveOneOutLogPosterior(x as tf.Tensor2D, labels, run.numClasses, {
              kind: "rbf",
              sigma: run.sigma,
            }),
          ),
        ),
      onStep: (_, value) => values.push(value),
    });
    expectClose(values, run.errorBeforeStep);
    expectClose(last.dataSync(), run.final);
  });
});
