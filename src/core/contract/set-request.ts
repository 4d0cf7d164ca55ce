/** A request to protect a labelled set as a whole, and its bounds beside those of a single picture. */
import type { ClassObjectiveId, ProtectionRequest } from "./protection-request.ts";

/**
 * The labels of a set are given, so there is no `label`; all pictures keep their size, and all have the same
 * budget.
 */
export interface SetRequest
  extends Omit<ProtectionRequest, "label" | "longestSide" | "objective" | "visualQuality"> {
  readonly objective: ClassObjectiveId;
  /** Times that each picture is optimised, at least 1; `steps` are those of one pass. */
  readonly passes?: number;
  /** Pictures that are optimised at once, at least 1; more need more memory. */
  readonly chunk?: number;
}

/** Smallest and largest value of each number that only sets have, both allowed. */
export const SET_LIMITS = {
  passes: [1, 1000],
  chunk: [1, 1000],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export const SET_DEFAULTS = {
  objective: "bayes-error",
  steps: 10,
  passes: 3,
  chunk: 8,
} as const satisfies Partial<SetRequest>;
