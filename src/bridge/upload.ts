/** What the page side asks of the side that does the work, whatever lies between them. */
import type { ObjectiveId, Progress, ProtectionReport } from "../core/contract/protected-picture.ts";
import { BUDGETS, type Settings } from "./settings.ts";
import { siteProfile } from "./site-profiles.ts";

/** The person's choices, as far as one picture needs them. */
export interface WorkOptions {
  /** L-infinity budget as a fraction of the 0..1 range, e.g. 8/255. */
  readonly epsilon: number;
  readonly surrogate: string;
  readonly objective: ObjectiveId;
  /** Gradient steps, 1 to 1000; the engine's own number where absent. */
  readonly steps?: number;
  /** Longest side to which a picture is made smaller first, in pixels, 16 or more. */
  readonly longestSide?: number;
}

/** What the person's settings ask of the worker, for a picture that goes to a page of `host`, if to any. */
export function workOptions(
  { budget, surrogate, objective, steps, shrinkFirst }: Settings,
  host = "",
): WorkOptions {
  const longestSide = shrinkFirst ? siteProfile(host)?.longestSide : undefined;
  return {
    epsilon: BUDGETS[budget] / 255,
    surrogate,
    objective,
    ...(steps && { steps }),
    ...(longestSide && { longestSide }),
  };
}

/** A protected file, all of its bytes at hand. */
export interface ProtectedFile {
  readonly bytes: ArrayBuffer;
  /** MIME type found in the bytes, not in the name. */
  readonly type: string;
  readonly report: ProtectionReport;
}

/**
 * Protects one file somewhere else. Rejects with a `Problem`, or an `AbortError` when `signal` fires; never hangs: silence
 * for too long is a `Problem` of code `unavailable`.
 */
export type ProtectFile = (
  file: File,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<ProtectedFile>;
