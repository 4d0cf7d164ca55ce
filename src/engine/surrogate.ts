/** What the engine needs of a surrogate: networks to ask, how to show them pictures, and how to climb with them. */
import * as tf from "@tensorflow/tfjs-core";
import { logPosterior, type ReferenceBank } from "./bayes-error.ts";
import type { Viewing } from "./transforms.ts";

/** A network as an embedding, and the clean data it stands for. */
export interface Network {
  /**
   * Embeds views; differentiable; does its own normalisation.
   * @param views [B, S, S, 3], RGB in 0..1
   * @returns z, [B, D]
   */
  embed(views: tf.Tensor4D): tf.Tensor2D;
  readonly bank: ReferenceBank;
  /** Frees all its tensors. */
  dispose(): void;
}

/** How the ascent goes, unless a person says otherwise. */
export interface AscentSettings {
  /** Gradient steps, at least 1. */
  readonly steps: number;
  /** Size of a step, in multiples of epsilon / steps. */
  readonly stepScale: number;
  /** Share of the budget that perfectly smooth areas may use, 0..1; 1 turns the perceptual mask off. */
  readonly smoothShare: number;
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

/** log p(c|x) of views [B, S, S, 3] under each member, [B, C] each. */
export function memberLogPosteriors({ members }: Surrogate, views: tf.Tensor4D): tf.Tensor2D[] {
  return members.map((member) => logPosterior(member.embed(views), member.bank));
}

/** log p(c|x) of views [B, S, S, 3] under a surrogate, [B, C]: p is the mean of the members' posteriors. */
export function surrogateLogPosterior(surrogate: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    const each = memberLogPosteriors(surrogate, views);
    const [first] = each as [tf.Tensor2D];
    return each.length === 1 ? first : tf.sub(tf.logSumExp(tf.stack(each), 0), Math.log(each.length));
  });
}
