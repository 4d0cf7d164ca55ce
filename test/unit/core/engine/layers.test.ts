import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type ConvolutionOptions, conv2d, depthwiseConv2d } from "../../../../src/core/engine/convolution.ts";
import { chain, differentiable, type Layer, maxPool, residual } from "../../../../src/core/engine/layers.ts";
import { startWasm } from "../models/in-node.ts";
import { evaluate as evaluateAt, expectClose, numbers, type Result, tensor } from "./numbers.ts";

const BATCH = 2;
const CHANNELS = 5;

type Kind = "conv2d" | "depthwiseConv2d";

interface Case {
  readonly kind: Kind;
  readonly kernel: readonly [number, number];
  readonly stride: 1 | 2;
  readonly activation: "linear" | "relu6";
  readonly size: readonly [number, number];
}

const CASES: Case[] = [];
for (const kind of ["conv2d", "depthwiseConv2d"] as const)
  for (const kernel of [
    [1, 1],
    [2, 2],
    [3, 3],
    [5, 5],
    [3, 5],
  ] as const)
    for (const stride of [1, 2] as const)
      for (const [i, size] of (
        [
          [8, 8],
          [7, 9],
          [6, 7],
          [1, 2],
          [3, 1],
        ] as const
      ).entries())
        if (Math.min(...kernel) >= stride)
          CASES.push({ kind, kernel, stride, size, activation: i % 2 ? "linear" : "relu6" });

const filters = (kind: Kind) => (kind === "conv2d" ? 4 : 1);
const outputs = (kind: Kind) => (kind === "conv2d" ? 4 : CHANNELS);

const weights = ({ kind, kernel }: Pick<Case, "kind" | "kernel">) => ({
  kernel: numbers([...kernel, CHANNELS, filters(kind)], 1),
  bias: numbers([outputs(kind)], 2, 3),
});

function layerOf(c: Pick<Case, "kind" | "kernel">, options: ConvolutionOptions): Layer {
  const make = c.kind === "conv2d" ? conv2d : depthwiseConv2d;
  const { kernel, bias } = weights(c);
  return make(tensor<tf.Rank.R4>(kernel), tensor<tf.Rank.R1>(bias), options);
}

const evaluate = (f: (x: tf.Tensor4D) => tf.Tensor, [height, width]: readonly [number, number]) =>
  evaluateAt(f, [BATCH, height, width, CHANNELS]);

/** By tfjs's own operations and gradients. */
function reference(c: Case): Result {
  return evaluate((x) => {
    const kernel = tensor<tf.Rank.R4>(weights(c).kernel);
    const bias = tensor<tf.Rank.R1>(weights(c).bias);
    const convolve = c.kind === "conv2d" ? tf.conv2d : tf.depthwiseConv2d;
    const y = tf.add(convolve(x, kernel, c.stride, "same"), bias);
    return c.activation === "relu6" ? tf.relu6(y) : y;
  }, c.size);
}

