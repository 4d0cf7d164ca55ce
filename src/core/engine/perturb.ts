/**
 * The science applied to pictures, each for itself: finds the perturbation, on a small canvas, that makes a picture as
 * unlearnable as the budget allows, and enlarges it to the picture. Gradients are only ever taken at the surrogate's
 * scale, so twelve megapixels cost the same gradient work as one.
 */

import * as tf from "@tensorflow/tfjs-core";
import type { Pixels } from "../contract/pixels.ts";
import {
  type FeatureObjectiveId,
  isFeatureObjective,
  type NameObjectiveId,
  type ObjectiveId,
} from "../contract/protection-request.ts";
import { adamSteps, ascend, signSteps } from "./ascend.ts";
import { type Budget, projectOntoBudget } from "./budget.ts";
import { coarsenessOf } from "./canvas.ts";
import { type FeatureBank, type FeatureObjective, featureObjectives } from "./features.ts";
import { objectives } from "./objective.ts";
import { createRandom, type Random } from "./random.ts";
import { resamplingTaps, type Taps } from "./resample.ts";
import { inThreeChannels, randomStart, type StagedPicture, stage } from "./stage.ts";
import {
  type AscentSettings,
  memberLogPosteriors,
  type Surrogate,
  surrogateLogPosterior,
} from "./surrogate.ts";

export interface PerturbPicture extends StagedPicture {
  /** y0 of the `overlap` objective. */
  readonly label: number;
  /** Of the start and of the views that are drawn; with one seed a picture climbs the same way, alone or with others. */
  readonly seed: number;
}

export interface PerturbOptions extends AscentSettings {
  readonly objective: ObjectiveId;
  readonly budget: Budget;
  readonly optimiser: "adam" | "sign";
  readonly onStep?: (done: number) => void;
}

/** Random views of the clean picture, beside its middle, that make up its own neighbourhood; see docs/photographs.md. */
const OWN_VIEWS = 6;

/** Steps between two looks at the middles of the pictures, by which the best perturbations are chosen. */
const SCORE_EVERY = 5;

/**
 * Finds a perturbation of each canvas by projected gradient ascent over random views. The pictures climb together, and
 * know nothing of each other.
 * @param pictures one or more, of any sizes
 * @returns for each its delta, RGB, [height, width, 3], within the budget
 * @throws AbortError when `signal` fires
 */
export async function findPerturbations(
  pictures: readonly PerturbPicture[],
  surrogate: Surrogate,
  options: PerturbOptions,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { budget, steps, onStep } = options;
  const randoms = pictures.map(({ seed }) => createRandom(seed));
  const { centre, random: draw } = surrogate.viewing;
  const staged = stage(pictures, surrogate, options.mask);
  const centres = (x: tf.Tensor) =>
    staged.show(x as tf.Tensor2D, ({ width, height }) => centre(width, height));
  const randomViews = (x: tf.Tensor) =>
    staged.show(x as tf.Tensor2D, ({ width, height }, i) => {
      const { fullSize } = pictures[i] as PerturbPicture;
      return draw(width, height, randoms[i] as Random, coarsenessOf(fullSize, surrogate));
    });
  let aim: Aim | undefined;
  let start: tf.Tensor | undefined;
  try {
    const climbed = isFeatureObjective(options.objective)
      ? aimAtFeatures(options.objective, surrogate, () => {
          const clean = tf.zerosLike(staged.changeable);
          return [centres(clean), ...Array.from({ length: OWN_VIEWS }, () => randomViews(clean))];
        })
      : aimAtNames(
          options.objective,
          surrogate,
          Int32Array.from(pictures, ({ label }) => label),
        );
    aim = climbed;
    start = staged.rows(
      pictures.map((picture, i) => randomStart(picture, budget.epsilon, randoms[i] as Random)),
    );
    const stepSize = (options.stepScale * budget.epsilon) / steps;
    const { best } = await ascend(
      start,
      {
        steps,
        // Gradients of a nearly certain posterior are minute; Adam must not mistake them for zero.
        stepRule:
          options.optimiser === "adam"
            ? adamSteps({ stepSize, beta2: 0.99, stabiliser: 1e-12 })
            : signSteps(stepSize),
        project: (x) =>
          projectOntoBudget(x as tf.Tensor2D, staged.changeable, budget, staged.mask, staged.lengths),
        objective: (x) => climbed.raise(randomViews(x), randoms[0] as Random),
        score: { of: (x) => climbed.measure(centres(x)), every: SCORE_EVERY },
        ...(onStep && { onStep }),
      },
      signal,
    );
    try {
      const deltas = staged.split((await best.data()) as Float32Array);
      return deltas.map((delta, i) => (pictures[i]?.luminanceOnly ? inThreeChannels(delta) : delta));
    } finally {
      best.dispose();
    }
  } finally {
    start?.dispose();
    staged.dispose();
    aim?.dispose();
  }
}

