/**
 * Measures a received file from its bytes and the original's alone: both are decoded by Penumbra's codecs, compared pixel by pixel,
 * and shown to the surrogate. Nothing is taken from the extension's own report.
 */

import { amplifiedDifference } from "../../src/bridge/difference.ts";
import { createPenumbra } from "../../src/cli/penumbra.ts";
import { encodePng } from "../../src/core/codecs/formats/png-encoder.ts";
import { decode, type PictureInfo, sniff } from "../../src/core/codecs/index.ts";
import type { Pixels } from "../../src/core/contract/pixels.ts";
import { DEFAULT_REQUEST } from "../../src/core/contract/protection-request.ts";
import { featureErrorOf, type Prediction, predictAll } from "../../src/core/engine/prediction.ts";
import { maxChange, psnr, ssim } from "../../src/core/engine/quality.ts";
import { toScale } from "../../src/core/engine/scaled-picture.ts";
import { sha256 } from "./upload-server.ts";

/** A file as it is. */
export interface FileFacts {
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
  /** In pixels, upright. */
  readonly width: number;
  readonly height: number;
}

/** Bytes a person can look at: PNG files. */
export interface Pictures {
  readonly before: Uint8Array<ArrayBuffer>;
  readonly after: Uint8Array<ArrayBuffer>;
  /** The change, centred on grey and multiplied by `DIFFERENCE_GAIN`. */
  readonly difference: Uint8Array<ArrayBuffer>;
}

export interface Findings {
  readonly original: FileFacts;
  readonly received: FileFacts;
  /** True only if the bytes are those of the original file. */
  readonly isOriginal: boolean;
  /** Share of pixels with another colour, 0..1. */
  readonly changedPixels: number;
  /** In 255ths. */
  readonly maxChange: number;
  /** In dB. */
  readonly psnr: number;
  readonly ssim: number;
  readonly surrogate: string;
  /** The clean picture's class, whose error is the label error. */
  readonly labelName: string;
  readonly bayesError: { readonly before: number; readonly after: number };
  readonly labelError: { readonly before: number; readonly after: number };
  readonly featureError: { readonly before: number; readonly after: number };
}

const SURROGATE = DEFAULT_REQUEST.surrogate;
const { measure, loadModel } = createPenumbra();

/** The label error in feature space of some pixels, next to the original's. */
async function featureErrors(original: Pixels, received: Pixels): Promise<Findings["featureError"]> {
  const { surrogate } = await loadModel(SURROGATE);
  const [clean, now] = (await predictAll(
    [original, received].map((pixels) => toScale(pixels, surrogate)),
    surrogate,
  )) as [Prediction, Prediction];
  const [before, after] = await Promise.all(
    [clean, now].map((prediction) => featureErrorOf(prediction, clean, surrogate)),
  );
  if (before === undefined || after === undefined) throw new Error(`${SURROGATE} has no bank of features`);
  return { before, after };
}

/** Compares a received file with the original. Rejects with a `Problem` when one of them cannot be decoded. */
export async function examine(
  original: Uint8Array<ArrayBuffer>,
  received: Uint8Array<ArrayBuffer>,
): Promise<{ findings: Findings; pictures: Pictures }> {
  const info = { before: sniff(original), after: sniff(received) };
  const before = await decode(original, info.before);
  const after = await decode(received, info.after);
  if (before.width !== after.width || before.height !== after.height)
    throw new Error(
      `The received picture has ${after.width} × ${after.height} pixels, the original ${before.width} × ${before.height}.`,
    );
  const clean = await measure(original, { surrogate: SURROGATE });
  const now = await measure(received, { surrogate: SURROGATE, label: clean.label });
  return {
    findings: {
      original: facts(original, info.before, before),
      received: facts(received, info.after, after),
      isOriginal: Buffer.compare(original, received) === 0,
      changedPixels: changedPixels(before, after),
      maxChange: maxChange(before, after),
      psnr: psnr(before, after),
      ssim: ssim(before, after),
      surrogate: SURROGATE,
      labelName: clean.labelName,
      bayesError: { before: clean.bayesError, after: now.bayesError },
      labelError: { before: clean.labelError, after: now.labelError },
      featureError: await featureErrors(before, after),
    },
    pictures: {
      before: await encodePng(before, { ...info.before, grey: false, alpha: false }),
      after: await encodePng(after, { ...info.after, grey: false, alpha: false }),
      difference: await encodePng(
        { ...before, data: amplifiedDifference(before, after) },
        withoutColourProfile(info.before),
      ),
    },
  };
}

function facts(bytes: Uint8Array, info: PictureInfo, { width, height }: Pixels): FileFacts {
  return { type: info.type, bytes: bytes.length, sha256: sha256(bytes), width, height };
}

function changedPixels(a: Pixels, b: Pixels): number {
  let changed = 0;
  for (let i = 0; i < a.data.length; i += 4)
    if (a.data[i] !== b.data[i] || a.data[i + 1] !== b.data[i + 1] || a.data[i + 2] !== b.data[i + 2])
      changed++;
  return changed / (a.data.length / 4);
}

/** Differences are numbers, not colours of the picture's own space. */
function withoutColourProfile({ colourChunks: _, ...info }: PictureInfo): PictureInfo {
  return { ...info, grey: false, alpha: false };
}
