/**
 * A network whose own file lists its layers, with a bank of labelled embeddings, or its own classifier, beside them: what
 * lab/export_surrogates.py writes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { unitLength } from "../engine/joint.ts";
import {
  chain,
  conv2d,
  depthwiseConv2d,
  differentiable,
  type Layer,
  maxPool,
  residual,
} from "../engine/layers.ts";
import type { Network } from "../engine/surrogate.ts";
import { attention, gelu, normalisation, places } from "../engine/transformer.ts";
import { resizeViews } from "../engine/transforms.ts";
import { parseMetadata, parseSafetensors, weightsOf } from "./safetensors.ts";

/** One layer of a plan. Those with weights say the number of their weights. */
type Step =
  | ResidualStep
  | ConvolutionStep
  /** Side of the squares. */
  | { readonly maxPool: number }
  | { readonly places: number }
  /** The epsilon that is added to the variance. */
  | { readonly normalisation: number }
  | { readonly gelu: true }
  /** How many heads there are. */
  | { readonly attention: number };

/** Without a shortcut it adds its input as it is. */
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
  /** Side of the square that the network wants views enlarged to, in pixels. */
  readonly enlarge?: number;
  /** References of each class in the bank, sorted by class. Without a bank the network's own classifier names a picture. */
  readonly perClass?: number;
  /** Width of the RBF kernel that compares embeddings with the bank's, in units of their length. */
  readonly sigma?: number;
}

/** @throws Error when the file has no plan, or lacks a layer of it */
export function createPlannedNetwork(file: ArrayBuffer): Network {
  const tensors = parseSafetensors(file);
  const { surrogate: text } = parseMetadata(file);
  if (!text) throw new Error("expected the plan of a network in the file");
  const { plan, subtract, classes, enlarge, perClass = 1, sigma } = JSON.parse(text) as Plan;

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
    if ("maxPool" in step) return maxPool(step.maxPool);
    if ("places" in step) return places(take<tf.Rank.R3>(`layers.${step.places}.places`));
    if ("normalisation" in step) return normalisation(step.normalisation);
    if ("gelu" in step) return gelu();
    if ("attention" in step) return attention(step.attention);
    const [make, number] = "conv" in step ? [conv2d, step.conv] : [depthwiseConv2d, step.depthwise];
    const { stride, activation } = step;
    const kernel = take<tf.Rank.R4>(`layers.${number}.kernel`);
    return make(kernel, take<tf.Rank.R1>(`layers.${number}.bias`), { stride, activation });
  }

  const network = chain(plan.map(build));
  const features = differentiable(network);
  const prototypes = take<tf.Rank.R2>(sigma ? "bank" : "head.kernel");
  const bias = sigma ? undefined : take<tf.Rank.R1>("head.bias");

  return {
    embed: (views) =>
      tf.tidy(() => {
        const shown = enlarge ? resizeViews(views, enlarge) : views;
        const z = tf.mean(features(tf.sub(shown, subtract)), [1, 2]) as tf.Tensor2D;
        return sigma ? unitLength(z) : z;
      }),
    bank: {
      prototypes,
      labels: Int32Array.from({ length: classes * perClass }, (_, i) => Math.floor(i / perClass)),
      numClasses: classes,
      kernel: bias ? { kind: "softmax", bias } : { kind: "rbf", sigma: sigma as number },
    },
    dispose() {
      network.dispose();
      tf.dispose([prototypes, bias]);
    },
  };
}