/** What the pictures climb. */
interface Aim {
  /** The sum over pictures and members, differentiable. */
  raise(views: tf.Tensor4D, random: Random): tf.Scalar;
  /** What is meant, a number for each picture, [m]. */
  measure(views: tf.Tensor4D): tf.Tensor1D;
  dispose(): void;
}

/** @param labels y0 of each picture */
function aimAtNames(id: NameObjectiveId, surrogate: Surrogate, labels: Int32Array): Aim {
  const { raise, measure } = objectives[id];
  return {
    raise: (views, random) => {
      const each = memberLogPosteriors(surrogate, views, random);
      return tf.addN(each.map((logP) => tf.sum(raise(logP, labels)))) as tf.Scalar;
    },
    measure: (views) => measure(surrogateLogPosterior(surrogate, views), labels),
    dispose() {},
  };
}

/**
 * @param cleanViews M views of the clean pictures, [m, S, S, 3] each, whose embeddings are the pictures' own neighbourhoods
 * @throws RangeError when a member has no bank of features
 */
function aimAtFeatures(
  id: FeatureObjectiveId,
  { id: surrogateId, members }: Surrogate,
  cleanViews: () => tf.Tensor4D[],
): Aim {
  const { raise, measure } = featureObjectives[id];
  const banks = members.map(({ features }) => {
    if (!features) throw new RangeError(`${surrogateId} has no bank of features, which "${id}" needs`);
    return features;
  });
  const own = tf.tidy(() => {
    const views = cleanViews();
    return members.map(
      ({ embed }) =>
        tf.stack(
          views.map((view) => embed(view)),
          1,
        ) as tf.Tensor3D,
    );
  });
  const ofMembers = (of: FeatureObjective["raise"], views: tf.Tensor4D, random?: Random) =>
    members.map(({ embed }, i) => of(embed(views, random), own[i] as tf.Tensor3D, banks[i] as FeatureBank));
  return {
    raise: (views, random) =>
      tf.addN(ofMembers(raise, views, random).map((values) => tf.sum(values))) as tf.Scalar,
    measure: (views) => tf.mean(tf.stack(ofMembers(measure, views)), 0),
    dispose: () => tf.dispose(own),
  };
}

/**
 * Enlarges a perturbation (bilinear, so no value grows) and adds it to a picture, rounded to whole 255ths.
 * @param delta RGB, [canvas.height, canvas.width, 3], fractions of 0..1
 * @param budget with an L-infinity budget no channel of the result differs from the picture's by more than epsilon
 */
export function applyPerturbation(
  pixels: Pixels,
  delta: Float32Array,
  canvas: { readonly width: number; readonly height: number },
  budget: Budget,
): Pixels {
  const { width, height } = pixels;
  const bound = budget.norm === "linf" ? Math.floor(budget.epsilon * 255 + 1e-4) : 255;
  const down = resamplingTaps(canvas.height, height);
  const across = resamplingTaps(canvas.width, width);
  const data = new Uint8ClampedArray(pixels.data);
  const row = new Float32Array(canvas.width * 3);
  for (let y = 0; y < height; y++) {
    const { first, weights } = down[y] as Taps;
    row.fill(0);
    weights.forEach((weight, k) => {
      const base = (first + k) * row.length;
      for (let i = 0; i < row.length; i++)
        row[i] = (row[i] as number) + 255 * weight * (delta[base + i] as number);
    });
    for (let x = 0; x < width; x++) {
      const { first: left, weights: w } = across[x] as Taps;
      const w0 = w[0] as number;
      const w1 = w[1] ?? 0;
      const from = left * 3;
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        const change = w0 * (row[from + c] as number) + (w1 && w1 * (row[from + 3 + c] as number));
        const whole = Math.round(Math.max(-bound, Math.min(bound, change)));
        data[at + c] = (data[at + c] as number) + whole;
      }
    }
  }
  return { width, height, data };
}
