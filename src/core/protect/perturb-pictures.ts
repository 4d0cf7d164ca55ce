/** From decoded pictures to perturbed ones: labels, gradient ascent, and the perturbation in full size. */
import { isGrey, type PictureInfo } from "../codecs/index.ts";
import type { Pixels } from "../contract/pixels.ts";
import type { ProtectionRequest } from "../contract/protection-request.ts";
import { applyPerturbation } from "../engine/apply-perturbation.ts";
import { findPerturbations } from "../engine/perturb.ts";
import { type Prediction, predictAll, predictLabels } from "../engine/prediction.ts";
import { type ScaledPicture, toScale } from "../engine/scaled-picture.ts";
import type { Surrogate } from "../engine/surrogate.ts";

export interface CleanPicture {
  readonly info: PictureInfo;
  readonly pixels: Pixels;
  /** There is nothing to protect, so it is not changed. */
  readonly empty: boolean;
}

export interface PerturbedPicture {
  readonly changed: Pixels;
  /** Prediction for the clean picture. */
  readonly before: Prediction;
  /** The class whose error is raised. */
  readonly label: number;
}

export interface PerturbingOptions {
  readonly surrogate: Surrogate;
  readonly request: ProtectionRequest;
  /** @param done 0..1 of the gradient steps */
  readonly onProgress: (done: number) => void;
}

/**
 * Perturbs pictures as one batch.
 * @throws RangeError when the surrogate does not have the requested label; AbortError when `signal` fires
 */
export async function perturbPictures(
  pictures: readonly CleanPicture[],
  { surrogate, request, onProgress }: PerturbingOptions,
  signal?: AbortSignal,
): Promise<PerturbedPicture[]> {
  checkLabel(request, surrogate);
  signal?.throwIfAborted();
  const scaled = pictures.map(({ pixels }) => toScale(pixels, surrogate));
  const before = await predictAll(scaled, surrogate);
  const labels = await labelsOf(scaled, surrogate, before, request);
  const all = pictures.map((picture, i) => ({
    ...picture,
    scaled: scaled[i] as ScaledPicture,
    before: before[i] as Prediction,
    label: labels[i] as number,
  }));
  const changed = await changedPixels(
    all.filter(({ empty }) => !empty),
    { surrogate, request, onProgress },
    signal,
  );
  return all.map(({ pixels, before, label, empty }) => ({
    changed: empty ? pixels : (changed.shift() as Pixels),
    before,
    label,
  }));
}

interface LabelledPicture extends CleanPicture {
  readonly scaled: ScaledPicture;
  readonly label: number;
}

async function changedPixels(
  pictures: readonly LabelledPicture[],
  { surrogate, request, onProgress }: PerturbingOptions,
  signal?: AbortSignal,
): Promise<Pixels[]> {
  if (pictures.length === 0) return [];
  const { ascent } = surrogate;
  const steps = stepsOf(request, surrogate);
  const budget = { norm: "linf", epsilon: request.epsilon } as const;
  const deltas = await findPerturbations(
    pictures.map(({ pixels, info, scaled, label }) => ({
      scaled,
      fullSize: pixels,
      label,
      luminanceOnly: ascent.luminanceOnly || info.grey || isGrey(pixels),
      seed: request.seed ?? randomSeed(),
    })),
    surrogate,
    {
      ...ascent,
      optimiser: "adam",
      objective: request.objective,
      budget,
      steps,
      onStep: (done) => onProgress(done / steps),
    },
    signal,
  );
  return pictures.map(({ pixels, scaled }, i) =>
    applyPerturbation(pixels, deltas[i] as Float32Array, scaled, budget),
  );
}

/** Gradient steps that a request takes with a surrogate. */
export function stepsOf(request: ProtectionRequest, { ascent }: Surrogate): number {
  return request.steps ?? ascent.steps;
}

async function labelsOf(
  scaled: readonly ScaledPicture[],
  surrogate: Surrogate,
  predictions: readonly Prediction[],
  { label }: ProtectionRequest,
): Promise<number[]> {
  return label === undefined ? predictLabels(scaled, surrogate, predictions) : scaled.map(() => label);
}

function checkLabel({ label }: ProtectionRequest, { numClasses }: Surrogate): void {
  if (label === undefined || (Number.isInteger(label) && label >= 0 && label < numClasses)) return;
  throw new RangeError(`expected a label of 0 to ${numClasses - 1}, got ${label}`);
}

/** Unpredictable, so that two protections of one picture share no pattern. */
function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}
