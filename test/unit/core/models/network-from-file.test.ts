import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logPosterior } from "../../../../src/core/engine/bayes-error.ts";
import type { Network } from "../../../../src/core/engine/surrogate.ts";
import { createNetworkFromFile } from "../../../../src/core/models/network-from-file.ts";
import { ENSEMBLES } from "../../../../src/core/models/thumbnails.ts";
import { readAsset, startWasm } from "./in-node.ts";
import { draw, type Pattern } from "./patterns.ts";

interface Golden {
  /** Of the bank's kernel; without it the bank is the network's classifier. */
  readonly sigma?: number;
  readonly inputs: readonly {
    readonly pattern: Pattern;
    readonly size: number;
    readonly checksum: number;
    readonly embedding: readonly number[];
    readonly logPosterior: readonly number[];
    readonly top1: number;
    readonly gradientNorm: number;
    readonly gradientGrid: number;
    readonly gradient: readonly number[];
  }[];
}

const GOLDEN = new URL("../../../fixtures/golden/", import.meta.url);
const NETWORKS = [
  { name: "small-vit", folder: "../test/fixtures/golden" },
  { name: "mobilenet-v2", folder: "models" },
  ...Object.entries(ENSEMBLES).flatMap(([id, { labeller, members }]) =>
    [...members, labeller].map((network) => ({ name: `${id}-${network}`, folder: "lab" })),
  ),
];

const goldenOf = (name: string): Golden => JSON.parse(readFileSync(new URL(`${name}.json`, GOLDEN), "utf8"));

const lengthOf = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  lengthOf(Array.from(a, (value, i) => value - (b[i] as number)));

beforeAll(startWasm);

describe.each(NETWORKS)("the network $name", ({ name, folder }) => {
  let network: Network;
  beforeAll(async () => {
    network = createNetworkFromFile(await readAsset(`${folder}/${name}.safetensors`));
  });
  afterAll(() => network.dispose());

  const { inputs, sigma } = goldenOf(name);
  describe.each(inputs)("on $pattern", ({ pattern, size, ...expected }) => {
    const bytes = draw(pattern, size);
    const view = () =>
      tf.tidy(() => tf.div(tf.tensor4d(bytes, [1, size, size, 3], "float32"), 255)) as tf.Tensor4D;

    it("has PyTorch's embedding, of length 1 where there is a bank, and posterior", () => {
      expect(bytes.reduce((sum, value) => sum + value, 0)).toBe(expected.checksum);
      const [z, logP] = tf.tidy(() => [
        network.embed(view()).dataSync(),
        logPosterior(network.embed(view()), network.bank).dataSync(),
      ]) as unknown as [Float32Array, Float32Array];
      const length = sigma ? lengthOf(expected.embedding) : 1;
      const embedding = expected.embedding.map((value) => value / length);
      expect(distance(z, embedding) / lengthOf(embedding)).toBeLessThan(1e-4);
      expect(distance(logP, expected.logPosterior)).toBeLessThan(2e-3);
    });

    it("has PyTorch's gradient to the picture", () => {
      const gradient = tf.tidy(() =>
        tf
          .grad((x) =>
            tf.sum(
              tf.slice(
                logPosterior(network.embed(x as tf.Tensor4D), network.bank),
                [0, expected.top1],
                [-1, 1],
              ),
            ),
          )(view())
          .dataSync(),
      );
      const step = expected.gradientGrid;
      const sample: number[] = [];
      for (let y = step / 2; y < size; y += step)
        for (let x = step / 2; x < size; x += step)
          for (let c = 0; c < 3; c++) sample.push(gradient[(y * size + x) * 3 + c] as number);
      expect(distance(sample, expected.gradient) / lengthOf(expected.gradient)).toBeLessThan(0.02);
      expect(lengthOf(gradient) / expected.gradientNorm).toBeCloseTo(1, 2);
    });
  });
});

it("names what a file lacks", async () => {
  await expect(
    readAsset("models/efficientnet-lite0.safetensors").then((file) => createNetworkFromFile(file)),
  ).rejects.toThrow("expected the architecture of a network");
});
