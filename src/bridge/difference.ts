/** The change between two pictures, as a picture for people to look at. */
import type { Pixels } from "../core/contract/pixels.ts";

/** How many times a change is enlarged: the balanced budget, 8/255, then reaches half of the range. */
export const DIFFERENCE_GAIN = 16;

/**
 * Draws the change, centred on grey and multiplied by {@link DIFFERENCE_GAIN}, opaque. What is out of range
 * is clamped.
 *
 * @param after of the same width and height as `before`
 */
export function amplifiedDifference(
  before: Pick<Pixels, "data">,
  after: Pick<Pixels, "data">,
): Pixels["data"] {
  return before.data.map((value, i) =>
    // The clamped array does the rounding and the clamping.
    i % 4 === 3 ? 255 : 128 + DIFFERENCE_GAIN * ((after.data[i] as number) - value),
  );
}
