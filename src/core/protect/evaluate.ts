/**
 * Encodes a changed picture and evaluates the file: every figure is measured on the decoded file, not on the
 * pixels that went into the encoder.
 */
import { decode, encode, type Original, sniff } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";
import { type Quality, qualityOf } from "../engine/quality.ts";

/** A picture before its change, and the file that it came from. */
export interface OriginalPicture extends Original {
  readonly pixels: Pixels;
}

/** An encoded picture and what its file contains. */
export interface EvaluatedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The file, decoded again. */
  readonly decoded: Pixels;
  /** Of the decoded file against the original. */
  readonly quality: Quality;
}

/** Wraps the two stages, to time them. */
export type RunStage = <T>(stage: "encode" | "verify", work: () => Promise<T>) => Promise<T>;

/**
 * @param original decides type, size and kind of the file, see `encode`
 * @throws Problem as `encode` and `decode` do; AbortError when `signal` fires
 */
export async function encodeAndEvaluate(
  original: OriginalPicture,
  changed: Pixels,
  runStage: RunStage = (_, work) => work(),
  signal?: AbortSignal,
): Promise<EvaluatedFile> {
  const bytes = await runStage("encode", () => encode(changed, original, signal));
  signal?.throwIfAborted();
  return runStage("verify", async () => {
    const decoded = await decode(bytes, sniff(bytes));
    return { bytes, decoded, quality: qualityOf(original.pixels, decoded) };
  });
}
