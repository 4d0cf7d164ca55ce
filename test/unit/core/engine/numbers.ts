/** The value of a function of a tensor, and its gradient, at reproducible numbers. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";

interface Numbers {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** Between -scale and scale. */
export function numbers(shape: number[], seed: number, scale = 1): Numbers {
  const size = shape.reduce((a, b) => a * b, 1);
  let state = seed;
  const values = Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * scale;
  });
  return { shape, values };
}

export const tensor = <R extends tf.Rank>({ shape, values }: Numbers) =>
  tf.tensor(values, shape as tf.ShapeMap[R]);

export interface Result {
  readonly shape: number[];
  readonly y: Float32Array;
  readonly dx: Float32Array;
}

/** Output, and gradient of its product with fixed numbers. */
export function evaluate(f: (x: tf.Tensor4D) => tf.Tensor, shape: number[]): Result {
  return tf.tidy(() => {
    const x = tensor<tf.Rank.R4>(numbers(shape, 3, 3));
    const y = f(x);
    const dy = tensor(numbers(y.shape, 4));
    const dx = tf.grad((v) => f(v as tf.Tensor4D))(x, dy);
    return { shape: y.shape, y: y.dataSync() as Float32Array, dx: dx.dataSync() as Float32Array };
  });
}

export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThan(1e-4);
}
