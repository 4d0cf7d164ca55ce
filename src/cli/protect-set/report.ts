/** The report of a set: whether its error rose at all, and the figures. */
import { Problem } from "../../core/contract/problem.ts";
import type { ClassObjectiveId } from "../../core/contract/protection-request.ts";
import type { SetErrors } from "../../core/engine/joint-error.ts";
import type { FileQuality } from "../../core/protect/evaluate.ts";
import type { LeftOut } from "./listing.ts";
import type { SetPlan } from "./plan.ts";
import type { WorkFolder } from "./work-folder.ts";

/** Width of the RBF kernel, on embeddings of length 1. */
export const SIGMA = 0.15;

/** The figures of one written file. */
export interface FileFigures extends FileQuality {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface SetReport {
  readonly classes: readonly { readonly name: string; readonly pictures: number }[];
  readonly pictures: number;
  readonly leftOut: readonly LeftOut[];
  /** Sentences for the owner of the set. */
  readonly notes: readonly string[];
  readonly backend: string;
  readonly surrogate: string;
  readonly sigma: number;
  readonly objective: ClassObjectiveId;
  readonly epsilon: number;
  readonly steps: number;
  readonly passes: number;
  readonly chunk: number;
  readonly seed: number;
  /**
   * Of the whole set, leave one out: the mean of 1 - max p(c|i), 0..1-1/C. "After" is measured on the written
   * files.
   */
  readonly bayesErrorBefore: number;
  readonly bayesErrorAfter: number;
  /** The mean of 1 - p(y|i), where y is the picture's own class. */
  readonly labelErrorBefore: number;
  readonly labelErrorAfter: number;
  /** Largest change of a channel value in all pictures before they were encoded, in 255ths. */
  readonly maxPerturbation: number;
  /** Largest change of a channel value in all written files, in 255ths. */
  readonly maxChange: number;
  /** Means over the pictures. */
  readonly psnr: number;
  readonly ssim: number;
  readonly ssimulacra2: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** All of the work, also in interrupted runs. */
  readonly seconds: number;
}

export interface SetErrorChange {
  readonly before: SetErrors;
  readonly after: SetErrors;
}

/** @throws Problem `ineffective` when the error of the objective did not rise */
export function checkSetEffective(
  { before, after }: SetErrorChange,
  objective: ClassObjectiveId,
  work: WorkFolder,
): void {
  const error = objective === "overlap" ? "labelError" : "bayesError";
  if (after[error] > before[error]) return;
  throw new Problem({
    code: "ineffective/set",
    measure: error === "bayesError" ? "bayes" : "label",
    before: before[error],
    after: after[error],
    workFolder: work.path,
  });
}

export function setReportOf(
  { request, classes, pictures, leftOut, notes }: SetPlan,
  { before, after }: SetErrorChange,
  files: readonly FileFigures[],
  { backend, seconds }: { readonly backend: string; readonly seconds: number },
): SetReport {
  const sum = (of: keyof FileFigures) => files.reduce((total, file) => total + file[of], 0);
  const most = (of: keyof FileFigures) => files.reduce((largest, file) => Math.max(largest, file[of]), 0);
  return {
    classes: classes.map((name, label) => ({
      name,
      pictures: pictures.filter((picture) => picture.label === label).length,
    })),
    pictures: pictures.length,
    leftOut,
    notes,
    backend,
    sigma: SIGMA,
    ...request,
    bayesErrorBefore: before.bayesError,
    bayesErrorAfter: after.bayesError,
    labelErrorBefore: before.labelError,
    labelErrorAfter: after.labelError,
    maxPerturbation: most("maxPerturbation"),
    maxChange: most("maxChange"),
    psnr: sum("psnr") / files.length,
    ssim: sum("ssim") / files.length,
    ssimulacra2: sum("ssimulacra2") / files.length,
    bytesIn: sum("bytesIn"),
    bytesOut: sum("bytesOut"),
    seconds,
  };
}
