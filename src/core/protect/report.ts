/** The result for one picture: whether it is protected at all, and the figures. */

import { noticesOf, type PictureInfo } from "../codecs/index.ts";
import type { Notice } from "../contract/notice.ts";
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import type { ProtectionReport } from "../contract/protected-picture.ts";
import type { ObjectiveId, ProtectionRequest } from "../contract/protection-request.ts";
import { flatShare } from "../engine/flat-areas.ts";
import type { PictureErrors } from "../engine/prediction.ts";
import type { EvaluatedFile } from "./evaluate.ts";
import { MOST_GROWTH } from "./file-size.ts";
import { className, type LoadedModel } from "./loaded-models.ts";
import { stepsOf } from "./perturb-pictures.ts";
import type { Tracker } from "./tracker.ts";

export interface ErrorChange {
  readonly before: PictureErrors;
  readonly after: PictureErrors;
}

/** With an error this high before, a file need not raise it further. */
const HIGH_ERROR = 0.9;

/** @throws Problem `ineffective` when the objective's error is low and did not rise */
export function checkEffective({ before, after }: ErrorChange, objective: ObjectiveId): void {
  const error = errorOf(objective);
  const [low, high] = [error(before), error(after)];
  if (high > low || low >= HIGH_ERROR) return;
  throw new Problem({ code: "ineffective/picture" });
}

/** The error that an objective raises. */
function errorOf(objective: ObjectiveId): (errors: PictureErrors) => number {
  if (objective === "bayes-error") return ({ bayesError }) => bayesError;
  if (objective === "overlap") return ({ labelError }) => labelError;
  return ({ featureError, labelError }) => featureError ?? labelError;
}

/** All that the report of a picture is made of. */
export interface ReportedPicture {
  readonly bytesIn: number;
  readonly info: PictureInfo;
  /** As in the original file. */
  readonly whole: Pixels;
  /** As protected: `whole`, or a smaller copy. */
  readonly pixels: Pixels;
  readonly empty: boolean;
  readonly label: number;
  readonly file: EvaluatedFile;
  readonly errors: ErrorChange;
  readonly tracker: Tracker;
}

/** Bytes of growth that nobody minds. */
const SMALL_GROWTH = 20_000;

function sizeNotice(bytesIn: number, bytesOut: number): Notice[] {
  const times = bytesOut / bytesIn;
  return times > MOST_GROWTH && bytesOut - bytesIn > SMALL_GROWTH ? [{ code: "larger", times }] : [];
}

/** With a larger share of flat areas, and a lower error at the end, a person is told that they are the reason. */
const MOSTLY_FLAT = 0.5;
const LOW_ERROR = 0.5;

function flatNotice({ pixels, empty, errors }: ReportedPicture, objective: ObjectiveId): Notice[] {
  if (empty || errorOf(objective)(errors.after) >= LOW_ERROR) return [];
  return flatShare(pixels) > MOSTLY_FLAT ? [{ code: "mostly-flat" }] : [];
}

export function reportOf(
  picture: ReportedPicture,
  request: ProtectionRequest,
  model: LoadedModel,
): ProtectionReport {
  const { whole, pixels, empty, label, file } = picture;
  const { before, after } = picture.errors;
  const { seconds } = picture.tracker;
  return {
    width: pixels.width,
    height: pixels.height,
    ...(pixels !== whole && { shrunkFrom: { width: whole.width, height: whole.height } }),
    notices: [
      ...(empty ? [{ code: "nothing-to-protect" as const }] : []),
      ...noticesOf(picture.info),
      ...flatNotice(picture, request.objective),
      ...sizeNotice(picture.bytesIn, file.bytes.length),
    ],
    bytesIn: picture.bytesIn,
    bytesOut: file.bytes.length,
    backend: model.backend,
    surrogate: model.surrogate.id,
    objective: request.objective,
    epsilon: request.epsilon,
    steps: empty ? 0 : stepsOf(request, model.surrogate),
    ...(before.featureError !== undefined &&
      after.featureError !== undefined && {
        featureErrorBefore: before.featureError,
        featureErrorAfter: after.featureError,
      }),
    bayesErrorBefore: before.bayesError,
    bayesErrorAfter: after.bayesError,
    labelErrorBefore: before.labelError,
    labelErrorAfter: after.labelError,
    label,
    labelName: className(model, label),
    ...file.quality,
    seconds: { ...seconds, total: seconds.decode + seconds.ascend + seconds.encode + seconds.verify },
  };
}
