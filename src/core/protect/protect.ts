/**
 * The use case: decode, shrink if requested, perturb, encode, decode again and evaluate, report. Files are
 * decoded and encoded one at a time but optimised and evaluated as a batch. A single file is a batch of one.
 */
import { checkShape, decode, type PictureInfo, sniff, writtenFormat } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";
import type { Progress, Protect, ProtectedPicture } from "../contract/protected-picture.ts";
import type { ProtectionRequest } from "../contract/protection-request.ts";
import { errorsOf, type Prediction, predictAll } from "../engine/prediction.ts";
import { toScale } from "../engine/scaled-picture.ts";
import { shrinkTo } from "../engine/shrink.ts";
import { type EvaluatedFile, encodeAndEvaluate, type RunStage } from "./evaluate.ts";
import type { LoadedModel, LoadModel } from "./loaded-models.ts";
import { type PerturbedPicture, perturbPictures } from "./perturb-pictures.ts";
import { checkEffective, type ErrorChange, reportOf } from "./report.ts";
import { mapBatch, mapEach, type Settled, settledValue } from "./settled.ts";
import { showsNothing } from "./shows-nothing.ts";
import { createTracker, type Tracker, timed } from "./tracker.ts";
import { withVisualQuality } from "./visual-quality.ts";

/** A file to protect. */
export interface PictureFile {
  /** Its bytes; called once, when the file's turn comes. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Protects files, in batches of the surrogate's size, and gives their results in order. A file that fails
 * neither stops nor changes the others.
 * @throws AbortError when `signal` fires
 */
export type ProtectAll = (
  files: readonly PictureFile[],
  request: ProtectionRequest,
  signal?: AbortSignal,
) => AsyncGenerator<Settled<ProtectedPicture>, void>;

export function createProtect(loadModel: LoadModel): Protect {
  return async (bytes, request, onProgress, signal) => {
    const file = { read: async () => bytes, ...(onProgress && { onProgress }) };
    const [outcome] = await protectBatch([file], request, loadModel, signal);
    return settledValue(outcome as Settled<ProtectedPicture>);
  };
}

export function createProtectAll(loadModel: LoadModel): ProtectAll {
  return async function* (files, request, signal) {
    // Where the model cannot be loaded, each file fails with the reason.
    const batchSize = await loadModel(request.surrogate).then(
      ({ surrogate }) => surrogate.batchSize,
      () => 1,
    );
    for (let from = 0; from < files.length; from += batchSize)
      yield* await protectBatch(files.slice(from, from + batchSize), request, loadModel, signal);
  };
}

async function protectBatch(
  files: readonly PictureFile[],
  request: ProtectionRequest,
  loadModel: LoadModel,
  signal?: AbortSignal,
): Promise<Settled<ProtectedPicture>[]> {
  const all = files.map((value): Settled<PictureFile> => ({ status: "fulfilled", value }));
  const decoded = await mapEach(all, (file) => decodeFile(file, request), signal);
  const perturbed = await mapBatch(
    decoded,
    (pictures) => perturb(pictures, request, loadModel, signal),
    signal,
  );
  const encoded = await mapEach(perturbed, (picture) => encodeFile(picture, request, signal), signal);
  const evaluated = await mapBatch(encoded, evaluate, signal);
  return mapEach(evaluated, async (picture) => finish(picture, request), signal);
}

interface DecodedPicture {
  readonly tracker: Tracker;
  readonly bytesIn: number;
  readonly info: PictureInfo;
  /** As in the file. */
  readonly whole: Pixels;
  /** To be protected: `whole`, or a smaller copy. */
  readonly pixels: Pixels;
  readonly empty: boolean;
}

async function decodeFile(
  { read, onProgress }: PictureFile,
  { longestSide = Number.POSITIVE_INFINITY }: ProtectionRequest,
): Promise<DecodedPicture> {
  const tracker = createTracker(onProgress);
  tracker.progress("decode");
  const bytes = await read();
  return timed("decode", [tracker], async () => {
    const info = sniff(bytes);
    const whole = await decode(bytes, info);
    const empty = showsNothing(whole);
    if (!empty) checkShape(info);
    return { tracker, bytesIn: bytes.length, info, whole, empty, pixels: shrinkTo(whole, longestSide) };
  });
}

interface Perturbed extends DecodedPicture, PerturbedPicture {
  readonly model: LoadedModel;
}

function perturb(
  pictures: readonly DecodedPicture[],
  request: ProtectionRequest,
  loadModel: LoadModel,
  signal?: AbortSignal,
): Promise<Perturbed[]> {
  const progress = (done?: number) => {
    for (const { tracker } of pictures) tracker.progress("ascend", done);
  };
  return timed("ascend", trackersOf(pictures), async () => {
    progress();
    const model = await loadModel(request.surrogate);
    const { surrogate } = model;
    const options = { surrogate, request, onProgress: progress };
    const perturbed = await perturbPictures(pictures, options, signal);
    return pictures.map((picture, i) => ({ ...picture, ...(perturbed[i] as PerturbedPicture), model }));
  });
}

interface Encoded extends Perturbed {
  readonly file: EvaluatedFile;
}

async function encodeFile(
  picture: Perturbed,
  { visualQuality }: ProtectionRequest,
  signal?: AbortSignal,
): Promise<Encoded> {
  const { tracker, info, whole, pixels, empty, bytesIn } = picture;
  // A shrunk picture keeps the quality of its file, not the size.
  const original = { pixels, info, ...(pixels === whole && { bytes: bytesIn }) };
  const runStage: RunStage = (stage, work) => {
    tracker.progress(stage);
    return timed(stage, [tracker], work);
  };
  const changed =
    visualQuality === undefined || empty
      ? picture.changed
      : await runStage("encode", () => withVisualQuality(original, picture.changed, visualQuality, signal));
  const file = await encodeAndEvaluate(original, changed, runStage, signal);
  return { ...picture, file };
}

interface Evaluated extends Encoded {
  readonly errors: ErrorChange;
}

function evaluate(pictures: readonly Encoded[]): Promise<Evaluated[]> {
  return timed("verify", trackersOf(pictures), async () => {
    const { surrogate } = (pictures[0] as Encoded).model;
    const scaled = pictures.map(({ file }) => toScale(file.decoded, surrogate));
    const predictions = await predictAll(scaled, surrogate);
    return Promise.all(
      pictures.map(async (picture, i) => {
        const { before: clean, label } = picture;
        const [before, after] = await Promise.all([
          errorsOf(clean, clean, label, surrogate),
          errorsOf(predictions[i] as Prediction, clean, label, surrogate),
        ]);
        return { ...picture, errors: { before, after } };
      }),
    );
  });
}

/** @throws Problem `ineffective` when the file does not protect the picture */
function finish(picture: Evaluated, request: ProtectionRequest): ProtectedPicture {
  if (!picture.empty) checkEffective(picture.errors, request.objective);
  picture.tracker.progress("verify", 1);
  return {
    bytes: picture.file.bytes,
    type: writtenFormat(picture.info).type,
    report: reportOf(picture, request, picture.model),
  };
}

function trackersOf(pictures: readonly { readonly tracker: Tracker }[]): Tracker[] {
  return pictures.map(({ tracker }) => tracker);
}
