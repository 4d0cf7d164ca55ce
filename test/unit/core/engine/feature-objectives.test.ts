import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  featureError,
  featureLogPosterior,
  featureObjectives,
} from "../../../../src/core/engine/feature-objectives.ts";
import { unitLength } from "../../../../src/core/engine/tensor-ops.ts";
import golden from "./features.golden.json" with { type: "json" };

beforeAll(() => tf.setBackend("cpu"));

const D = 6;
const row = (values: number[]) => tf.tensor2d(values, [1, D]);
const centres = unitLength(tf.randomNormal([9, D], 0, 1, "float32", 5));
const bank = { centres, sigma: 0.3 };
const clean = row([1, 0.2, 0, 0.4, 0, 0.1]);
/** One view of each clean picture. */
const own = (z: tf.Tensor2D): tf.Tensor3D => tf.expandDims(z, 1);

describe("against PyTorch", () => {
  const bank = { centres: tf.tensor2d(golden.centres), sigma: golden.sigma };
  const [z, own] = [tf.tensor2d(golden.z), tf.tensor3d(golden.own)];

  it("gives the posterior and the label error", () => {
    expectClose(featureLogPosterior(z, own, bank), golden.logPosterior.flat());
    expectClose(featureError(z, own, bank), golden.labelError);
  });

  for (const id of ["features", "cosine"] as const)
    it(`gives the value and the gradient of ${id}`, () => {
      const { loss } = featureObjectives[id];
      expectClose(loss(z, own, bank), golden[id].value);
      expectClose(tf.grad((x) => tf.sum(loss(x as tf.Tensor2D, own, bank)))(z), golden[id].gradient.flat());
    });
});

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  const values = [...actual.dataSync()];
  expect(values).toHaveLength(expected.length);
  const size = Math.max(...expected.map(Math.abs));
  for (const [i, value] of values.entries())
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-4 * size + 1e-6);
}

describe("the label error in feature space", () => {
  it("is lowest at the clean picture itself, and does not depend on the length of embeddings", () => {
    const at = (z: tf.Tensor2D) => featureError(z, own(clean), bank).dataSync()[0] as number;
    const home = at(clean);
    expect(at(tf.mul(clean, 7) as tf.Tensor2D)).toBeCloseTo(home, 5);
    for (let seed = 1; seed < 20; seed++)
      expect(at(tf.randomNormal([1, D], 0, 1, "float32", seed) as tf.Tensor2D)).toBeGreaterThan(home);
  });

  it("is a probability, and almost 1 at a centre of other photographs", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: D, maxLength: D }),
        (z) => {
          const error = featureError(row(z), own(clean), bank).dataSync()[0] as number;
          expect(error).toBeGreaterThanOrEqual(0);
          expect(error).toBeLessThanOrEqual(1 + 1e-6);
        },
      ),
    );
    const there = tf.slice(centres, [3, 0], [1, D]) as tf.Tensor2D;
    expect(featureError(there, own(clean), bank).dataSync()[0]).toBeGreaterThan(0.95);
  });

  it("compares each row with its own clean picture", () => {
    const z = tf.concat([clean, clean]) as tf.Tensor2D;
    const other = row([0, 0, 1, 0, 1, 0]);
    const [first, second] = featureError(z, own(tf.concat([clean, other]) as tf.Tensor2D), bank).dataSync();
    expect(first).toBeCloseTo(featureError(clean, own(clean), bank).dataSync()[0] as number, 5);
    expect(second).toBeCloseTo(featureError(clean, own(other), bank).dataSync()[0] as number, 5);
  });
});

it("the similarity to several views is the mean of those to each", () => {
  const views = [clean, row([0.5, 0, 0.5, 0.4, 0, 0]), row([1, 0, 0, 0, 0.3, 0])];
  const z = row([0.7, 0.1, 0.6, 0.2, 0, 0.5]);
  const several = tf.stack(views, 1) as tf.Tensor3D;
  const odds = (error: number) => (1 - error) / error;
  const of = (own: tf.Tensor3D) => featureError(z, own, bank).dataSync()[0] as number;
  const each = views.map((view) => odds(of(own(view))));
  expect(odds(of(several))).toBeCloseTo(each.reduce((sum, value) => sum + value, 0) / 3, 4);
  const cosine = (own: tf.Tensor3D) => featureObjectives.cosine.loss(z, own, bank).dataSync()[0] as number;
  expect(cosine(several)).toBeCloseTo(views.map((v) => cosine(own(v))).reduce((a, b) => a + b, 0) / 3, 5);
});

describe("the loss", () => {
  for (const id of ["features", "cosine"] as const) {
    it(`${id} rises with the angle to the clean picture`, () => {
      const away = [0, 0.5, 1, 2, 4].map((t) => tf.add(clean, row([0, 0, t, 0, 0, 0])) as tf.Tensor2D);
      const values = away.map(
        (z) => featureObjectives.cosine.loss(z, own(clean), bank).dataSync()[0] as number,
      );
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    });

    it(`${id} has a gradient wherever the picture is, near or far`, () => {
      const { loss } = featureObjectives[id];
      for (const t of [0.01, 0.3, 3, 300]) {
        const z = tf.add(clean, row([0, 0, t, 0, 0, 0])) as tf.Tensor2D;
        const g = tf.grad((x) => tf.sum(loss(tf.mul(x, 1) as tf.Tensor2D, own(clean), bank)))(unitLength(z));
        expect(tf.norm(g).dataSync()[0]).toBeGreaterThan(1e-3);
      }
    });
  }

  it("of features still rises where the label error is almost 1", () => {
    const far = featureObjectives.features
      .loss(row([-1, 0, 0, -1, 0, 0]), own(clean), bank)
      .dataSync()[0] as number;
    expect(featureError(row([-1, 0, 0, -1, 0, 0]), own(clean), bank).dataSync()[0]).toBeGreaterThan(0.999);
    expect(far).toBeGreaterThan(8);
  });
});
