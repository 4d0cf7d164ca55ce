/** The colours of a picture as numbers, one a pixel, to compare and count them. */
import type { Pixels } from "./pixels.ts";

/** Colours of the largest palette of a picture file. */
export const PALETTE = 256;

/** The four bytes of each pixel as one number, in the machine's byte order. [height * width] */
export function colourNumbers({ data }: Pixels): Uint32Array {
  // A view of four bytes a number begins at a multiple of four.
  const { buffer, byteOffset, length } = data.byteOffset % 4 === 0 ? data : data.slice();
  return new Uint32Array(buffer, byteOffset, length / 4);
}

/** How often a colour occurs, and the index of the first pixel that has it. */
export interface Occurrences {
  readonly first: number;
  count: number;
}

/** The colours of a picture by their numbers, in the order of their pixels; `undefined` if there are more than `most`. */
export function distinctColours(
  colours: Uint32Array,
  most: number,
): ReadonlyMap<number, Occurrences> | undefined {
  const found = new Map<number, Occurrences>();
  for (let i = 0; i < colours.length; i++) {
    const colour = colours[i] as number;
    const known = found.get(colour);
    if (known) known.count++;
    else if (found.size === most) return undefined;
    else found.set(colour, { first: i, count: 1 });
  }
  return found;
}
