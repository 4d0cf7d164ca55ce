/**
 * Encodes a changed picture and evaluates the file: every figure is measured on the decoded file, not on the
 * pixels that went into the encoder.
 */
import { decode, sampleTiles, sniff } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";
import { changeOf, maxChange, ssim } from "../engine/quality.ts";
import { ssimulacra2 } from "../engine/ssimulacra2.ts";
import { encodeSized } from "./file-size.ts";
import type { OriginalPicture } from "./original-picture.ts";

/** How much a file differs from the original picture; large pictures are compared in a sample where it says so. */
export interface FileQuality {
  /** Largest change of a channel value before the picture was encoded, in 255ths: within the budget. */
  readonly maxPerturbation: number;
  /** Largest difference of a channel value in the file, in 255ths. */
  readonly maxChange: number;
  /** In dB; 99 for equal pictures. */
  readonly psnr: number;
  /** -1..1, of a sample. */
  readonly ssim: number;
  /** At most 100, of a sample. */
  readonly ssimulacra2: number;
}

/** Pixels of the sample in which visual quality is measured: a fraction of a second. */
const SAMPLE_PIXELS = 1 << 18;

/** An encoded picture and what its file contains. */
export interface EvaluatedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The file, decoded again. */
  readonly decoded: Pixels;
  /** Of the decoded file against the original. */
  readonly quality: FileQuality;
}

/** Wraps the two stages, to time them. */
export type RunStage = <T>(stage: "encode" | "verify", work: () => Promise<T>) => Promise<T>;

/**
 * @param original decides type, size and kind of the file, see `encode`
 * @throws Problem as `encode` and `decode` do; AbortError when `signal` fires
 */
export async function encodeAndEvaluate(
  original: OriginalPicture,
  wanted: Pixels,
  runStage: RunStage = (_, work) => work(),
  signal?: AbortSignal,
): Promise<EvaluatedFile> {
  const { bytes, changed } = await runStage("encode", () => encodeSized(original, wanted, signal));
  signal?.throwIfAborted();
  return runStage("verify", async () => {
    const decoded = await decode(bytes, sniff(bytes));
    const [before, after] = [
      sampleTiles(original.pixels, SAMPLE_PIXELS),
      sampleTiles(decoded, SAMPLE_PIXELS),
    ];
    const quality = {
      maxPerturbation: maxChange(original.pixels, changed),
      ...changeOf(original.pixels, decoded),
      ssim: ssim(before, after),
      ssimulacra2: ssimulacra2(before, after),
    };
    return { bytes, decoded, quality };
  });
}
