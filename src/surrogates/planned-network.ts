/**
 * A network whose own file lists its layers, with a bank of labelled embeddings and a classifier beside them: what lab/export_surrogates.py
 * writes. Embeddings are divided by their length, and compared by the RBF kernel.
 */
import * as tf from "@tensorflow/tfjs-core";
import { unitLength } from "../engine/joint.ts";
import { chain, conv2d, depthwiseConv2d, differentiable, type Layer, residual } from "../engine/layers.ts";
import type { Network } from "../engine/surrogate.ts";
import { parseMetadata, parseSafetensors, weightsOf } from "./safetensors.ts";

/** One layer of a plan; numbers are those of the layers' weights. A residual without a shortcut adds its input as it is. */
type Step = ResidualStep | ConvolutionStep;

interface ResidualStep {
  readonly residual: readonly Step[];
  readonly shortcut?: readonly Step[];
  readonly activation?: "linear" | "relu6";
}

type ConvolutionStep = ({ readonly conv: number } | { readonly depthwise: number }) & {
  readonly stride: 1 | 2;
  readonly activation: "linear" | "relu6";
};

interface Plan {
  readonly plan: readonly Step[];
  /** Taken off pixels in 0..1; what they are divided by is in the first kernel. */
  readonly subtract: number;
  readonly classes: number;
  /** References of each class; they are sorted by class. */
  readonly perClass: number;
  /** Width of the kernel, in units of the embeddings' length. */
  readonly sigma: number;
}

/**
 * @param bank `references`: embeddings of pictures in the file, and the RBF kernel; `head`: the network's own classifier
 * @throws Error when the file has no plan, or lacks a layer of it
 */
export function createPlannedNetwork(file: ArrayBuffer, bank: "references" | "head" = "references"): Network {
  const tensors = parseSafetensors(file);
  const { surrogate: text } = parseMetadata(file);
  if (!text) throw new Error("expected the plan of a network in the file");
  const { plan, subtract, classes, perClass, sigma } = JSON.parse(text) as Plan;

  function take<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const { values, shape } = weightsOf(tensors, name);
    return tf.tensor(values, [...shape] as tf.ShapeMap[R]);
  }

  function build(step: Step): Layer {
    if ("residual" in step)
      return residual(chain(step.residual.map(build)), {
        ...(step.shortcut && { shortcut: chain(step.shortcut.map(build)) }),
        ...(step.activation && { activation: step.activation }),
      });
    const [make, number] = "conv" in step ? [conv2d, step.conv] : [depthwiseConv2d, step.depthwise];
    const { stride, activation } = step;
    const kernel = take<tf.Rank.R4>(`layers.${number}.kernel`);
    return make(kernel, take<tf.Rank.R1>(`layers.${number}.bias`), { stride, activation });
  }

  const network = chain(plan.map(build));
  const features = differentiable(network);
  const classifier = bank === "head";
  const prototypes = take<tf.Rank.R2>(classifier ? "head.kernel" : "bank");
  const bias = classifier ? take<tf.Rank.R1>("head.bias") : undefined;
  const perLabel = classifier ? 1 : perClass;

  return {
    embed: (views) =>
      tf.tidy(() => {
        const z = tf.mean(features(tf.sub(views, subtract)), [1, 2]) as tf.Tensor2D;
        return classifier ? z : unitLength(z);
      }),
    bank: {
      prototypes,
      labels: Int32Array.from({ length: classes * perLabel }, (_, i) => Math.floor(i / perLabel)),
      numClasses: classes,
      kernel: bias ? { kind: "softmax", bias } : { kind: "rbf", sigma },
    },
    dispose() {
      network.dispose();
      tf.dispose([prototypes, bias]);
    },
  };
}
