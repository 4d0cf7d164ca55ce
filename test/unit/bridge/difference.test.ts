import { expect, it } from "vitest";
import { amplifiedDifference, DIFFERENCE_GAIN } from "../../../src/bridge/difference.ts";

const pixels = (...values: number[]) => ({ data: Uint8ClampedArray.from(values) });

it("shows no change as grey, a change amplified, and one out of range clamped", () => {
  const change = amplifiedDifference(pixels(10, 10, 10, 0), pixels(10, 13, 200, 0));
  expect([...change]).toEqual([128, 128 + 3 * DIFFERENCE_GAIN, 255, 255]);
});
