import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFromNodeModules } from "../../../../src/cli/codec-binaries.ts";
import { decode, setWasmLoader, sniff } from "../../../../src/core/codecs/index.ts";
import { logPosterior } from "../../../../src/core/engine/bayes-error.ts";
import { predict } from "../../../../src/core/engine/prediction.ts";
import { toScale } from "../../../../src/core/engine/scaled-picture.ts";
import { type Surrogate, surrogateLogPosterior } from "../../../../src/core/engine/surrogate.ts";
import { efficientNetLite0 as entry } from "../../../../src/core/models/efficientnet-lite0.ts";
import { createEfficientNetLite0 } from "../../../../src/core/models/efficientnet-lite0-network.ts";
import { MORE_PHOTOGRAPHS, PHOTOGRAPHS, type Photograph } from "../../../support/photographs.ts";
import golden from "./efficientnet-lite0.golden.json" with { type: "json" };
import { readAsset, startWasm } from "./in-node.ts";
import { draw, type Pattern } from "./patterns.ts";

let surrogate: Surrogate;
const network = () => surrogate.members[0];

beforeAll(async () => {
  await startWasm();
  const [weights, features] = await Promise.all(
    ["efficientnet-lite0", "efficientnet-lite0-features"].map((file) =>
      readAsset(`models/${file}.safetensors`),
    ),
  );
  // With its exact gradient; the gradient share is tested with the layers.
  surrogate = createEfficientNetLite0(weights as ArrayBuffer, features as ArrayBuffer, {
    gradientShare: 1,
    ghost: 0,
  });
});

afterAll(() => surrogate.dispose());

function view(pattern: string, size: number): tf.Tensor4D {
  return tf.tidy(() => tf.tensor4d(draw(pattern as Pattern, size), [1, size, size, 3], "float32").div(255));
}

function logits(views: tf.Tensor4D): tf.Tensor2D {
  const { prototypes, kernel } = network().bank;
  if (kernel.kind !== "softmax") throw new Error("the bank is a classifier");
  return tf.add(tf.matMul(network().embed(views), prototypes, false, true), kernel.bias);
}

/** log p(label|x) */
const logProbability = (views: tf.Tensor, label: number) =>
  tf.sum(tf.slice(surrogateLogPosterior(surrogate, views as tf.Tensor4D), [0, label], [-1, 1]));

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.sqrt(Array.from(a, (v, i) => (v - (b[i] as number)) ** 2).reduce((sum, v) => sum + v, 0));

describe.each(golden.inputs)("on $pattern of $size pixels", ({ pattern, size, ...expected }) => {
  it("draws the picture that PyTorch saw", () => {
    expect(draw(pattern as Pattern, size).reduce((sum, v) => sum + v, 0)).toBe(expected.checksum);
  });

  it("gives PyTorch's logits, but for the rounding of the weights to float16", () => {
    const values = tf.tidy(() => logits(view(pattern, size)).dataSync());
    const error = Math.max(...expected.logits.map((v, i) => Math.abs(v - (values[i] as number))));
    // PyTorch's own error with the same rounded weights, and a margin for the order of float32 sums.
    expect(error).toBeLessThan(expected.float16Error + 1e-3);
    expect(values.indexOf(Math.max(...values))).toBe(expected.top1);
  });

  it("gives PyTorch's gradient to the picture", () => {
    const values = tf.tidy(() =>
      tf
        .grad((x) => logProbability(x, expected.top1))(view(pattern, size))
        .dataSync(),
    );
    const step = expected.gradientGrid;
    const sample: number[] = [];
    for (let y = step / 2; y < size; y += step)
      for (let x = step / 2; x < size; x += step)
        for (let c = 0; c < 3; c++) sample.push(values[(y * size + x) * 3 + c] as number);
    const norm = distance(expected.gradient, new Float32Array(expected.gradient.length));
    // Activations on a kink of ReLU6 may fall on its other side.
    expect(distance(sample, expected.gradient) / norm).toBeLessThan(0.02);
    expect(distance(values, new Float32Array(values.length)) / expected.gradientNorm).toBeCloseTo(1, 2);
  });
});

