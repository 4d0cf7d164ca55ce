/**
 * Optimises the perturbations of one chunk of a labelled set while all other pictures are fixed
 * (joint-error.ts). Random views, budget and mask are as for independent pictures (perturb.ts).
 */
import * as tf from "@tensorflow/tfjs-core";
import { type BatchPicture, createBatch, randomStart } from "./batch.ts";
import { projectOntoBudget } from "./budget.ts";
import { gradientAscent } from "./gradient-ascent.ts";
import type { ChunkObjective } from "./joint-error.ts";
import type { Mask } from "./mask.ts";
import { adam } from "./optimisers.ts";
import { createRandom } from "./random.ts";
import { centreCrops, type ScaledPicture, type Size } from "./scaled-picture.ts";
import type { Surrogate } from "./surrogate.ts";
import { unitLength } from "./tensor-ops.ts";
import type { View } from "./transforms.ts";

/** The members' embeddings at equal lengths, concatenated, and scaled to length 1: [m, D]. */
function embedWithAllMembers({ members }: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return unitLength(
    tf.concat(
      members.map((member) => unitLength(member.embed(views))),
      1,
    ),
  );
}

/** A surrogate's embeddings of the centre crops of pictures, of length 1: [m, D]. */
export async function embedPictures(
  pictures: readonly ScaledPicture[],
  surrogate: Surrogate,
): Promise<Float32Array> {
  const z = tf.tidy(() => embedWithAllMembers(surrogate, centreCrops(pictures, surrogate)));
  try {
    return (await z.data()) as Float32Array;
  } finally {
    z.dispose();
  }
}

export interface ChunkPicture extends BatchPicture {
  /** The perturbation to start from; random without it. */
  readonly delta?: Float32Array | undefined;
}

export interface ChunkOptions {
  /** Of the whole set, while this chunk moves. */
  readonly objective: ChunkObjective;
  /** L-infinity budget, fraction of the 0..1 range. */
  readonly epsilon: number;
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** In fractions of the 0..1 range. */
  readonly stepSize: number;
  readonly mask: Mask;
  readonly seed: number;
}

/** Steps between two evaluations of the metric on the centre crops. */
const METRIC_EVERY = 5;

/**
 * Takes some gradient steps for a chunk.
 * @returns a perturbation for each picture, [height, width, 3 or 1], and the embeddings with them, [m, D]
 * @throws AbortError when `signal` fires
 */
export async function perturbChunk(
  pictures: readonly ChunkPicture[],
  surrogate: Surrogate,
  options: ChunkOptions,
  signal?: AbortSignal,
): Promise<{ deltas: Float32Array[]; embeddings: Float32Array }> {
  const { objective, epsilon, steps, stepSize } = options;
  const random = createRandom(options.seed);
  const { views } = surrogate;
  const batch = createBatch(pictures, surrogate, options.mask);
  const embed = (x: tf.Tensor, viewOf: (size: Size) => View) =>
    embedWithAllMembers(surrogate, batch.render(x as tf.Tensor2D, viewOf));
  const embedCentre = (x: tf.Tensor) => embed(x, ({ width, height }) => views.centre(width, height));
  const metric = (x: tf.Tensor) => tf.tidy(() => objective.metric(embedCentre(x)));
  const start = batch.pack(pictures.map((picture) => picture.delta ?? randomStart(picture, epsilon, random)));
  const before = batch.pack(pictures.map(({ delta = new Float32Array() }) => delta));
  try {
    const { best, values } = await gradientAscent(
      start,
      {
        steps,
        optimiser: adam({ stepSize, beta2: 0.99, stabiliser: 1e-12 }),
        project: (x) => projectOntoBudget(x as tf.Tensor2D, { norm: "linf", epsilon }, batch),
        loss: (x) => objective.loss(embed(x, ({ width, height }) => views.sample(width, height, random, 1))),
        metric: { of: metric, every: METRIC_EVERY },
      },
      signal,
    );
    const valueBefore = metric(before);
    // Keeps the perturbations from before where they were better, so that no chunk ever lowers the error of
    // the set.
    const better = (values[0] as number) > ((await valueBefore.data())[0] as number) ? best : before;
    const z = tf.tidy(() => embedCentre(better));
    try {
      return {
        deltas: batch.unpack((await better.data()) as Float32Array),
        embeddings: (await z.data()) as Float32Array,
      };
    } finally {
      tf.dispose([best, valueBefore, z]);
    }
  } finally {
    tf.dispose([before, start]);
    batch.dispose();
  }
}
