/**
 * Finds perturbations of pictures that do not depend on each other, at the surrogate's scale. Gradients are
 * only taken at that scale, so twelve megapixels cost the same gradient work as one; apply-perturbation.ts
 * enlarges the result.
 */
import * as tf from "@tensorflow/tfjs-core";
import { isFeatureObjective, type ObjectiveId } from "../contract/protection-request.ts";
import { type Batch, type BatchPicture, createBatch, randomStart } from "./batch.ts";
import { type BatchObjective, classBatchObjective, featureBatchObjective } from "./batch-objective.ts";
import { type Budget, projectOntoBudget } from "./budget.ts";
import { gradientAscent } from "./gradient-ascent.ts";
import { adam, type Optimiser, signGradient } from "./optimisers.ts";
import { createRandom, type Random } from "./random.ts";
import { downscaleFactor } from "./scaled-picture.ts";
import type { AscentSettings, Surrogate } from "./surrogate.ts";

export interface PerturbPicture extends BatchPicture {
  /** y0 of the `overlap` objective. */
  readonly label: number;
  /**
   * Of the random start and the random views; with one seed a picture gets the same perturbation alone and in
   * a batch.
   */
  readonly seed: number;
}

export interface PerturbOptions extends AscentSettings {
  readonly objective: ObjectiveId;
  readonly budget: Budget;
  readonly optimiser: "adam" | "sign";
  readonly onStep?: (done: number) => void;
}

/**
 * Random views of the clean picture that, with its centre crop, stand for it in feature space; see
 * docs/photographs.md.
 */
const CLEAN_VIEWS = 6;

/** Steps between two evaluations of the metric on the centre crops. */
const METRIC_EVERY = 12;

/**
 * Finds a perturbation of each picture by projected gradient ascent over random views.
 * @param pictures one or more, of any sizes, optimised as one batch
 * @returns for each its perturbation, [height, width, 3 or 1], within the budget
 * @throws AbortError when `signal` fires; RangeError when the objective needs a feature bank that the
 * surrogate lacks
 */
export async function findPerturbations(
  pictures: readonly PerturbPicture[],
  surrogate: Surrogate,
  options: PerturbOptions,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { budget, steps, onStep } = options;
  const randoms = pictures.map(({ seed }) => createRandom(seed));
  const { views, inputSize } = surrogate;
  const sides = pictures.map(({ fullSize: { width, height } }) =>
    views.ascentSide(Math.min(width, height), inputSize),
  );
  const batch = createBatch(pictures, surrogate, options.mask, Math.max(...sides));
  const { centreViews, randomViews } = viewsOf(batch, pictures, randoms, surrogate);
  let disposeObjective: (() => void) | undefined;
  let start: tf.Tensor | undefined;
  try {
    const cleanViews = () => {
      const none = tf.zerosLike(batch.pixels);
      return [centreViews(none), ...Array.from({ length: CLEAN_VIEWS }, () => randomViews(none))];
    };
    const { loss, metric, dispose } = objectiveOf(pictures, surrogate, options.objective, cleanViews);
    disposeObjective = dispose;
    start = batch.pack(
      pictures.map((picture, i) => randomStart(picture, budget.epsilon, randoms[i] as Random)),
    );
    const { best } = await gradientAscent(
      start,
      {
        steps,
        optimiser: optimiserOf(options),
        project: (x) => projectOntoBudget(x as tf.Tensor2D, budget, batch),
        loss: (x, step) => loss(randomViews(x), randoms[0] as Random, step),
        metric: { of: (x) => metric(centreViews(x)), every: METRIC_EVERY },
        ...(onStep && { onStep }),
      },
      signal,
    );
    try {
      return batch.unpack((await best.data()) as Float32Array);
    } finally {
      best.dispose();
    }
  } finally {
    start?.dispose();
    batch.dispose();
    disposeObjective?.();
  }
}

/**
 * Views of the pictures of a batch with perturbations x, [m, L]; random ones are drawn anew at every call.
 */
function viewsOf(
  batch: Batch,
  pictures: readonly PerturbPicture[],
  randoms: readonly Random[],
  surrogate: Surrogate,
) {
  const { views } = surrogate;
  return {
    centreViews: (x: tf.Tensor) =>
      batch.render(x as tf.Tensor2D, ({ width, height }) => views.centre(width, height)),
    randomViews: (x: tf.Tensor) =>
      batch.render(x as tf.Tensor2D, ({ width, height }, i) => {
        const { fullSize } = pictures[i] as PerturbPicture;
        return views.sample(width, height, randoms[i] as Random, downscaleFactor(fullSize, surrogate));
      }),
  };
}

function objectiveOf(
  pictures: readonly PerturbPicture[],
  surrogate: Surrogate,
  id: ObjectiveId,
  cleanViews: () => tf.Tensor4D[],
): BatchObjective {
  if (isFeatureObjective(id)) return featureBatchObjective(id, surrogate, cleanViews);
  return classBatchObjective(
    id,
    surrogate,
    Int32Array.from(pictures, ({ label }) => label),
  );
}

function optimiserOf({ optimiser, stepScale, budget, steps }: PerturbOptions): Optimiser {
  const stepSize = (stepScale * budget.epsilon) / steps;
  if (optimiser === "sign") return signGradient(stepSize);
  // The gradients of a nearly certain posterior are tiny, and a larger stabiliser would drown them.
  return adam({ stepSize, beta2: 0.99, stabiliser: 1e-12 });
}
