import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  bayesError,
  type Kernel,
  leaveOneOutLogPosterior,
  logLabelError,
  logPosterior,
} from "../../../../src/core/engine/bayes-error.ts";

beforeAll(() => tf.setBackend("cpu"));

const LABELS = Int32Array.of(0, 0, 1, 1, 2);
const NUM_CLASSES = 3;

function bankOf(kernel: Kernel, seed = 1) {
  return {
    prototypes: tf.randomNormal([LABELS.length, 4], 0, 1, "float32", seed) as tf.Tensor2D,
    labels: LABELS,
    numClasses: NUM_CLASSES,
    kernel,
  };
}

describe("posterior against a bank", () => {
  const kernels: Kernel[] = [
    { kind: "rbf", sigma: 0.7 },
    { kind: "logistic" },
    { kind: "softmax", bias: tf.tensor1d([0.1, -0.2, 0.3, 0, 0.5]) },
  ];
  for (const kernel of kernels) {
    it(`${kernel.kind}: is the share of each class in the similarities, summed by hand`, () => {
      const bank = bankOf(kernel);
      const z = tf.randomNormal([2, 4], 0, 1, "float32", 2) as tf.Tensor2D;
      const zs = z.arraySync();
      const rs = bank.prototypes.arraySync();
      const bias = kernel.kind === "softmax" ? kernel.bias.arraySync() : [];
      const expected = zs.map((zi) => {
        const sums = [0, 0, 0];
        rs.forEach((r, j) => {
          const dot = r.reduce((sum, value, k) => sum + value * (zi[k] as number), 0);
          const distance = r.reduce((sum, value, k) => sum + (value - (zi[k] as number)) ** 2, 0);
          const s =
            kernel.kind === "rbf"
              ? Math.exp(-distance / (2 * kernel.sigma ** 2))
              : kernel.kind === "logistic"
                ? 1 / (1 + Math.exp(-dot))
                : Math.exp(dot + (bias[j] as number));
          sums[LABELS[j] as number] = (sums[LABELS[j] as number] as number) + s;
        });
        const total = sums.reduce((a, b) => a + b, 0);
        return sums.map((s) => s / total);
      });
      const actual = tf.exp(logPosterior(z, bank)).arraySync() as number[][];
      actual.flat().forEach((p, i) => {
        expect(p).toBeCloseTo(expected.flat()[i] as number, 4);
      });
    });
  }

  it("keeps a direction where every similarity underflows", () => {
    const bank = bankOf({ kind: "rbf", sigma: 0.1 });
    const far = tf.fill([1, 4], 30) as tf.Tensor2D;
    const label = tf.argMax(logPosterior(far, bank), 1).dataSync()[0] as number;
    const gradient = tf.grad((z: tf.Tensor) =>
      tf.sum(logLabelError(logPosterior(z as tf.Tensor2D, bank), label)),
    )(far);
    const values = [...gradient.dataSync()];
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0);
  });

  it("leaves each point out of its own posterior", () => {
    // Two points on one place with different labels: each sees only the other's class.
    const z = tf.tensor2d([
      [0.2, 0.4],
      [0.2, 0.4],
    ]);
    const p = tf.exp(leaveOneOutLogPosterior(z, Int32Array.of(0, 1), 2, { kind: "rbf", sigma: 0.3 }));
    const [a, b] = p.arraySync() as [[number, number], [number, number]];
    expect(a[1]).toBeCloseTo(1, 5);
    expect(b[0]).toBeCloseTo(1, 5);
  });
});

describe("errors", () => {
  it("lie where the theory puts them, for any posterior", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 2, maxLength: 12 }),
        (logits) => {
          const logP = tf.logSoftmax(tf.tensor2d([logits]));
          const e = bayesError(logP).dataSync()[0] as number;
          expect(e).toBeGreaterThanOrEqual(-1e-6);
          expect(e).toBeLessThanOrEqual(1 - 1 / logits.length + 1e-6);
          const top = logP.argMax(1).dataSync()[0] as number;
          expect(Math.exp(logLabelError(logP, top).dataSync()[0] as number)).toBeCloseTo(e, 4);
        },
      ),
    );
  });

  it("tells a label error of 1e-20 from zero", () => {
    const logP = tf.logSoftmax(tf.tensor2d([[46, 0]]));
    expect(logLabelError(logP, 0).dataSync()[0]).toBeCloseTo(-46, 3);
  });

  it("passes on the gradient of one class at a tie", () => {
    const gradient = tf.grad((l: tf.Tensor) => tf.sum(bayesError(tf.logSoftmax(l) as tf.Tensor2D)))(
      tf.tensor2d([[1, 1, 0]]),
    );
    const [first, second] = gradient.dataSync() as unknown as [number, number];
    expect(first).toBeLessThan(0);
    expect(second).toBeGreaterThan(0);
  });
});
