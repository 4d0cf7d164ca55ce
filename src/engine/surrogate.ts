/** What the engine needs of a surrogate network: an embedding, and a bank of labelled embeddings to compare it with. */
import type * as tf from "@tensorflow/tfjs-core";
import { logPosterior, type ReferenceBank } from "./bayes-error.ts";

export interface Surrogate {
  readonly id: string;
  /** Side S of the square views it sees, in pixels. */
  readonly inputSize: number;
  readonly numClasses: number;
  /**
   * Embeds views; differentiable; does its own normalisation.
   * @param views [B, S, S, 3], RGB in 0..1
   * @returns z, [B, D]
   */
  embed(views: tf.Tensor4D): tf.Tensor2D;
  /** The clean data it stands for. */
  readonly bank: ReferenceBank;
  /** Frees all its tensors. */
  dispose(): void;
}

/** log p(c|x) of views [B, S, S, 3] under a surrogate, [B, C]. */
export function surrogateLogPosterior(surrogate: Surrogate, views: tf.Tensor4D): tf.Tensor2D {
  return logPosterior(surrogate.embed(views), surrogate.bank);
}
