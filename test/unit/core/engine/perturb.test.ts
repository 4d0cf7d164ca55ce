import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { applyPerturbation } from "../../../../src/core/engine/apply-perturbation.ts";
import { contrastMask } from "../../../../src/core/engine/mask.ts";
import {
  findPerturbations,
  type PerturbOptions,
  type PerturbPicture,
} from "../../../../src/core/engine/perturb.ts";
import { featureErrorOf, predict, predictAll } from "../../../../src/core/engine/prediction.ts";
import { type ScaledPicture, toScale } from "../../../../src/core/engine/scaled-picture.ts";
import type { Surrogate } from "../../../../src/core/engine/surrogate.ts";
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
  mask: contrastMask(0.2, 60),
  luminanceOnly: false,
  optimiser: "adam",
  objective: "overlap",
  budget: { norm: "linf", epsilon: 16 / 255 },
  ...overrides,
});

/** Another picture of the same size. */
function shifted({ width, height, data }: ScaledPicture): ScaledPicture {
  return { width, height, data: data.map((_, i) => data[(i + 30) % data.length] as number) };
}

describe("perturbing a picture", () => {
  const surrogate = tinySurrogate();
  const pixels = scene(90, 60);
  const scaled = toScale(pixels, surrogate);
  const picture = (overrides: Partial<PerturbPicture> = {}): PerturbPicture => ({
    scaled,
    fullSize: pixels,
    label: 0,
    luminanceOnly: false,
    seed: 1,
    ...overrides,
  });
  const perturbAlone = async (one: PerturbPicture, settings: PerturbOptions) =>
    (await findPerturbations([one], surrogate, settings))[0] as Float32Array;

  it.each([
    ["one member a step in turn", true, [10, 10]],
    ["all members in each step", undefined, [20, 20]],
  ] as const)("asks %s", async (_, inTurn, expected) => {
    for (const objective of ["features", "overlap"] as const) {
      const asked = [0, 0];
      const members = surrogate.members.concat(surrogate.members).map((member, i) => ({
        ...member,
        embed(...[views, random]: Parameters<typeof member.embed>) {
          if (tf.engine().state.gradientDepth > 0) asked[i] = (asked[i] as number) + 1;
          return member.embed(views, random);
        },
      })) as unknown as Surrogate["members"];
      await findPerturbations(
        [picture()],
        { ...surrogate, members, ...(inTurn && { inTurn }) },
        options({ steps: 20, objective }),
      );
      expect(asked).toEqual(expected);
    }
  });

  it("shows views of the side that suits a picture, in a batch the largest one", async () => {
    const views = { ...surrogate.views, ascentSide: (shorterSide: number) => (shorterSide < 50 ? 8 : 12) };
    const sides = new Set<number | undefined>();
    const member = {
      ...surrogate.members[0],
      embed: (x: tf.Tensor4D) => {
        sides.add(x.shape[1]);
        return tf.reshape(tf.avgPool(x, x.shape[1] / 4, x.shape[1] / 4, "valid"), [
          x.shape[0],
          48,
        ]) as tf.Tensor2D;
      },
    };
    const sidesOf = async (...all: PerturbPicture[]) => {
      sides.clear();
      await findPerturbations(all, { ...surrogate, views, members: [member] }, options({ steps: 1 }));
      return [...sides];
    };
    const smaller = picture({ fullSize: { width: 40, height: 30 } });
    expect(await sidesOf(smaller)).toEqual([8]);
    expect(await sidesOf(smaller, picture())).toEqual([12]);
  });

  it("works at the surrogate's scale whatever the size of the picture", () => {
    expect([scaled.width, scaled.height]).toEqual([27, 18]);
    const tiny = toScale(scene(17, 16), surrogate);
    expect([tiny.width, tiny.height]).toEqual([17, 16]);
  });

  for (const objective of ["overlap", "bayes-error"] as const) {
    for (const optimiser of ["adam", "sign"] as const) {
      it(`raises ${objective} with ${optimiser} steps in the full-size picture`, async () => {
        const before = await predict(scaled, surrogate);
        const delta = await perturbAlone(picture({ label: before.label }), options({ objective, optimiser }));
        const changed = applyPerturbation(pixels, delta, scaled, { norm: "linf", epsilon: 16 / 255 });
        const after = await predict(toScale(changed, surrogate), surrogate);
        if (objective === "overlap")
          expect(after.posterior[before.label]).toBeLessThan(
            0.8 * (before.posterior[before.label] as number),
          );
        else expect(after.bayesError).toBeGreaterThan(before.bayesError + 0.05);
      });
    }
  }

  for (const objective of ["features", "cosine"] as const)
    it(`moves the features with ${objective}, also in luminance only`, async () => {
      const before = await predict(scaled, surrogate);
      for (const luminanceOnly of [false, true]) {
        const one = picture({ luminanceOnly });
        const delta = await perturbAlone(one, options({ objective }));
        const changed = applyPerturbation(pixels, delta, scaled, { norm: "linf", epsilon: 16 / 255 });
        const after = await predict(toScale(changed, surrogate), surrogate);
        const [atFirst, atLast] = [
          (await featureErrorOf(before, before, surrogate)) as number,
          (await featureErrorOf(after, before, surrogate)) as number,
        ];
        expect(atLast).toBeGreaterThan(1.5 * atFirst);
        expect(delta.length).toBe(scaled.width * scaled.height * (luminanceOnly ? 1 : 3));
      }
    });

  it("names the missing feature bank, and leaves no tensor behind", async () => {
    const [{ features: _, ...network }] = surrogate.members;
    const without: Surrogate = { ...surrogate, members: [network] };
    const before = tf.memory().numTensors;
    await expect(findPerturbations([picture()], without, options({ objective: "features" }))).rejects.toThrow(
      "no bank of features",
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it("keeps every channel within the budget, and alpha as it was", async () => {
    const epsilon = 8 / 255;
    const delta = await perturbAlone(picture(), options({ budget: { norm: "linf", epsilon } }));
    expect(Math.max(...delta.map(Math.abs))).toBeLessThanOrEqual(epsilon + 1e-6);
    const changed = applyPerturbation(pixels, delta, scaled, { norm: "linf", epsilon });
    const changes = changed.data.map((v, i) => Math.abs(v - (pixels.data[i] as number)));
    expect(Math.max(...changes)).toBeLessThanOrEqual(8);
    expect(Math.max(...changes)).toBeGreaterThan(3);
    expect(changes.filter((_, i) => (i & 3) === 3).every((v) => v === 0)).toBe(true);
  });

  it("leaves alone what is fully transparent", async () => {
    const delta = await perturbAlone(picture(), options());
    const data = pixels.data.map((value, i) => ((i & 3) === 3 && i % 8 === 3 ? 0 : value));
    const clear = { ...pixels, data };
    const { data: changed } = applyPerturbation(clear, delta, scaled, { norm: "linf", epsilon: 16 / 255 });
    const isHidden = (i: number) => data[i - (i & 3) + 3] === 0;
    expect(changed.every((value, i) => !isHidden(i) || value === data[i])).toBe(true);
    expect(changed.some((value, i) => !isHidden(i) && value !== data[i])).toBe(true);
  });

  it("holds an L2 budget", async () => {
    const budget = { norm: "l2", epsilon: 5 / 255 } as const;
    const delta = await perturbAlone(picture(), options({ budget, stepScale: 20 }));
    const rms = Math.sqrt(delta.reduce((sum, v) => sum + v * v, 0) / delta.length);
    expect(rms).toBeLessThanOrEqual(5 / 255 + 1e-6);
    expect(rms).toBeGreaterThan(4 / 255);
  });

  it("keeps grey pictures grey", async () => {
    const grey = scene(50, 40, true);
    const small = toScale(grey, surrogate);
    const delta = await perturbAlone(
      picture({ scaled: small, fullSize: grey, luminanceOnly: true }),
      options(),
    );
    const { data } = applyPerturbation(grey, delta, small, { norm: "linf", epsilon: 16 / 255 });
    for (let i = 0; i < data.length; i += 4) {
      expect(data[i]).toBe(data[i + 1]);
      expect(data[i]).toBe(data[i + 2]);
    }
  });

  it("repeats itself with one seed, and differs with another", async () => {
    const run = (seed: number) => perturbAlone(picture({ seed }), options({ steps: 5 }));
    const [a, again, b] = [await run(7), await run(7), await run(8)];
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  const small = (overrides: Partial<PerturbPicture> = {}) => {
    const pixels = scene(21, 33, true);
    return picture({
      scaled: toScale(pixels, surrogate),
      fullSize: pixels,
      luminanceOnly: true,
      ...overrides,
    });
  };

  for (const [norm, objective] of [
    ["linf", "overlap"],
    ["l2", "overlap"],
    ["linf", "features"],
  ] as const) {
    it(`perturbs a picture the same alone and in a batch (${norm}, ${objective})`, async () => {
      const settings = options({ steps: 12, objective, budget: { norm, epsilon: 8 / 255 } });
      const pictures = [
        picture({ label: 2, seed: 7 }),
        small({ label: 1, seed: 8 }),
        picture({ scaled: shifted(scaled), label: 4, seed: 7 }),
      ];
      const inBatch = await findPerturbations(pictures, surrogate, settings);
      for (const [i, one] of pictures.entries()) {
        const alone = await perturbAlone(one, settings);
        const delta = inBatch[i] as Float32Array;
        expect(delta.length).toBe(alone.length);
        expect(Math.max(...alone.map((value, k) => Math.abs(value - (delta[k] as number))))).toBeLessThan(
          1e-5,
        );
      }
    });
  }

  it("predicts a batch as it predicts each picture", async () => {
    const pictures = [scaled, small().scaled, shifted(scaled)];
    const predictions = await predictAll(pictures, surrogate);
    for (const [i, one] of pictures.entries()) {
      const { posterior, ...figures } = await predict(one, surrogate);
      expect(predictions[i]).toMatchObject(figures);
      expect(predictions[i]?.posterior).toEqual(posterior);
    }
  });

  it("leaves no tensor behind, also when aborted or when the surrogate fails", async () => {
    const before = tf.memory().numTensors;
    const two = [picture(), small({ seed: 4 })];
    for (const objective of ["overlap", "features"] as const) {
      await findPerturbations(two, surrogate, options({ steps: 3, objective }));
      expect(tf.memory().numTensors).toBe(before);
    }

    const controller = new AbortController();
    const abort = options({ onStep: (done) => done === 2 && controller.abort() });
    await expect(findPerturbations(two, surrogate, abort, controller.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(tf.memory().numTensors).toBe(before);

    let calls = 0;
    const [network] = surrogate.members;
    const failing: Surrogate = {
      ...surrogate,
      members: [
        {
          ...network,
          embed: (views) => {
            if (++calls === 3) throw new Error("context lost");
            return network.embed(views);
          },
        },
      ],
    };
    await expect(findPerturbations(two, failing, options())).rejects.toThrow("context lost");
    expect(tf.memory().numTensors).toBe(before);
  });
});
