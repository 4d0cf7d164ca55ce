/**
 * Which figure of a report stands for the result, and how much came of it. The bounds are bounds of what the surrogate says about
 * the finished file: above one half it holds all other answers together to be likelier than the old one; above nine tenths next to
 * nothing is left of the old one. They say nothing about other networks.
 */
import type { ProtectionReport } from "../core/contract/protected-picture.ts";

/** The errors that a report can have; see docs/method.md. */
export type Measure = "feature" | "label" | "bayes";

export type Level = "high" | "middling" | "low" | "none";

/** What a result is told by. */
export type Measured = Pick<
  ProtectionReport,
  | "objective"
  | "featureErrorBefore"
  | "featureErrorAfter"
  | "labelErrorBefore"
  | "labelErrorAfter"
  | "labelName"
  | "bayesErrorBefore"
  | "bayesErrorAfter"
>;

export interface Outcome {
  readonly measure: Measure;
  /** As shares of 0..1; higher is better. */
  readonly before: number;
  readonly after: number;
  readonly level: Level;
}

/** @returns the error that the objective raises, or the nearest to it that the surrogate can measure */
export function outcomeOf(report: Measured): Outcome {
  const { objective, featureErrorBefore, featureErrorAfter } = report;
  const outcome = (measure: Measure, before: number, after: number): Outcome => ({
    measure,
    before,
    after,
    level: after > 0.9 ? "high" : after <= before ? "none" : after > 0.5 ? "middling" : "low",
  });
  if (objective === "bayes-error") return outcome("bayes", report.bayesErrorBefore, report.bayesErrorAfter);
  if (objective !== "overlap" && featureErrorBefore !== undefined && featureErrorAfter !== undefined)
    return outcome("feature", featureErrorBefore, featureErrorAfter);
  return outcome("label", report.labelErrorBefore, report.labelErrorAfter);
}
