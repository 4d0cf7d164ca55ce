/** A network small enough for tests of everything around networks. */
import * as tf from "@tensorflow/tfjs";
import { contrastMask } from "../../../../src/core/engine/mask.ts";
import type { Network, Surrogate } from "../../../../src/core/engine/surrogate.ts";
import { unitLength } from "../../../../src/core/engine/tensor-ops.ts";
import { PHOTOGRAPH_VIEWS } from "../../../../src/core/engine/transforms.ts";

/** A small real classifier: colour and edges of a coarse grid, softmax over five random prototypes. */
export function tinySurrogate(): Surrogate {
  const inputSize = 16;
  const prototypes = tf.randomNormal([5, 48], 0, 3, "float32", 11) as tf.Tensor2D;
  const centres = unitLength(tf.randomNormal([7, 48], 0, 1, "float32", 12));
  const classifier: Network = {
    embed: (views) =>
      tf.tidy(
        () => tf.reshape(tf.sub(tf.avgPool(views, 4, 4, "valid"), 0.5), [views.shape[0], 48]) as tf.Tensor2D,
      ),
    bank: {
      prototypes,
      labels: Int32Array.of(0, 1, 2, 3, 4),
      numClasses: 5,
      kernel: { kind: "softmax", bias: tf.zeros([5]) },
    },
    features: { centres, sigma: 0.3 },
    dispose: () => tf.dispose([prototypes, centres]),
  };
  return {
    id: "tiny",
    inputSize,
    numClasses: 5,
    members: [classifier],
    views: PHOTOGRAPH_VIEWS,
    ascent: { steps: 30, stepScale: 12, mask: contrastMask(0.2, 60), luminanceOnly: false },
    batchSize: 3,
    dispose: classifier.dispose,
  };
}
