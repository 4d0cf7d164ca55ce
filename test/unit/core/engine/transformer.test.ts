import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { differentiable, type Layer, type Tape } from "../../../../src/core/engine/layers.ts";
import {
  attention,
  gelu,
  normalisation,
  positionEmbedding,
} from "../../../../src/core/engine/transformer.ts";
import { startWasm } from "../models/in-node.ts";
import { evaluate, expectClose, numbers, tensor } from "./numbers.ts";

const HEADS = 2;
const EPSILON = 1e-5;
/** Of a picture's tokens; queries, keys and values are of 4 channels in each head. */
const SHAPE = [2, 3, 12 * HEADS];

interface Case {
  readonly name: string;
  readonly layer: () => Layer;
  /** By tfjs's own operations, in the plainest way. */
  readonly formula: (x: tf.Tensor4D) => tf.Tensor;
}

const table = () => tensor<tf.Rank.R3>(numbers(SHAPE, 5));

const CASES: Case[] = [
  { name: "position embedding", layer: () => positionEmbedding(table()), formula: (x) => tf.add(x, table()) },
  {
    name: "normalisation",
    layer: () => normalisation(EPSILON),
    formula: (x) => {
      const { mean, variance } = tf.moments(x, 3, true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON)));
    },
  },
  {
    name: "gelu",
    layer: gelu,
    formula: (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
  },
  {
    name: "attention",
    layer: () => attention(HEADS),
    formula: (x) => {
      const [batch, height, width, depth] = x.shape;
      const length = depth / (3 * HEADS);
      const heads = tf.split(tf.reshape(x, [batch, height * width, depth]), 3 * HEADS, 2);
      const each = Array.from({ length: HEADS }, (_, head) => {
        const [q, k, v] = [0, 1, 2].map((part) => heads[part * HEADS + head]) as [
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
        ];
        return tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v);
      });
      return tf.reshape(tf.concat(each, 2), [batch, height, width, HEADS * length]);
    },
  },
];

describe.each(["cpu", "wasm"])("layers of a transformer on %s", (backend) => {
  beforeAll(() => (backend === "wasm" ? startWasm() : tf.setBackend("cpu")));

  describe.each(CASES)("$name", ({ layer: create, formula }) => {
    it.each([1, 3])("of %d pictures: as by its formula", async (batch) => {
      await tf.setBackend("cpu");
      const expected = evaluate(formula, [batch, ...SHAPE]);
      await tf.setBackend(backend);
      const layer = create();
      const actual = evaluate(differentiable(layer), [batch, ...SHAPE]);
      layer.dispose();
      expect(actual.shape).toEqual(expected.shape);
      expectClose(actual.y, expected.y);
      expectClose(actual.dx, expected.dx);
      expect(actual.dx.some((v) => v !== 0)).toBe(true);
    });

    it("leaves only its result and the tensors on the tape, and frees these", () => {
      const tensors = () => tf.memory().numTensors;
      const before = tensors();
      const layer = create();
      const own = tensors();
      const x = tensor<tf.Rank.R4>(numbers([2, ...SHAPE], 6));
      const tape: Tape = { saved: [], steps: [] };
      const results = [layer.run(x), layer.run(x, tape)];
      expect(tensors()).toBe(own + new Set([x, ...results, ...tape.saved]).size);
      tf.dispose([x, ...results, ...tape.saved]);
      // Tensors saved for the backward pass outlive any tf.tidy.
      evaluate(differentiable(layer), [2, ...SHAPE]);
      expect(tensors()).toBe(own);
      layer.dispose();
      expect(tensors()).toBe(before);
    });
  });
});
