import { describe, expect, it } from "vitest";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { maxChange, PSNR_OF_EQUAL, psnr, ssim } from "../../../../src/core/engine/quality.ts";

/** A picture from a formula, the same in any language. */
function draw(width: number, height: number, value: (x: number, y: number, c: number) => number): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < data.length; i++) {
    const pixel = i >> 2;
    const c = i & 3;
    data[i] = c === 3 ? 255 : value(pixel % width, Math.floor(pixel / width), c);
  }
  return { width, height, data };
}

const a = draw(24, 17, (x, y, c) => (x * 7 + y * 11 + c * 30 + x * y) % 256);
const b = draw(24, 17, (x, y, c) =>
  Math.min(255, ((x * 7 + y * 11 + c * 30 + x * y) % 256) + ((x * 5 + y * 3 + c) % 9)),
);

describe("quality", () => {
  it("finds no change where there is none", () => {
    expect(maxChange(a, a)).toBe(0);
    expect(psnr(a, a)).toBe(PSNR_OF_EQUAL);
    expect(ssim(a, a)).toBeCloseTo(1, 12);
  });

  it("measures a known change", () => {
    const lifted: Pixels = {
      ...a,
      data: a.data.map((v, i) => ((i & 3) === 3 ? v : v < 128 ? v + 5 : v - 5)),
    };
    expect(maxChange(a, lifted)).toBe(5);
    expect(psnr(a, lifted)).toBeCloseTo(20 * Math.log10(255 / 5), 6);
  });

  it("agrees with scikit-image on structural similarity", () => {
    // skimage.metrics.structural_similarity(luma(a), luma(b), data_range=255), scikit-image 0.26, float64
    expect(ssim(a, b)).toBeCloseTo(0.998788157064928, 6);
  });

  it("ignores alpha", () => {
    const clear: Pixels = { ...a, data: a.data.map((v, i) => ((i & 3) === 3 ? 0 : v)) };
    expect(maxChange(a, clear)).toBe(0);
    expect(psnr(a, clear)).toBe(PSNR_OF_EQUAL);
  });

  it("refuses pictures of different sizes", () => {
    expect(() =>
      psnr(
        a,
        draw(5, 5, () => 0),
      ),
    ).toThrow("24x17 and 5x5");
  });
});
