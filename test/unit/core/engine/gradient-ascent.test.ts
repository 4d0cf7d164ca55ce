import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type AscentOptions, gradientAscent } from "../../../../src/core/engine/gradient-ascent.ts";
import { adam, signGradient } from "../../../../src/core/engine/optimisers.ts";

beforeAll(() => tf.setBackend("cpu"));

/** A loss with its maximum at (3, -2), and a box around the start that does not reach it. */
const hill = (overrides: Partial<AscentOptions> = {}): AscentOptions => ({
  steps: 60,
  optimiser: signGradient(0.05),
  project: (x) => tf.clipByValue(x, -1, 1),
  loss: (x) => tf.neg(tf.sum(tf.square(tf.sub(x, [3, -2])))) as tf.Scalar,
  ...overrides,
});

async function run(options: AscentOptions, signal?: AbortSignal): Promise<number[]> {
  const start = tf.tensor1d([0, 0]);
  try {
    const { best } = await gradientAscent(start, options, signal);
    const values = [...best.dataSync()];
    best.dispose();
    return values;
  } finally {
    start.dispose();
  }
}

describe("projected gradient ascent", () => {
  for (const [name, optimiser] of [
    ["sign", () => signGradient(0.05)],
    ["Adam", () => adam({ stepSize: 0.05 })],
  ] as const) {
    it(`reaches the best allowed point with ${name} steps`, async () => {
      const [x, y] = (await run(hill({ optimiser: optimiser() }))) as [number, number];
      expect(x).toBeCloseTo(1, 4);
      expect(y).toBeCloseTo(-1, 4);
    });
  }

  it("keeps the best point, not the last", async () => {
    // Steps of 3 jump back and forth across the maximum at 0.5; the start is the best point.
    const [x] = await run(
      hill({
        steps: 5,
        optimiser: signGradient(3),
        project: (x) => tf.clone(x),
        loss: (x) => tf.neg(tf.sum(tf.square(tf.sub(x, 0.5)))) as tf.Scalar,
      }),
    );
    expect(x).toBe(0);
  });

  it("chooses the best point by the metric where there is one", async () => {
    const [x] = await run(
      hill({
        steps: 10,
        metric: { of: (x) => tf.neg(tf.sum(tf.abs(tf.sub(tf.slice(x, 0, 1), 0.25)))) as tf.Scalar, every: 1 },
      }),
    );
    expect(x).toBeCloseTo(0.25, 4);
  });

  it("keeps the best point of each row where the metric gives one number a row", async () => {
    const start = tf.tensor2d([0, 0, 0, 0, 0, 0], [3, 2]);
    // All rows move to the right. The metric is best at 0.3 for the first, at the end for the second, and
    // never a number for the third.
    const target = tf.tensor2d([0.3, 9, Number.NaN], [3, 1]);
    const { best, values } = await gradientAscent(start, {
      steps: 6,
      optimiser: signGradient(0.1),
      project: (x) => tf.clone(x),
      loss: (x) => tf.sum(x),
      metric: { of: (x) => tf.neg(tf.sum(tf.abs(tf.sub(x, target)), 1)), every: 1 },
    });
    const expected = [0.3, 0.3, 0.6, 0.6, 0, 0];
    best.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
    expect(values[0]).toBeCloseTo(0, 5);
    expect(values[1]).toBeCloseTo(-16.8, 4);
    expect(values[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("reports every step", async () => {
    const seen: number[] = [];
    await run(hill({ steps: 4, onStep: (done) => seen.push(done) }));
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("returns the start when no loss is a number", async () => {
    const values = await run(hill({ steps: 3, loss: (x) => tf.sum(tf.mul(x, Number.NaN)) }));
    expect(values).toEqual([0, 0]);
  });

  describe("leaves no tensor behind", () => {
    const leaks = async (run: () => Promise<unknown>) => {
      const before = tf.memory().numTensors;
      await run();
      return tf.memory().numTensors - before;
    };

    it("after a run", async () => {
      expect(await leaks(() => run(hill({ optimiser: adam({ stepSize: 0.1 }) })))).toBe(0);
    });

    it("when aborted half-way, and says so with an AbortError", async () => {
      const controller = new AbortController();
      const options = hill({
        optimiser: adam({ stepSize: 0.1 }),
        onStep: (done) => done === 7 && controller.abort(),
      });
      const attempt = async () =>
        expect(run(options, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
      expect(await leaks(attempt)).toBe(0);
    });

    it("when aborted from outside, between steps", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20);
      const attempt = async () =>
        expect(run(hill({ steps: 1_000_000 }), controller.signal)).rejects.toMatchObject({
          name: "AbortError",
        });
      expect(await leaks(attempt)).toBe(0);
    });

    it("when the loss throws", async () => {
      const options = hill({
        optimiser: adam({ stepSize: 0.1 }),
        loss: (x, step) => {
          if (step === 3) throw new Error("no more");
          return tf.sum(x);
        },
      });
      expect(await leaks(async () => expect(run(options)).rejects.toThrow("no more"))).toBe(0);
    });
  });
});
