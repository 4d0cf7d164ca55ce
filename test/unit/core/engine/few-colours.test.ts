/** What becomes of pictures whose colours fit into a palette, and of flat areas. */
import { describe, expect, it } from "vitest";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { applyPerturbation } from "../../../../src/core/engine/apply-perturbation.ts";
import { flatShare } from "../../../../src/core/engine/flat-areas.ts";
import { maxDifference, scene } from "../codecs/pictures.ts";

const SIDE = 48;
const budget = { norm: "linf", epsilon: 8 / 255 } as const;

/** Values of a wave that uses the whole budget. */
const delta = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => (8 / 255) * Math.sin(i / 3));
const change = (pixels: Pixels) => applyPerturbation(pixels, delta, { width: SIDE, height: SIDE }, budget);

/** A picture of so many colours without flat areas. */
function ofColours(count: number): Pixels {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE).map((_, i) => {
    const colour = ((i >> 2) * 7) % count;
    return [colour, 255 - colour, (3 * colour) % 256, 255][i & 3] as number;
  });
  return { width: SIDE, height: SIDE, data };
}

const colours = ({ data }: Pixels) => new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4));

describe("a picture with few colours", () => {
  it.each([2, 16, 85, 86, 256])("of %i colours has at most those of a palette afterwards", (count) => {
    const before = ofColours(count);
    const after = change(before);
    expect(colours(after).size).toBeLessThanOrEqual(256);
    expect(maxDifference(before, after)).toBeLessThanOrEqual(8);
    expect(after.data).not.toEqual(before.data);
  });

  it("of 257 colours may get any", () => {
    const before = ofColours(256);
    before.data.set([7, 7, 7, 255]);
    expect(colours(change(before)).size).toBeGreaterThan(257);
  });

  it("keeps its alpha, pixel by pixel", () => {
    const before = ofColours(20);
    const data = before.data.map((value, i) => ((i & 3) === 3 ? 100 + (i % 5) : value));
    const after = change({ ...before, data });
    expect(after.data.filter((_, i) => (i & 3) === 3)).toEqual(data.filter((_, i) => (i & 3) === 3));
  });
});

describe("pixels that begin anywhere in their memory", () => {
  const elsewhere = (pixels: Pixels): Pixels => {
    const data = new Uint8ClampedArray(pixels.data.length + 3).subarray(3);
    data.set(pixels.data);
    return { ...pixels, data };
  };

  it.each([
    ["few colours", ofColours(20)],
    ["many colours", scene(SIDE, SIDE)],
  ])("are changed alike: %s", (_, pixels) => {
    expect(change(elsewhere(pixels)).data).toEqual(change(pixels).data);
    expect(flatShare(elsewhere(pixels))).toBe(flatShare(pixels));
  });
});
