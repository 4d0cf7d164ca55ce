import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type AscentOptions, adamSteps, ascend, signSteps } from "../../../../src/core/engine/ascend.ts";

beforeAll(() => tf.setBackend("cpu"));

/** A hill with its top at (3, -2), and a box around the start that does not reach it. */
const hill = (overrides: Partial<AscentOptions> = {}): AscentOptions => ({
  steps: 60,
  stepRule: signSteps(0.05),
  project: (x) => tf.clipByValue(x, -1, 1),
  objective: (x) => tf.neg(tf.sum(tf.square(tf.sub(x, [3, -2])))) as tf.Scalar,
  ...overrides,
});

async function climb(options: AscentOptions, signal?: AbortSignal): Promise<number[]> {
  const start = tf.tensor1d([0, 0]);
  try {
    const { best } = await ascend(start, options, signal);
    const values = [...best.dataSync()];
    best.dispose();
    return values;
  } finally {
    start.dispose();
  }
}

describe("projected gradient ascent", () => {
  for (const [name, stepRule] of [
    ["sign", () => signSteps(0.05)],
    ["Adam", () => adamSteps({ stepSize: 0.05 })],
  ] as const) {
    it(`climbs to the best allowed point with ${name} steps`, async () => {
      const [x, y] = (await climb(hill({ stepRule: stepRule() }))) as [number, number];
      expect(x).toBeCloseTo(1, 4);
      expect(y).toBeCloseTo(-1, 4);
    });
  }

  it("keeps the best point, not the last", async () => {
    // Steps of 3 throw the point back and forth across the top at 0.5; the start is the best of all.
    const [x] = await climb(
      hill({
        steps: 5,
        stepRule: signSteps(3),
        project: (x) => tf.clone(x),
        objective: (x) => tf.neg(tf.sum(tf.square(tf.sub(x, 0.5)))) as tf.Scalar,
      }),
    );
    expect(x).toBe(0);
  });

  it("chooses by the score where there is one", async () => {
    const [x] = await climb(
      hill({
        steps: 10,
        score: { of: (x) => tf.neg(tf.sum(tf.abs(tf.sub(tf.slice(x, 0, 1), 0.25)))) as tf.Scalar, every: 1 },
      }),
    );
    expect(x).toBeCloseTo(0.25, 4);
  });

  it("keeps of each row its own best where there is a score a row", async () => {
    const start = tf.tensor2d([0, 0, 0, 0, 0, 0], [3, 2]);
    // All rows walk to the right; the first likes 0.3, the second the end, and of the third no score is a number.
    const liked = tf.tensor2d([0.3, 9, Number.NaN], [3, 1]);
    const { best, scores } = await ascend(start, {
      steps: 6,
      stepRule: signSteps(0.1),
      project: (x) => tf.clone(x),
      objective: (x) => tf.sum(x),
      score: { of: (x) => tf.neg(tf.sum(tf.abs(tf.sub(x, liked)), 1)), every: 1 },
    });
    const expected = [0.3, 0.3, 0.6, 0.6, 0, 0];
    best.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
    expect(scores[0]).toBeCloseTo(0, 5);
    expect(scores[1]).toBeCloseTo(-16.8, 4);
    expect(scores[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("reports every step", async () => {
    const seen: number[] = [];
    await climb(hill({ steps: 4, onStep: (done) => seen.push(done) }));
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it("returns the start when nothing it sees is a number", async () => {
    const values = await climb(hill({ steps: 3, objective: (x) => tf.sum(tf.mul(x, Number.NaN)) }));
    expect(values).toEqual([0, 0]);
  });

  describe("leaves no tensor behind", () => {
    const leaks = async (run: () => Promise<unknown>) => {
      const before = tf.memory().numTensors;
      await run();
      return tf.memory().numTensors - before;
    };

    it("after a run", async () => {
      expect(await leaks(() => climb(hill({ stepRule: adamSteps({ stepSize: 0.1 }) })))).toBe(0);
    });

    it("when aborted half-way, and says so with an AbortError", async () => {
      const controller = new AbortController();
      const options = hill({
        stepRule: adamSteps({ stepSize: 0.1 }),
        onStep: (done) => done === 7 && controller.abort(),
      });
      const run = async () =>
        expect(climb(options, controller.signal)).rejects.toMatchObject({ name: "AbortError" });
      expect(await leaks(run)).toBe(0);
    });

    it("when aborted from outside, between steps", async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 20);
      const run = async () =>
        expect(climb(hill({ steps: 1_000_000 }), controller.signal)).rejects.toMatchObject({
          name: "AbortError",
        });
      expect(await leaks(run)).toBe(0);
    });

    it("when the objective throws", async () => {
      const options = hill({
        stepRule: adamSteps({ stepSize: 0.1 }),
        objective: (x, step) => {
          if (step === 3) throw new Error("no more");
          return tf.sum(x);
        },
      });
      expect(await leaks(async () => expect(climb(options)).rejects.toThrow("no more"))).toBe(0);
    });
  });
});
