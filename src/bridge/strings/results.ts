/**
 * What became of a finished picture, in one sentence for a person and one figure behind it. The sentence says what the
 * built-in network makes of the finished file and nothing about other networks. Its bounds: above one half, the network holds
 * the other answers together to be likelier than the old one; above nine tenths, hardly anything is left of the old one.
 */
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import { percent } from "../format.ts";

/** Which figure the work tried to raise. */
export type Measure = "feature" | "label" | "bayes";

/** The figure that the work tried to raise, as shares of 0..1. */
export interface Aim {
  readonly measure: Measure;
  readonly before: number;
  readonly after: number;
}

/** @returns the figure that stands for the result, by the objective and by what the surrogate can measure */
export function aimOf(report: ProtectionReport): Aim {
  const { objective, featureErrorBefore, featureErrorAfter } = report;
  if (objective === "bayes-error")
    return { measure: "bayes", before: report.bayesErrorBefore, after: report.bayesErrorAfter };
  if (objective !== "overlap" && featureErrorBefore !== undefined && featureErrorAfter !== undefined)
    return { measure: "feature", before: featureErrorBefore, after: featureErrorAfter };
  return { measure: "label", before: report.labelErrorBefore, after: report.labelErrorAfter };
}

export const results = {
  /** What the figures are called. */
  measures: {
    feature: "Feature error",
    label: "Label error",
    bayes: "Bayes error",
  } satisfies Record<Measure, string>,
  headlines: {
    feature: {
      high: () => "To the built-in network, this is now a different picture.",
      middling: () =>
        "To the built-in network, this now looks more like other pictures than like the original.",
      low: () => "To the built-in network, this still looks like the original, though less than before.",
      none: () => "To the built-in network, this looks like the original as much as before.",
    },
    label: {
      high: (label: string) => `The built-in network no longer sees “${label}” here.`,
      middling: (label: string) => `The built-in network now doubts that this shows “${label}”.`,
      low: (label: string) => `The built-in network still sees “${label}” here, though it is less sure.`,
      none: (label: string) => `The built-in network is as sure as before that it sees “${label}” here.`,
    },
    bayes: {
      high: () => "The built-in network can no longer tell what this shows.",
      middling: () => "The built-in network is now unsure what this shows.",
      low: () => "The built-in network is a little less sure what this shows.",
      none: () => "The built-in network is as sure as before what this shows.",
    },
  } satisfies Record<Measure, Record<"high" | "middling" | "low" | "none", (label: string) => string>>,
  figure: ({ measure, before, after }: Aim) =>
    `${results.measures[measure]} ${percent(before)} → ${percent(after)}`,
};

/** What the result means, in one sentence. */
export function headline(report: ProtectionReport): string {
  const { measure, before, after } = aimOf(report);
  const level = after > 0.9 ? "high" : after <= before ? "none" : after > 0.5 ? "middling" : "low";
  return results.headlines[measure][level](report.labelName.split(",")[0] ?? "");
}
