/** The status that popup and badge show: running jobs and the last result. Kept by the background. */

import type { ProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../core/contract/protected-picture.ts";

export interface RunningJob {
  readonly id: string;
  readonly fileName: string;
  /** Host of the page that asked, e.g. "x.com". */
  readonly host: string;
  readonly progress: Progress;
}

export interface FinishedJob {
  readonly fileName: string;
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  readonly outcome:
    | { readonly ok: true; readonly report: ProtectionReport; readonly previews: Previews }
    | { readonly ok: false; readonly problem: ProblemData };
}

/** Data URLs, longest side 320 px. */
export interface Previews {
  readonly before: string;
  readonly after: string;
  /** The change: see `amplifiedDifference`. */
  readonly difference: string;
}

export interface Status {
  readonly running: readonly RunningJob[];
  readonly last?: FinishedJob;
}
