import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { classObjectives } from "../../../../src/core/engine/class-objectives.ts";

beforeAll(() => tf.setBackend("cpu"));

const logP = tf.logSoftmax(
  tf.tensor2d([
    [2, 1, 0, -1],
    [0, 0, 0, 0],
  ]),
) as tf.Tensor2D;
const p = tf.exp(logP).arraySync() as number[][];

function gradientOf(f: (logits: tf.Tensor2D) => tf.Tensor, logits: number[]): number[] {
  const at = tf.tensor2d([logits]);
  return [
    ...tf
      .grad((x: tf.Tensor) => tf.sum(f(tf.logSoftmax(x) as tf.Tensor2D)))(at)
      .dataSync(),
  ];
}

describe("bayes-error", () => {
  const { loss, metric } = classObjectives["bayes-error"];

  it("measures 1 - max p", () => {
    const errors = metric(logP, 0).dataSync();
    expect(errors[0]).toBeCloseTo(1 - Math.max(...(p[0] as number[])), 6);
    expect(errors[1]).toBeCloseTo(0.75, 6);
  });

  it("is highest for the uniform posterior, and there has no gradient", () => {
    const [some, uniform] = loss(logP, 0).dataSync() as unknown as [number, number];
    expect(uniform).toBeCloseTo(Math.log(4), 6);
    expect(some).toBeLessThan(uniform);
    for (const g of gradientOf((l) => loss(l, 0), [1, 1, 1, 1])) expect(g).toBeCloseTo(0, 6);
  });
});

describe("overlap", () => {
  const { loss, metric } = classObjectives.overlap;

  it("measures 1 - p(label)", () => {
    for (const label of [0, 3])
      expect(metric(logP, label).dataSync()[0]).toBeCloseTo(1 - (p[0]?.[label] as number), 6);
  });

  it("rises with the label error", () => {
    const losses = [6, 3, 0, -3, -6].map((logit) => {
      const at = tf.logSoftmax(tf.tensor2d([[logit, 1, 0, -1]])) as tf.Tensor2D;
      return loss(at, 0).dataSync()[0] as number;
    });
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
  });

  it("has its full gradient where p(label) is almost 1", () => {
    const gradient = gradientOf((l) => loss(l, 0), [40, 1, 0, -1]);
    expect(gradient[0]).toBeCloseTo(-1, 4);
  });

  it("has a gradient where log(1 - p) is flat, and loses it in the end", () => {
    const slope = (logit: number) => -(gradientOf((l) => loss(l, 0), [logit, 0, 0, 0])[0] as number);
    expect(slope(-2)).toBeGreaterThan(0.4);
    expect(slope(-15)).toBeLessThan(0.001);
  });

  it("is not lost in rounding where p(label) is almost 0", () => {
    const [label, ...others] = gradientOf((l) => loss(l, 0), [-12, 1, 0, -1]) as [number, ...number[]];
    // d log(odds) / d logits is (-1, q), with q the posterior among the others.
    const q = [1, 0, -1].map((l) => Math.exp(l) / (Math.E + 1 + Math.exp(-1)));
    others.forEach((g, i) => {
      expect(g / -label).toBeCloseTo(q[i] as number, 3);
    });
  });
});
