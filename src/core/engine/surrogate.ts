/**
 * What the engine needs of a surrogate: its networks, the views that it is shown, and the settings of the
 * gradient ascent.
 */
import * as tf from "@tensorflow/tfjs-core";
import { logPosterior, type PrototypeBank } from "./bayes-error.ts";
import type { FeatureBank } from "./feature-objectives.ts";
import type { Mask } from "./mask.ts";
import type { Random } from "./random.ts";
import type { ViewDistribution } from "./transforms.ts";

/** A network that embeds views, and the prototype bank that turns embeddings into classes. */
export interface Network {
  /**
   * Embeds views; differentiable; normalises them itself.
   * @param views [B, S, S, 3], RGB in 0..1
   * @param random where given and a gradient is taken, the network may vary itself at random: a perturbation
   * against many networks transfers better
   * @returns z, [B, D]
   */
  embed(views: tf.Tensor4D, random?: Random): tf.Tensor2D;
  readonly bank: PrototypeBank;
  /** Other photographs, for the objectives on features. */
  readonly features?: FeatureBank;
  /** Frees all its tensors. */
  dispose(): void;
}

/** Settings of the gradient ascent that suit a surrogate. */
export interface AscentSettings {
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** Size of a step, in multiples of epsilon / steps. */
  readonly stepScale: number;
  /** Share of the budget that each pixel may use. */
  readonly mask: Mask;
  /** Whether the change is the same in all channels: the eye sees that least, and a JPEG keeps it best. */
  readonly luminanceOnly: boolean;
}

export interface Surrogate {
  readonly id: string;
  /** Side S of the square views, in pixels. */
  readonly inputSize: number;
  readonly numClasses: number;
  /**
   * One network, or an ensemble with the same classes: a perturbation that misleads all of them transfers
   * better.
   */
  readonly members: readonly [Network, ...Network[]];
  /**
   * Each step of an ascent asks one member in turn, and not all: the cost of one. Without it the losses of all
   * members are added up.
   */
  readonly inTurn?: true;
  /**
   * Classifies clean pictures in place of the members. It runs once a picture, so it may be larger than they
   * are.
   */
  readonly labeller?: Network;
  readonly views: ViewDistribution;
  readonly ascent: AscentSettings;
  /**
   * How many pictures are optimised at once, at least 1. Each needs memory, and saves the share of an
   * operation's cost that does not depend on its size.
   */
  readonly batchSize: number;
  /** Frees all its tensors. */
  dispose(): void;
}

/** The numbers of the members that a step of an ascent asks. */
export function membersOfStep({ members, inTurn }: Surrogate, step: number): number[] {
  return inTurn ? [step % members.length] : members.map((_, i) => i);
}

/** log p(c|x) of views [B, S, S, 3] under a surrogate, [B, C]: p is the mean of the members' posteriors. */
export function surrogateLogPosterior(surrogate: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => embedAndClassify(surrogate, views).logP);
}

/**
 * Embeddings of views [B, S, S, 3] by each member, [B, D] each, and log p(c|x) under the surrogate, [B, C].
 */
export function embedAndClassify(
  { members }: Surrogate,
  views: tf.Tensor4D,
): { embeddings: tf.Tensor2D[]; logP: tf.Tensor2D } {
  const embeddings = members.map((member) => member.embed(views));
  const logP = logMean(members.map(({ bank }, i) => logPosterior(embeddings[i] as tf.Tensor2D, bank)));
  return { embeddings, logP };
}

/** The log of the mean of numbers, given their logs. */
function logMean(logs: tf.Tensor2D[]): tf.Tensor2D {
  const [first] = logs as [tf.Tensor2D];
  return logs.length === 1 ? first : tf.sub(tf.logSumExp(tf.stack(logs), 0), Math.log(logs.length));
}
