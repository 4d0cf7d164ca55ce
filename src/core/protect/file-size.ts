/** How much of a change a file without loss can hold so that it does not grow much. */
import { encode, keepsWithoutLoss } from "../codecs/index.ts";
import { colourNumbers } from "../contract/colours.ts";
import type { Pixels } from "../contract/pixels.ts";
import type { OriginalPicture } from "./original-picture.ts";

/** Times that a file may grow, and bytes that it always may. */
export const MOST_GROWTH = 1.4;
const ALWAYS_ALLOWED = 8_000;

/** Side of the tiles of which each is changed as a whole or not at all, in pixels. */
const TILE = 32;

/** Encodes that are tried with fewer tiles, and the share of the allowed growth at which each aims. */
const TRIALS = 4;
const AIM = 0.8;

/** A picture, changed so far that its file does not grow much, and the file. */
export interface SizedFile {
  readonly changed: Pixels;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Encodes a changed picture. A file without loss that would be more than 1.4 times as large as the original's (and 8 kB
 * larger) is changed only in the tiles where a change costs least: text and drawings keep their edges, photographs in
 * them do not. Where no trial is small enough, which is possible if the original was compressed with much more effort,
 * the smallest counts.
 * @throws as `encode` does
 */
export async function encodeSized(
  original: OriginalPicture,
  changed: Pixels,
  signal?: AbortSignal,
): Promise<SizedFile> {
  const { pixels, info, bytes } = original;
  let best = { changed, bytes: await encode(changed, original, signal) };
  if (bytes === undefined || !keepsWithoutLoss(info)) return best;
  const most = Math.max(MOST_GROWTH * bytes, bytes + ALWAYS_ALLOWED);
  if (best.bytes.length <= most) return best;
  const tiles = tilesByCost(pixels, changed);
  let allowed = tiles.reduce((sum, { cost }) => sum + cost, 0);
  for (let trial = 0; trial < TRIALS && best.bytes.length > most; trial++) {
    // The estimates are right up to a factor, which the last encode tells.
    allowed *= (AIM * (most - bytes)) / (best.bytes.length - bytes);
    const some = withTiles(pixels, changed, cheapest(tiles, allowed));
    const file = await encode(some, original, signal);
    if (file.length < best.bytes.length) best = { changed: some, bytes: file };
  }
  return best;
}

interface Tile {
  readonly left: number;
  readonly top: number;
  /** Estimate of the bytes by which its change makes the file larger. */
  readonly cost: number;
}

/** The tiles that are changed; first those that cost least for each pixel that changes. */
function tilesByCost(before: Pixels, after: Pixels): Tile[] {
  const { width, height } = before;
  const [from, to] = [colourNumbers(before), colourNumbers(after)];
  const tiles: (Tile & { price: number })[] = [];
  for (let top = 0; top < height; top += TILE)
    for (let left = 0; left < width; left += TILE) {
      const places = placesOf({ left, top }, before);
      const changes = places.filter((at) => from[at] !== to[at]).length;
      if (changes === 0) continue;
      const cost = Math.max(0, entropy(to, places, width) - entropy(from, places, width)) / 8;
      tiles.push({ left, top, cost, price: cost / changes });
    }
  return tiles.sort((a, b) => a.price - b.price);
}

/** Bits that the differences between neighbours need, if a code knew how often each occurs in the tile. */
function entropy(colours: Uint32Array, places: readonly number[], width: number): number {
  const differences = Uint32Array.from(places, (at) => {
    const left = at % width === 0 ? 0 : (colours[at - 1] as number);
    return (colours[at] as number) - left;
  }).sort();
  let bits = 0;
  for (let i = 0, run = 0; i < differences.length; i++) {
    run++;
    if (differences[i] === differences[i + 1]) continue;
    bits -= run * Math.log2(run / differences.length);
    run = 0;
  }
  return bits;
}

/** The first tiles whose costs add up to at most `bytes`. */
function cheapest(tiles: readonly Tile[], bytes: number): Tile[] {
  let sum = 0;
  return tiles.filter(({ cost }) => {
    sum += cost;
    return sum <= bytes;
  });
}

/** `before` with the tiles of `after`. */
function withTiles(before: Pixels, after: Pixels, tiles: readonly Tile[]): Pixels {
  const data = new Uint8ClampedArray(before.data);
  const some = { ...before, data };
  const [from, to] = [colourNumbers(after), colourNumbers(some)];
  for (const tile of tiles) for (const at of placesOf(tile, before)) to[at] = from[at] as number;
  return some;
}

/** Indices of a tile's pixels. */
function placesOf({ left, top }: Pick<Tile, "left" | "top">, { width, height }: Pixels): number[] {
  const places: number[] = [];
  for (let y = top; y < Math.min(height, top + TILE); y++)
    for (let x = left; x < Math.min(width, left + TILE); x++) places.push(y * width + x);
  return places;
}
