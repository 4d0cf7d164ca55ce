import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  applyPerturbation,
  canvasOf,
  findPerturbation,
  judge,
  type PerturbOptions,
} from "../../../src/engine/perturb.ts";
import type { Surrogate } from "../../../src/engine/surrogate.ts";
import type { Pixels } from "../../../src/shared/pixels.ts";
import { tinySurrogate } from "./tiny-surrogate.ts";

beforeAll(() => tf.setBackend("cpu"));

function scene(width: number, height: number, grey = false): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i++) {
    const [x, y, c] = [(i >> 2) % width, Math.floor((i >> 2) / width), grey ? 0 : i & 3];
    data[i] = (i & 3) === 3 ? 255 : 128 + 100 * Math.sin(x / 9 + c) * Math.cos(y / 7 - c);
  }
  return { width, height, data };
}

const options = (overrides: Partial<PerturbOptions> = {}): PerturbOptions => ({
  steps: 30,
  stepScale: 12,
  smoothShare: 0.2,
  optimiser: "adam",
  objective: "overlap",
  budget: { norm: "linf", epsilon: 16 / 255 },
  label: 0,
  grey: false,
  seed: 1,
  ...overrides,
});

describe("protecting a canvas", () => {
  const surrogate = tinySurrogate();
  const pixels = scene(90, 60);
  const canvas = canvasOf(pixels, surrogate);

  it("works on a small canvas whatever the picture's size", () => {
    expect([canvas.width, canvas.height]).toEqual([27, 18]);
    const tiny = canvasOf(scene(17, 16), surrogate);
    expect([tiny.width, tiny.height]).toEqual([17, 16]);
  });

  for (const objective of ["overlap", "bayes-error"] as const) {
    for (const optimiser of ["adam", "sign"] as const) {
      it(`raises ${objective} with ${optimiser} steps in the full-size picture`, async () => {
        const before = await judge(canvas, surrogate);
        const delta = await findPerturbation(
          canvas,
          pixels,
          surrogate,
          options({ objective, optimiser, label: before.label }),
        );
        const changed = applyPerturbation(pixels, delta, canvas, { norm: "linf", epsilon: 16 / 255 });
        const after = await judge(canvasOf(changed, surrogate), surrogate);
        if (objective === "overlap")
          expect(after.posterior[before.label]).toBeLessThan(
            0.8 * (before.posterior[before.label] as number),
          );
        else expect(after.bayesError).toBeGreaterThan(before.bayesError + 0.05);
      });
    }
  }

  it("keeps every channel within the budget, and alpha as it was", async () => {
    const epsilon = 8 / 255;
    const delta = await findPerturbation(
      canvas,
      pixels,
      surrogate,
      options({ budget: { norm: "linf", epsilon } }),
    );
    expect(Math.max(...delta.map(Math.abs))).toBeLessThanOrEqual(epsilon + 1e-6);
    const changed = applyPerturbation(pixels, delta, canvas, { norm: "linf", epsilon });
    const changes = changed.data.map((v, i) => Math.abs(v - (pixels.data[i] as number)));
    expect(Math.max(...changes)).toBeLessThanOrEqual(8);
    expect(Math.max(...changes)).toBeGreaterThan(3);
    expect(changes.filter((_, i) => (i & 3) === 3).every((v) => v === 0)).toBe(true);
  });

  it("holds an L2 budget", async () => {
    const budget = { norm: "l2", epsilon: 5 / 255 } as const;
    const delta = await findPerturbation(canvas, pixels, surrogate, options({ budget, stepScale: 20 }));
    const rms = Math.sqrt(delta.reduce((sum, v) => sum + v * v, 0) / delta.length);
    expect(rms).toBeLessThanOrEqual(5 / 255 + 1e-6);
    expect(rms).toBeGreaterThan(4 / 255);
  });

  it("keeps grey pictures grey", async () => {
    const grey = scene(50, 40, true);
    const small = canvasOf(grey, surrogate);
    const delta = await findPerturbation(small, grey, surrogate, options({ grey: true }));
    const { data } = applyPerturbation(grey, delta, small, { norm: "linf", epsilon: 16 / 255 });
    for (let i = 0; i < data.length; i += 4) {
      expect(data[i]).toBe(data[i + 1]);
      expect(data[i]).toBe(data[i + 2]);
    }
  });

  it("repeats itself with one seed, and differs with another", async () => {
    const run = (seed: number) => findPerturbation(canvas, pixels, surrogate, options({ seed, steps: 5 }));
    const [a, again, b] = [await run(7), await run(7), await run(8)];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it("leaves no tensor behind, also when aborted or when the surrogate fails", async () => {
    const before = tf.memory().numTensors;
    await findPerturbation(canvas, pixels, surrogate, options({ steps: 3 }));
    expect(tf.memory().numTensors).toBe(before);

    const controller = new AbortController();
    const abort = options({ onStep: (done) => done === 2 && controller.abort() });
    await expect(findPerturbation(canvas, pixels, surrogate, abort, controller.signal)).rejects.toMatchObject(
      {
        name: "AbortError",
      },
    );
    expect(tf.memory().numTensors).toBe(before);

    let looks = 0;
    const [network] = surrogate.members;
    const failing: Surrogate = {
      ...surrogate,
      members: [
        {
          ...network,
          embed: (views) => {
            if (++looks === 3) throw new Error("context lost");
            return network.embed(views);
          },
        },
      ],
    };
    await expect(findPerturbation(canvas, pixels, failing, options())).rejects.toThrow("context lost");
    expect(tf.memory().numTensors).toBe(before);
  });
});
