/**
 * A network from a file by lab/export_surrogates.py, which holds the architecture, the weights, and a
 * prototype bank or the network's own classifier.
 */
import * as tf from "@tensorflow/tfjs-core";
import { conv2d, depthwiseConv2d } from "../engine/convolution.ts";
import { chain, differentiable, type Layer, maxPool, residual } from "../engine/layers.ts";
import type { Network } from "../engine/surrogate.ts";
import { unitLength } from "../engine/tensor-ops.ts";
import { attention, gelu, normalisation, positionEmbedding } from "../engine/transformer.ts";
import { resizeViews } from "../engine/transforms.ts";
import { parseMetadata, parseSafetensors, weightsOf } from "./safetensors.ts";

/**
 * One layer, in the words of the file. Layers with weights give the number n of their tensors, `layers.n.*`.
 */
type LayerSpec =
  | ResidualSpec
  | ConvolutionSpec
  /** Side of the squares. */
  | { readonly maxPool: number }
  /** A position embedding. */
  | { readonly places: number }
  /** The epsilon that is added to the variance. */
  | { readonly normalisation: number }
  | { readonly gelu: true }
  /** Number of heads. */
  | { readonly attention: number };

/** Without a shortcut it adds its input unchanged. */
interface ResidualSpec {
  readonly residual: readonly LayerSpec[];
  readonly shortcut?: readonly LayerSpec[];
  readonly activation?: "linear" | "relu6";
}

type ConvolutionSpec = ({ readonly conv: number } | { readonly depthwise: number }) & {
  readonly stride: 1 | 2;
  readonly activation: "linear" | "relu6";
};

/** The metadata of a file. */
interface Metadata {
  /** The layers in order. */
  readonly plan: readonly LayerSpec[];
  /** Subtracted from pixels in 0..1; their divisor is folded into the first kernel. */
  readonly subtract: number;
  readonly classes: number;
  /** Side of the square to which views are enlarged, in pixels. */
  readonly enlarge?: number;
  /** Prototypes of each class in the bank, sorted by class. */
  readonly perClass?: number;
  /**
   * Width of the RBF kernel of the bank, in units of the embeddings' length. Without it the bank is the
   * network's own classifier.
   */
  readonly sigma?: number;
}

/** @throws Error when the file has no architecture, or lacks the weights of a layer */
export function createNetworkFromFile(file: ArrayBuffer): Network {
  const tensors = parseSafetensors(file);
  const { surrogate: text } = parseMetadata(file);
  if (!text) throw new Error("expected the architecture of a network in the file");
  const { plan, subtract, classes, enlarge, perClass = 1, sigma } = JSON.parse(text) as Metadata;

  function take<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const { values, shape } = weightsOf(tensors, name);
    return tf.tensor(values, [...shape] as tf.ShapeMap[R]);
  }

  function build(spec: LayerSpec): Layer {
    if ("residual" in spec)
      return residual(chain(spec.residual.map(build)), {
        ...(spec.shortcut && { shortcut: chain(spec.shortcut.map(build)) }),
        ...(spec.activation && { activation: spec.activation }),
      });
    if ("maxPool" in spec) return maxPool(spec.maxPool);
    if ("places" in spec) return positionEmbedding(take<tf.Rank.R3>(`layers.${spec.places}.places`));
    if ("normalisation" in spec) return normalisation(spec.normalisation);
    if ("gelu" in spec) return gelu();
    if ("attention" in spec) return attention(spec.attention);
    const [make, number] = "conv" in spec ? [conv2d, spec.conv] : [depthwiseConv2d, spec.depthwise];
    const { stride, activation } = spec;
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
        const enlarged = enlarge ? resizeViews(views, enlarge) : views;
        const z = tf.mean(features(tf.sub(enlarged, subtract)), [1, 2]) as tf.Tensor2D;
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
