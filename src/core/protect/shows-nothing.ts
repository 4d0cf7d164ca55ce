/** Pictures in which there is nothing that a network could learn: spacers, tracking pixels, empty layers. */
import { MIN_SIDE, type Pixels } from "../contract/pixels.ts";

/**
 * Whether a picture has one colour only, as a fully transparent one has, or is shorter than {@link MIN_SIDE} on both
 * sides. One that is short on a single side may be a strip of a larger picture. One that varies by a few levels, as
 * lossy WebP makes of an even colour, may hold a faint drawing. Both count as pictures.
 */
export function showsNothing({ width, height, data }: Pixels): boolean {
  if (width < MIN_SIDE && height < MIN_SIDE) return true;
  return data.every((value, i) => value === data[i % 4]);
}
