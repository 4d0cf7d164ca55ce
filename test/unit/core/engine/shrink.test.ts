import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { LANCZOS, resamplingWeights } from "../../../../src/core/engine/resample.ts";
import { shrinkTo } from "../../../../src/core/engine/shrink.ts";
import { scene } from "../codecs/pictures.ts";

const filled = (width: number, height: number, at: (x: number, y: number) => readonly number[]): Pixels => ({
  width,
  height,
  data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => {
    const pixel = i >> 2;
    return at(pixel % width, Math.floor(pixel / width))[i & 3] as number;
  }),
});

describe("shrinking a picture", () => {
  it("never enlarges", () => {
    const picture = scene(120, 80);
    expect(shrinkTo(picture, 120)).toBe(picture);
    expect(shrinkTo(picture, 500)).toBe(picture);
    expect(shrinkTo(picture, Number.POSITIVE_INFINITY)).toBe(picture);
  });

  it("makes the longest side as long as requested, and keeps the shape", () => {
    const sizeOf = ({ width, height }: Pixels) => [width, height];
    expect(sizeOf(shrinkTo(scene(120, 80), 60))).toEqual([60, 40]);
    expect(sizeOf(shrinkTo(scene(80, 120), 60))).toEqual([40, 60]);
    expect(sizeOf(shrinkTo(scene(300, 2), 30))).toEqual([30, 1]);
  });

  it("keeps a flat colour, its alpha too", () => {
    const { data } = shrinkTo(
      filled(97, 61, () => [200, 30, 5, 128]),
      33,
    );
    for (let i = 0; i < data.length; i += 4) expect([...data.slice(i, i + 4)]).toEqual([200, 30, 5, 128]);
  });

  it("keeps grey grey", () => {
    const grey = filled(90, 70, (x, y) => {
      const v = (x * 37 + y * 91) % 256;
      return [v, v, v, 255];
    });
    const { data } = shrinkTo(grey, 41);
    for (let i = 0; i < data.length; i += 4) expect([data[i + 1], data[i + 2]]).toEqual([data[i], data[i]]);
  });

  it("lets no colour bleed out of transparent pixels", () => {
    const half = filled(80, 80, (x) => (x < 40 ? [255, 0, 0, 0] : [0, 0, 255, 255]));
    const { width, data } = shrinkTo(half, 20);
    for (let i = 0; i < data.length; i += 4)
      if ((data[i + 3] as number) > 0) expect([data[i], data[i + 2]]).toEqual([0, 255]);
    expect(data[4 * (width - 1) + 3]).toBe(255);
    expect(data[3]).toBe(0);
  });

  it("keeps an edge sharper than the triangle would, and a fine pattern out", () => {
    const step = shrinkTo(
      filled(200, 20, (x) => (x < 100 ? [50, 50, 50, 255] : [200, 200, 200, 255])),
      50,
    );
    const across = Array.from({ length: 50 }, (_, x) => step.data[4 * (50 * 2 + x)] as number);
    expect(across.filter((v) => v > 65 && v < 185).length).toBeLessThanOrEqual(1);
    const pattern = shrinkTo(
      filled(200, 200, (x) => (x % 2 ? [255, 255, 255, 255] : [0, 0, 0, 255])),
      50,
    );
    for (let x = 3; x < 47; x++)
      expect(Math.abs((pattern.data[4 * (50 * 25 + x)] as number) - 127.5)).toBeLessThan(4);
  });

  it("weighs to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (inSize, outSize) => {
        for (const { first, weights } of resamplingWeights(inSize, outSize, undefined, LANCZOS)) {
          expect(first).toBeGreaterThanOrEqual(0);
          expect(first + weights.length).toBeLessThanOrEqual(inSize);
          expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
        }
      }),
    );
  });
});