describe.each(["cpu", "wasm"])("layers on %s", (backend) => {
  beforeAll(() => (backend === "wasm" ? startWasm() : tf.setBackend("cpu")));

  it.each(CASES)("$kind $kernel stride $stride $activation of $size: as tfjs on its CPU", async (c) => {
    await tf.setBackend("cpu");
    const expected = reference(c);
    await tf.setBackend(backend);
    const layer = layerOf(c, c);
    const actual = evaluate(differentiable(layer), c.size);
    layer.dispose();
    expect(actual.shape).toEqual(expected.shape);
    expectClose(actual.y, expected.y);
    expectClose(actual.dx, expected.dx);
    // A gradient of zeros would pass too easily.
    expect(actual.dx.some((v) => v !== 0)).toBe(true);
  });

  it("runs a chain with a shortcut, forwards alone and recorded alike", async () => {
    const a = { kind: "depthwiseConv2d", kernel: [3, 3] } as const;
    const b = { kind: "depthwiseConv2d", kernel: [5, 5] } as const;
    const size = [6, 9] as const;
    await tf.setBackend("cpu");
    const expected = evaluate((x) => {
      const conv = (c: typeof a | typeof b, v: tf.Tensor4D, stride: 1 | 2) =>
        tf.add(
          tf.depthwiseConv2d(v, tensor<tf.Rank.R4>(weights(c).kernel), stride, "same"),
          tensor(weights(c).bias),
        ) as tf.Tensor4D;
      const first = tf.relu6(conv(a, x, 1));
      const second = tf.add(first, conv(b, tf.relu6(conv(a, first, 1)), 1)) as tf.Tensor4D;
      return conv(a, second, 2);
    }, size);
    await tf.setBackend(backend);
    const relu6 = { activation: "relu6" } as const;
    const network = chain([
      layerOf(a, relu6),
      residual(chain([layerOf(a, relu6), layerOf(b, {})])),
      layerOf(a, { stride: 2 }),
    ]);
    const actual = evaluate(differentiable(network), size);
    network.dispose();
    expectClose(actual.y, expected.y);
    expect(Math.max(...actual.dx.map((v, i) => Math.abs(v - (expected.dx[i] as number))))).toBeLessThan(1e-2);
  });

  it("adds a shortcut that is a layer, and activates the sum", async () => {
    const whole = { kind: "conv2d", kernel: [3, 3] } as const;
    const short = { kind: "conv2d", kernel: [2, 2] } as const;
    const size = [6, 8] as const;
    await tf.setBackend("cpu");
    const conv = (c: typeof whole | typeof short, x: tf.Tensor4D) =>
      tf.add(tf.conv2d(x, tensor<tf.Rank.R4>(weights(c).kernel), 2, "same"), tensor(weights(c).bias));
    const expected = evaluate((x) => tf.relu6(tf.add(conv(short, x), conv(whole, x))) as tf.Tensor4D, size);
    await tf.setBackend(backend);
    const network = residual(layerOf(whole, { stride: 2 }), {
      shortcut: layerOf(short, { stride: 2 }),
      activation: "relu6",
    });
    const actual = evaluate(differentiable(network), size);
    network.dispose();
    expectClose(actual.y, expected.y);
    expectClose(actual.dx, expected.dx);
    expect(actual.dx.some((v) => v !== 0)).toBe(true);
  });

  it("passes on a share of a residual's gradient, and all of its shortcut's", async () => {
    const c = { kind: "depthwiseConv2d", kernel: [3, 3] } as const;
    const size = [6, 8] as const;
    await tf.setBackend(backend);
    const gradientOf = (gradientShare: number) => {
      const network = residual(layerOf(c, {}), { gradientShare });
      const { y, dx } = evaluate(differentiable(network), size);
      network.dispose();
      return { y, dx };
    };
    const [whole, some, none] = [gradientOf(1), gradientOf(0.25), gradientOf(0)];
    expectClose(some.y, whole.y);
    expectClose(
      some.dx,
      whole.dx.map((v, i) => 0.25 * v + 0.75 * (none.dx[i] as number)),
    );
    expect(whole.dx.some((v, i) => Math.abs(v - (none.dx[i] as number)) > 1e-3)).toBe(true);
  });

  it("scales shortcuts where a gradient is taken, forwards and backwards, and only there", async () => {
    const c = { kind: "depthwiseConv2d", kernel: [3, 3] } as const;
    const size = [6, 8] as const;
    await tf.setBackend(backend);
    const network = chain([residual(layerOf(c, {})), residual(layerOf(c, {}))]);
    const plain = differentiable(network);
    const scales = [0.5, 1.25];
    const draws = () => {
      let at = 0;
      return () => scales[at++] as number;
    };
    const ghost = evaluate((x) => plain(x, draws()), size);
    const single = differentiable(layerOf(c, {}));
    const byHand = evaluate((x) => {
      const first = tf.add(tf.mul(x, 0.5), single(x)) as tf.Tensor4D;
      return tf.add(tf.mul(first, 1.25), single(first)) as tf.Tensor4D;
    }, size);
    expectClose(ghost.dx, byHand.dx);
    // The value without a gradient is the network's own.
    expectClose(ghost.y, evaluate(plain, size).y);
    network.dispose();
  });

  it.each([
    [8, 8],
    [7, 9],
  ] as const)("pools %d x %d after a convolution, where many values are alike", async (...size) => {
    const c = { kind: "conv2d", kernel: [3, 3] } as const;
    await tf.setBackend("cpu");
    const conv = (x: tf.Tensor4D) =>
      tf.relu6(
        tf.add(tf.conv2d(x, tensor<tf.Rank.R4>(weights(c).kernel), 1, "same"), tensor(weights(c).bias)),
      );
    const expected = evaluate((x) => tf.maxPool(conv(x) as tf.Tensor4D, 2, 2, "valid"), size);
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const network = chain([layerOf(c, { activation: "relu6" }), maxPool(2)]);
    const actual = evaluate(differentiable(network), size);
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(actual.shape).toEqual(expected.shape);
    expectClose(actual.y, expected.y);
    expectClose(actual.dx, expected.dx);
    expect(actual.dx.some((v) => v !== 0)).toBe(true);
  });

  it("keeps only its weights and the kernels of the backward pass, and frees them", () => {
    const before = tf.memory().numTensors;
    const layer = chain([
      layerOf({ kind: "depthwiseConv2d", kernel: [3, 3] }, { stride: 2, activation: "relu6" }),
      residual(layerOf({ kind: "depthwiseConv2d", kernel: [3, 3] }, {})),
    ]);
    const f = differentiable(layer);
    expect(tf.memory().numTensors).toBe(before + 4);
    evaluate(f, [8, 8]);
    const warm = tf.memory().numTensors;
    evaluate(f, [8, 8]);
    expect(tf.memory().numTensors).toBe(warm);
    const x = tf.ones([1, 8, 8, CHANNELS]) as tf.Tensor4D;
    f(x).dispose();
    x.dispose();
    expect(tf.memory().numTensors).toBe(warm);
    layer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it("refuses kernels that it has no gradient for", () => {
  const bias = tf.zeros([CHANNELS]) as tf.Tensor1D;
  const kernel = (...shape: [number, number, number, number]) => tf.zeros(shape) as tf.Tensor4D;
  expect(() => conv2d(kernel(1, 1, CHANNELS, 4), bias, { stride: 2 })).toThrow("at least 2x2, got 1x1");
  expect(() => depthwiseConv2d(kernel(3, 3, CHANNELS, 2), bias)).toThrow("one kernel a channel, got 2");
});
