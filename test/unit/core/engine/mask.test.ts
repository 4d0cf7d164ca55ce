import { describe, expect, it } from "vitest";
import { contrastMask, noMask } from "../../../../src/core/engine/mask.ts";

/** A grey picture, [10, 20, 3]: flat on the left, a fine checkerboard of `low` and `high` on the right. */
function halves(low: number, high: number) {
  const [width, height] = [20, 10];
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return x < 10 ? (low + high) / 2 : (x + y) % 2 ? high : low;
  });
  return { width, height, data };
}

const FLAT = 5 * 20 + 2;
const TEXTURE = 5 * 20 + 16;

describe("the mask of contrast", () => {
  it("gives flat areas almost none of the budget, and strong texture all of it", () => {
    const mask = contrastMask(0.1, 8)(halves(0, 1), 1);
    expect(mask).toHaveLength(200);
    expect(mask[FLAT]).toBeCloseTo(0.1, 5);
    expect(mask[TEXTURE]).toBe(1);
    expect(Math.min(...mask)).toBeGreaterThanOrEqual(0.1 - 1e-6);
    expect(Math.max(...mask)).toBeLessThanOrEqual(1);
  });

  it("gives texture the change that the published model masks, times the gain", () => {
    // 13 and 12 pixels of 25 are 16 255ths above and below 128: a standard deviation of nearly 16.
    const mask = contrastMask(0, 2)(halves(112 / 255, 144 / 255), 1);
    const contrast = 16 * Math.sqrt(1 - (1 / 25) ** 2);
    const hidden = (0.115 * 16 * contrast ** 2.4) / (contrast ** 2 + 26 ** 2);
    expect(mask[TEXTURE]).toBeCloseTo((2 * hidden) / 8, 4);
    expect(mask[FLAT]).toBeCloseTo(0, 5);
  });

  it("rises with contrast", () => {
    const shares = [0.01, 0.05, 0.1, 0.2, 0.4].map(
      (depth) => contrastMask(0.05, 2)(halves(0.5 - depth, 0.5 + depth), 1)[TEXTURE] as number,
    );
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(new Set(shares).size).toBeGreaterThan(3);
  });
});

describe("the limits", () => {
  const at = (factor: number) => contrastMask(0.1, 2)(halves(0.45, 0.55), factor);

  it("are smaller where the perturbation is enlarged more", () => {
    const shares = [2, 1.5, 1, 0.7, 0.5].map((factor) => at(factor)[TEXTURE] as number);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(new Set(shares).size).toBe(5);
    expect(at(0.5)[FLAT]).toBeCloseTo(0.4, 5);
  });

  it("do not vanish in huge pictures, nor in tiny ones", () => {
    expect(at(50)).toEqual(at(2));
    expect(at(1.7)[FLAT]).toBeCloseTo(0.1, 5);
    expect(at(0.01)).toEqual(at(0.5));
  });
});

it("without a mask every pixel may use all of the budget", () => {
  expect([...noMask(halves(0, 1), 1)]).toEqual(Array(200).fill(1));
});
