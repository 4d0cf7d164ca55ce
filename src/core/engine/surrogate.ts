/** What the engine needs of a surrogate: networks to ask, how to show them pictures, and how to climb with them. */
import * as tf from "@tensorflow/tfjs-core";
import { logPosterior, type ReferenceBank } from "./bayes-error.ts";
import type { FeatureBank } from "./features.ts";
import type { Mask } from "./mask.ts";
import type { Random } from "./random.ts";
import type { Viewing } from "./transforms.ts";

/** A network as an embedding, and the clean data it stands for. */
export interface Network {
  /**
   * Embeds views; differentiable; does its own normalisation.
   * @param views [B, S, S, 3], RGB in 0..1
   * @param random where a gradient is taken, lets the network be another one of its kind each time, if it has a way to; an ascent
   * that is asked to please many misleads others more
   * @returns z, [B, D]
   */
  embed(views: tf.Tensor4D, random?: Random): tf.Tensor2D;
  readonly bank: ReferenceBank;
  /** Other pictures, for the objectives of features. */
  readonly features?: FeatureBank;
  /** Frees all its tensors. */
  dispose(): void;
}

/** How the ascent goes, unless a person says otherwise. */
export interface AscentSettings {
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** Size of a step, in multiples of epsilon / steps. */
  readonly stepScale: number;
  /** Share of the budget that each place may use. */
  readonly mask: Mask;
  /** Whether the change is the same in all channels: what the eye sees least, and a JPEG keeps best. */
  readonly luminanceOnly: boolean;
}

export interface Surrogate {
  readonly id: string;
  /** Side S of the square views it sees, in pixels. */
  readonly inputSize: number;
  readonly numClasses: number;
  /** One network, or an ensemble that knows the same classes: what misleads all of them misleads others more often. */
  readonly members: readonly [Network, ...Network[]];
  /** Names what a clean picture shows, in place of the members; asked once, so it can afford to know more than they do. */
  readonly labeller?: Network;
  readonly viewing: Viewing;
  readonly ascent: AscentSettings;
  /** How many pictures should climb at once, at least 1; each needs memory, and saves what operations cost whatever their size. */
  readonly together: number;
  /** Frees all its tensors. */
  dispose(): void;
}

/** log p(c|x) of views [B, S, S, 3] under each member, [B, C] each; for `random` see {@link Network.embed}. */
export function memberLogPosteriors(
  { members }: Surrogate,
  views: tf.Tensor4D,
  random?: Random,
): tf.Tensor2D[] {
  return members.map((member) => logPosterior(member.embed(views, random), member.bank));
}

/** log p(c|x) of views [B, S, S, 3] under a surrogate, [B, C]: p is the mean of the members' posteriors. */
export function surrogateLogPosterior(surrogate: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => logMean(memberLogPosteriors(surrogate, views)));
}

/** Embeddings of views [B, S, S, 3] by each member, [B, D] each, and log p(c|x) under the surrogate, [B, C]. */
export function embedAndName(
  { members }: Surrogate,
  views: tf.Tensor4D,
): { embeddings: tf.Tensor2D[]; logP: tf.Tensor2D } {
  const embeddings = members.map((member) => member.embed(views));
  const logP = logMean(members.map(({ bank }, i) => logPosterior(embeddings[i] as tf.Tensor2D, bank)));
  return { embeddings, logP };
}

/** The log of the mean of what the logs are of. */
function logMean(each: tf.Tensor2D[]): tf.Tensor2D {
  const [first] = each as [tf.Tensor2D];
  return each.length === 1 ? first : tf.sub(tf.logSumExp(tf.stack(each), 0), Math.log(each.length));
}
