/** The results of the commands, in lines for people. */
import { percent } from "../bridge/format.ts";
import type { ProtectionReport } from "../core/contract/protected-picture.ts";
import type { Measurement } from "./measure.ts";
import type { SetReport } from "./protect-set/report.ts";

/** The figures that pictures and sets have in common. */
type Figures = Pick<
  ProtectionReport,
  | "bayesErrorBefore"
  | "bayesErrorAfter"
  | "labelErrorBefore"
  | "labelErrorAfter"
  | "maxChange"
  | "psnr"
  | "ssim"
  | "ssimulacra2"
  | "maxPerturbation"
  | "bytesIn"
  | "bytesOut"
>;

export function pictureSummary(report: ProtectionReport): string {
  const { width, height, shrunkFrom, labelName, featureErrorBefore, featureErrorAfter } = report;
  return [
    ...(featureErrorBefore !== undefined && featureErrorAfter !== undefined
      ? [`feature error ${change(featureErrorBefore, featureErrorAfter)}`]
      : []),
    `“${labelName}”: ${labelErrors(report)}`,
    `Bayes error ${bayesErrors(report)}`,
    ...(shrunkFrom ? [`${shrunkFrom.width} x ${shrunkFrom.height} -> ${width} x ${height} pixels`] : []),
    ...costs(report),
    seconds(report.seconds.total),
  ].join(", ");
}

export function setSummary(report: SetReport): string {
  const figures = [
    `Bayes error of the set ${bayesErrors(report)}`,
    labelErrors(report),
    ...costs(report),
    seconds(report.seconds),
  ];
  return `${report.pictures} pictures in ${report.classes.length} classes: ${figures.join(", ")}`;
}

export function measurementSummary(measurement: Measurement): string {
  const { bayesError, labelName, labelError, width, height, type } = measurement;
  return (
    `Bayes error ${bayesError.toFixed(4)}, p(“${labelName}”) ${(1 - labelError).toFixed(4)}, ` +
    `${width} x ${height} ${type}`
  );
}

function costs({
  maxPerturbation,
  maxChange,
  psnr,
  ssim,
  ssimulacra2,
  bytesIn,
  bytesOut,
}: Figures): string[] {
  return [
    `change at most ${maxPerturbation}/255${maxChange > maxPerturbation ? ` (${maxChange}/255 with the encoder's)` : ""}`,
    `PSNR ${psnr.toFixed(1)} dB`,
    `SSIM ${ssim.toFixed(3)}`,
    `SSIMULACRA 2 ${ssimulacra2.toFixed(1)}`,
    `${bytesIn} -> ${bytesOut} bytes`,
  ];
}

function bayesErrors({ bayesErrorBefore, bayesErrorAfter }: Figures): string {
  return change(bayesErrorBefore, bayesErrorAfter);
}

function labelErrors({ labelErrorBefore, labelErrorAfter }: Figures): string {
  return `label error ${change(labelErrorBefore, labelErrorAfter)}`;
}

function change(before: number, after: number): string {
  return `${percent(before)} -> ${percent(after)}`;
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
