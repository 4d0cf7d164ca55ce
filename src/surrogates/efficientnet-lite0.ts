/**
 * EfficientNet-Lite0, trained on ImageNet-1k (top-1 75.1 %): 16 inverted bottlenecks without squeeze-and-excitation.
 *
 * The classifier's weight vectors are the reference bank's prototypes and its softmax the kernel, so the posterior of
 * the bank is the network's own over 1000 classes. Weights: see assets/models/NOTICE.
 */
import * as tf from "@tensorflow/tfjs-core";
import { conv2d, depthwiseConv2d, type Layer, type LayerOptions } from "../engine/layers.ts";
import type { Surrogate } from "../engine/surrogate.ts";
import { parseSafetensors } from "./safetensors.ts";

/** Strides of the depthwise convolutions; widths and kernel sizes are in the weights. */
const STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1] as const;

const RELU6: LayerOptions = { activation: "relu6" };

/** Maps [B, H, W, C] to [B, H', W', C']. */
type Block = (x: tf.Tensor4D) => tf.Tensor4D;

/** @param weights the file made by lab/convert_efficientnet_lite0.py */
export function createEfficientNetLite0(weights: ArrayBuffer): Surrogate {
  const tensors = parseSafetensors(weights);
  const layers: Layer[] = [];

  function take<R extends tf.Rank>(name: string): tf.Tensor<R> {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`expected a tensor named ${name} in the weights`);
    return tf.tensor(tensor.values, [...tensor.shape] as tf.ShapeMap[R]);
  }

  function layer(make: typeof conv2d, name: string, options?: LayerOptions, scale = 1): Block {
    const kernel = tf.tidy(() => tf.mul<tf.Tensor4D>(take(`${name}.kernel`), scale));
    const made = make(kernel, take<tf.Rank.R1>(`${name}.bias`), options);
    layers.push(made);
    return made.apply;
  }

  function block(stride: 1 | 2, i: number): Block {
    const name = `blocks.${i}`;
    const expand = tensors.has(`${name}.expand.kernel`) && layer(conv2d, `${name}.expand`, RELU6);
    const depthwise = layer(depthwiseConv2d, `${name}.depthwise`, { ...RELU6, stride });
    const project = layer(conv2d, `${name}.project`);
    return (x) => {
      const y = project(depthwise(expand ? expand(x) : x));
      return stride === 1 && x.shape[3] === y.shape[3] ? tf.add(x, y) : y;
    };
  }

  // The network was trained on (v - 127) / 128 of bytes v; the scale is in the stem's kernel, because padding with
  // zeros commutes with scaling (not with shifting).
  const stem = layer(conv2d, "stem", { ...RELU6, stride: 2 }, 255 / 128);
  const blocks = STRIDES.map(block);
  const head = layer(conv2d, "head", RELU6);
  const prototypes = take<tf.Rank.R2>("classifier.kernel");
  const bias = take<tf.Rank.R1>("classifier.bias");
  const numClasses = prototypes.shape[0];

  return {
    id: "efficientnet-lite0",
    inputSize: 224,
    numClasses,
    embed: (views) =>
      tf.tidy(() => {
        const features = blocks.reduce((x, next) => next(x), stem(tf.sub(views, 127 / 255)));
        return tf.mean(head(features), [1, 2]);
      }),
    bank: {
      prototypes,
      labels: Int32Array.from({ length: numClasses }, (_, c) => c),
      numClasses,
      kernel: { kind: "softmax", bias },
    },
    dispose() {
      for (const made of layers) made.dispose();
      tf.dispose([prototypes, bias]);
    },
  };
}
