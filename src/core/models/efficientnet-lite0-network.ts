/**
 * EfficientNet-Lite0, trained on ImageNet-1k (top-1 75.1 %): 16 inverted bottlenecks without
 * squeeze-and-excitation.
 *
 * The prototypes of its bank are the classifier's weight vectors and the kernel is a softmax, so the
 * posterior of the bank is the network's own over 1000 classes. For the objectives on features it also has a
 * bank of other photographs. Weights: see assets/models/NOTICE.
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ConvolutionOptions, conv2d, depthwiseConv2d } from "../engine/convolution.ts";
import { chain, differentiable, type Layer, residual } from "../engine/layers.ts";
import { contrastMask } from "../engine/mask.ts";
import type { Network, Surrogate } from "../engine/surrogate.ts";
import { PHOTOGRAPH_VIEWS } from "../engine/transforms.ts";
import type { GradientOptions } from "./network-from-file.ts";
import { parseSafetensors, weightsOf } from "./safetensors.ts";

/** Strides of the depthwise convolutions; the shapes of the weights give widths and kernel sizes. */
const STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1] as const;

/** Blocks that add their input to their output. */
const RESIDUAL = new Set([2, 4, 6, 7, 9, 10, 12, 13, 14]);

/** Width of the kernel that compares features; see docs/photographs.md. */
const SIGMA = 0.3;

/** Of networks for photographs; see docs/photographs.md for other values. */
export const PHOTOGRAPH_GRADIENT: Required<GradientOptions> = { gradientShare: 0.5, ghost: 0.25 };

const RELU6: ConvolutionOptions = { activation: "relu6" };

/**
 * @param weights a file by lab/convert_efficientnet_lite0.py
 * @param featureBank a file by lab/photo_bank.py
 */
export function createEfficientNetLite0(
  weights: ArrayBuffer,
  featureBank: ArrayBuffer,
  { gradientShare, ghost }: Required<GradientOptions> = PHOTOGRAPH_GRADIENT,
): Surrogate {
  const tensors = new Map([...parseSafetensors(weights), ...parseSafetensors(featureBank)]);

  function take<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const { values, shape } = weightsOf(tensors, name);
    return tf.tensor(values, [...shape] as tf.ShapeMap[R]);
  }

  function layer(make: typeof conv2d, name: string, options?: ConvolutionOptions, scale = 1): Layer {
    const kernel = tf.tidy(() => tf.mul(take<tf.Rank.R4>(`${name}.kernel`), scale)) as tf.Tensor4D;
    return make(kernel, take<tf.Rank.R1>(`${name}.bias`), options);
  }

  function block(stride: 1 | 2, i: number): Layer {
    const name = `blocks.${i}`;
    const expand = tensors.has(`${name}.expand.kernel`) ? [layer(conv2d, `${name}.expand`, RELU6)] : [];
    const whole = chain([
      ...expand,
      layer(depthwiseConv2d, `${name}.depthwise`, { ...RELU6, stride }),
      layer(conv2d, `${name}.project`),
    ]);
    return RESIDUAL.has(i) ? residual(whole, { gradientShare }) : whole;
  }

  const network = chain([
    // The network was trained on (v - 127) / 128 of bytes v. Only the scale is folded into the kernel:
    // padding with zeros commutes with scaling, but not with shifting.
    layer(conv2d, "stem", { ...RELU6, stride: 2 }, 255 / 128),
    ...STRIDES.map(block),
    layer(conv2d, "head", RELU6),
  ]);
  const features = differentiable(network);
  const prototypes = take<tf.Rank.R2>("classifier.kernel");
  const bias = take<tf.Rank.R1>("classifier.bias");
  const centres = take<tf.Rank.R2>("features.centres");
  const numClasses = prototypes.shape[0];

  const classifier: Network = {
    embed: (views, random) => {
      const scale = random && (() => random.between(1 - ghost, 1 + ghost));
      return tf.tidy(() => tf.mean(features(tf.sub(views, 127 / 255), scale), [1, 2]));
    },
    bank: {
      prototypes,
      labels: Int32Array.from({ length: numClasses }, (_, c) => c),
      numClasses,
      kernel: { kind: "softmax", bias },
    },
    features: { centres, sigma: SIGMA },
    dispose() {
      network.dispose();
      tf.dispose([prototypes, bias, centres]);
    },
  };

  return {
    id: "efficientnet-lite0",
    inputSize: 224,
    numClasses,
    members: [classifier],
    views: PHOTOGRAPH_VIEWS,
    ascent: { steps: 24, stepScale: 12, mask: contrastMask(0.1, 9), luminanceOnly: true },
    // Convolutions take nearly all of the time, so a batch would need more memory and save no time.
    batchSize: 1,
    dispose: classifier.dispose,
  };
}
