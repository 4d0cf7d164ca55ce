/** The objective of a batch: sums the losses of its pictures and of the surrogate's members. */
import * as tf from "@tensorflow/tfjs-core";
import type { ClassObjectiveId, FeatureObjectiveId } from "../contract/protection-request.ts";
import { logPosterior } from "./bayes-error.ts";
import { classObjectives } from "./class-objectives.ts";
import { type FeatureBank, type FeatureObjective, featureObjectives } from "./feature-objectives.ts";
import type { Random } from "./random.ts";
import { membersOfStep, type Network, type Surrogate, surrogateLogPosterior } from "./surrogate.ts";

/** Functions of one view of each picture, [m, S, S, 3]. */
export interface BatchObjective {
  /**
   * Sum over pictures and over the members that the step asks; differentiable.
   * @param random see `Network.embed`
   */
  loss(views: tf.Tensor4D, random: Random, step: number): tf.Scalar;
  /** A number for each picture, [m]. */
  metric(views: tf.Tensor4D): tf.Tensor1D;
  dispose(): void;
}

/** @param labels y0 of each picture */
export function classBatchObjective(
  id: ClassObjectiveId,
  surrogate: Surrogate,
  labels: Int32Array,
): BatchObjective {
  const { loss, metric } = classObjectives[id];
  return {
    loss: (views, random, step) =>
      tf.addN(
        membersOfStep(surrogate, step).map((i) => {
          const { embed, bank } = surrogate.members[i] as Network;
          return tf.sum(loss(logPosterior(embed(views, random), bank), labels));
        }),
      ) as tf.Scalar,
    metric: (views) => metric(surrogateLogPosterior(surrogate, views), labels),
    dispose() {},
  };
}

/**
 * @param cleanViews M views of the clean pictures, [m, S, S, 3] each, whose embeddings stand for the clean
 * pictures
 * @throws RangeError when a member has no feature bank
 */
export function featureBatchObjective(
  id: FeatureObjectiveId,
  surrogate: Surrogate,
  cleanViews: () => tf.Tensor4D[],
): BatchObjective {
  const { loss, metric } = featureObjectives[id];
  const { members } = surrogate;
  const banks = members.map(({ features }) => {
    if (!features) throw new RangeError(`${surrogate.id} has no bank of features, which "${id}" needs`);
    return features;
  });
  const clean = tf.tidy(() => {
    const views = cleanViews();
    return members.map(
      ({ embed }) =>
        tf.stack(
          views.map((view) => embed(view)),
          1,
        ) as tf.Tensor3D,
    );
  });
  const ofMember = (of: FeatureObjective["loss"], i: number, views: tf.Tensor4D, random?: Random) =>
    of((members[i] as Network).embed(views, random), clean[i] as tf.Tensor3D, banks[i] as FeatureBank);
  return {
    loss: (views, random, step) =>
      tf.addN(
        membersOfStep(surrogate, step).map((i) => tf.sum(ofMember(loss, i, views, random))),
      ) as tf.Scalar,
    metric: (views) => tf.mean(tf.stack(members.map((_, i) => ofMember(metric, i, views))), 0),
    dispose: () => tf.dispose(clean),
  };
}
