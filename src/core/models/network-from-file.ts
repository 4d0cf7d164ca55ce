/**
 * A network from a file by lab/export_surrogates.py or lab/convert_mobilenet_v2.py, which holds the architecture,
 * the weights, and a prototype bank or the network's own classifier.
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
  /** Subtracted from pixels in 0..1, of each channel or of all; their divisor is folded into the first kernel. */
  readonly subtract: number | readonly number[];
  /**
   * Views are turned by 180 degrees, as the kernels are: convolutions with a stride then pad above and to the
   * left, as PyTorch's do, and not below and to the right.
   */
  readonly turned?: true;
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
  /** Width of the kernel that compares features, where the file has a bank of features. */
  readonly featureSigma?: number;
}

/** How a network's gradient differs from the exact one, so that a perturbation transfers better. */
export interface GradientOptions {
  /** Of residuals, see `ResidualOptions`. */
  readonly gradientShare?: number;
  /**
   * Shortcuts are multiplied by 1 +- `ghost` at random, so that each step sees another network (ghost networks,
   * Li et al. 2020).
   */
  readonly ghost?: number;
}

/** @throws Error when the file has no architecture, or lacks the weights of a layer */
export function createNetworkFromFile(
  file: ArrayBuffer,
  { gradientShare = 1, ghost = 0 }: GradientOptions = {},
): Network {
  const tensors = parseSafetensors(file);
  const { surrogate: text } = parseMetadata(file);
  if (!text) throw new Error("expected the architecture of a network in the file");
  const metadata = JSON.parse(text) as Metadata;
  const { plan, classes, enlarge, perClass = 1, sigma, featureSigma, turned } = metadata;

  function take<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const { values, shape } = weightsOf(tensors, name);
    return tf.tensor(values, [...shape] as tf.ShapeMap[R]);
  }

  function build(spec: LayerSpec): Layer {
    if ("residual" in spec)
      return residual(chain(spec.residual.map(build)), {
        ...(spec.shortcut && { shortcut: chain(spec.shortcut.map(build)) }),
        ...(spec.activation && { activation: spec.activation }),
        gradientShare,
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
  const subtract = tf.tensor(metadata.subtract as tf.TensorLike);
  const centres = featureSigma ? take<tf.Rank.R2>("features.centres") : undefined;

  return {
    embed: (views, random) =>
      tf.tidy(() => {
        const enlarged = enlarge ? resizeViews(views, enlarge) : views;
        const input = tf.sub<tf.Tensor4D>(turned ? tf.reverse(enlarged, [1, 2]) : enlarged, subtract);
        const scale = ghost && random ? () => random.between(1 - ghost, 1 + ghost) : undefined;
        const z = tf.mean(features(input, scale), [1, 2]) as tf.Tensor2D;
        return sigma ? unitLength(z) : z;
      }),
    bank: {
      prototypes,
      labels: Int32Array.from({ length: classes * perClass }, (_, i) => Math.floor(i / perClass)),
      numClasses: classes,
      kernel: bias ? { kind: "softmax", bias } : { kind: "rbf", sigma: sigma as number },
    },
    ...(centres && featureSigma && { features: { centres, sigma: featureSigma } }),
    dispose() {
      network.dispose();
      tf.dispose([prototypes, bias, subtract, centres]);
    },
  };
}