describe("the surrogate", () => {
  it("agrees with the registry", () => {
    expect(surrogate.id).toBe(entry.id);
    expect(surrogate.inputSize).toBe(entry.inputSize);
    expect(surrogate.numClasses).toBe(entry.classNames.length);
    expect(entry.classNames[1]).toBe("goldfish");
    expect(network().bank.labels).toHaveLength(1000);
  });

  it("treats each view of a batch as if it came alone", () => {
    tf.tidy(() => {
      const views = [view("disc", 224), view("noise", 224), view("gradient", 224)];
      const batch = network().embed(tf.concat(views));
      const alone = tf.concat(views.map((v) => network().embed(v)));
      expect(batch.shape).toEqual([3, 1280]);
      expect(tf.max(tf.abs(tf.sub(batch, alone))).dataSync()[0]).toBeLessThan(1e-5);

      const sum = (x: tf.Tensor) => logProbability(x, 506);
      const gradient = tf.grad(sum)(tf.concat(views));
      const gradients = tf.concat(views.map((v) => tf.grad(sum)(v)));
      const error = tf.norm(tf.sub(gradient, gradients)).div(tf.norm(gradients));
      expect(error.dataSync()[0]).toBeLessThan(1e-3);
    });
  });

  it("rises and falls as its gradient says", () => {
    tf.tidy(() => {
      const x = view("disc", 224);
      const gradient = tf.grad((v) => logProbability(v, 506))(x);
      for (let seed = 1; seed <= 5; seed++) {
        // A random half of the pixels, each moved by a fraction of 1/255 along or against its gradient.
        const half = tf.step(tf.randomNormal(x.shape, 0, 1, "float32", seed));
        const direction = tf.mul(half, tf.sign(gradient));
        const predicted = tf.sum(tf.mul(gradient, direction)).dataSync()[0] as number;
        const h = 2e-5;
        const at = (t: number) =>
          logProbability(tf.add(x, tf.mul(direction, t)), 506).dataSync()[0] as number;
        expect((at(h) - at(-h)) / (2 * h) / predicted).toBeCloseTo(1, 1);
      }
    });
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const other = await entry.load(readAsset);
    const loaded = tf.memory().numTensors;
    const x = view("noise", 65);
    const even = view("noise", 64);
    // The kernels of the backward pass are made when first needed: one set for odd sizes, one for even ones.
    const run = (v: tf.Tensor) =>
      tf.tidy(() =>
        tf.valueAndGrad((w) =>
          tf.sum(logPosterior(other.members[0].embed(w as tf.Tensor4D), other.members[0].bank)),
        )(v),
      );
    for (const v of [x, even]) tf.dispose(run(v) as unknown as tf.TensorContainer);
    const warm = tf.memory().numTensors;
    expect(warm).toBeGreaterThan(loaded);
    for (const v of [x, even]) tf.dispose(run(v) as unknown as tf.TensorContainer);
    other.members[0].embed(x).dispose();
    expect(tf.memory().numTensors).toBe(warm);
    tf.dispose([x, even]);
    other.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses a file that lacks a layer", () => {
    const header = new TextEncoder().encode("{}");
    const file = new Uint8Array(8 + header.length);
    file[0] = header.length;
    file.set(header, 8);
    expect(() => createEfficientNetLite0(file.buffer, file.buffer)).toThrow(
      "expected a tensor named stem.kernel",
    );
  });
});

describe("recognises", () => {
  beforeAll(() => setWasmLoader(loadFromNodeModules));

  /** Those of the photographs whose likeliest class is a right answer. */
  async function recognised(photographs: readonly Photograph[]): Promise<string[]> {
    const right: string[] = [];
    for (const { name, classes, read } of photographs) {
      const bytes = read();
      const { label } = await predict(toScale(await decode(bytes, sniff(bytes)), surrogate), surrogate);
      if (classes.includes(label)) right.push(name);
    }
    return right;
  }

  it("each photograph of the repository that shows a class of ImageNet", async () => {
    const shown = PHOTOGRAPHS.filter(({ classes }) => classes.length > 0);
    expect(shown.length).toBeGreaterThanOrEqual(9);
    expect(await recognised(shown)).toEqual(shown.map(({ name }) => name));
  });

  if (MORE_PHOTOGRAPHS.length > 0)
    it("seven of ten photographs beside the repository", { timeout: 180_000 }, async () => {
      const right = (await recognised(MORE_PHOTOGRAPHS)).length;
      const share = right / MORE_PHOTOGRAPHS.length;
      console.info(
        `${entry.name}: top-1 ${right} of ${MORE_PHOTOGRAPHS.length} photographs, ${(100 * share).toFixed(1)} %`,
      );
      expect(share).toBeGreaterThanOrEqual(0.7);
    });
});
