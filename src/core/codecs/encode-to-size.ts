/** Encodes with loss to about the size of the original file. */
import type { Pixels } from "../contract/pixels.ts";
import { sampleTiles } from "./sample.ts";
import { searchQuality } from "./size-search.ts";

/** Larger pictures have their quality searched on a sample of this many pixels. */
const SAMPLE_PIXELS = 1 << 20;
const MOST_ENCODES = 8;
const MOST_FULL_ENCODES = 3;

export type EncodeAt = (pixels: Pixels, quality: number) => Promise<Uint8Array<ArrayBuffer>>;

export interface Target {
  /** Wanted size in bytes; without it, the picture is encoded at `quality`. */
  readonly bytes: number | undefined;
  /** Bytes of the file that do not depend on the quality. */
  readonly overhead: number;
  /** The quality to try first, 1 to 100. */
  readonly quality: number;
}

/**
 * Searches the quality; in large pictures on a sample first, so that the whole is encoded only once or twice.
 */
export async function encodeToSize(
  pixels: Pixels,
  { bytes, overhead, quality }: Target,
  encodeAt: EncodeAt,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const at = (part: Pixels) => async (quality: number) => {
    await nextTask();
    signal?.throwIfAborted();
    return encodeAt(part, quality);
  };
  if (bytes === undefined) return at(pixels)(quality);
  const sample = sampleTiles(pixels, SAMPLE_PIXELS);
  if (sample === pixels)
    return (await searchQuality({ encode: at(pixels), start: quality, bytes, limit: MOST_ENCODES })).bytes;
  const share = (sample.width * sample.height) / (pixels.width * pixels.height);
  const sampleBytes = Math.max(1, bytes - overhead) * share + overhead;
  const guess = await searchQuality({
    encode: at(sample),
    start: quality,
    bytes: sampleBytes,
    limit: MOST_ENCODES,
  });
  const found = await searchQuality({
    encode: at(pixels),
    start: guess.quality,
    bytes,
    limit: MOST_FULL_ENCODES,
  });
  return found.bytes;
}

/** Lets events be handled between two encodes, so that a signal can fire. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
