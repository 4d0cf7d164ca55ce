/** What became of a finished picture: one sentence for a person, and the figure behind it. */

import type { Notice } from "../../core/contract/notice.ts";
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import { fileSize, percent, shortLabel } from "../format.ts";
import { type Level, type Measure, type Measured, outcomeOf } from "../outcome.ts";
import { noticeText } from "./notices.ts";

/** The field's names of the figures, for the details. */
export const measures: Readonly<Record<Measure, string>> = {
  feature: "Feature error",
  label: "Label error",
  bayes: "Bayes error",
};

/** By the figure that stands for the result; `label` is what the network saw in the clean picture. */
const headlines: Readonly<Record<Measure, Readonly<Record<Level, (label: string) => string>>>> = {
  feature: {
    high: () => "Penumbra’s built-in network now takes this for a different picture.",
    middling: () =>
      "Penumbra’s built-in network now finds this more like other pictures than like the original.",
    low: () => "Penumbra’s built-in network still takes this for the original, but less surely.",
    none: () => "Penumbra’s built-in network takes this for the original as surely as before.",
  },
  label: {
    high: (label) => `Penumbra’s built-in network no longer sees “${label}” in this picture.`,
    middling: (label) => `Penumbra’s built-in network now doubts that this picture shows “${label}”.`,
    low: (label) => `Penumbra’s built-in network still sees “${label}” in this picture, but less surely.`,
    none: (label) => `Penumbra’s built-in network sees “${label}” in this picture as surely as before.`,
  },
  bayes: {
    high: () => "Penumbra’s built-in network can no longer tell what this picture shows.",
    middling: () => "Penumbra’s built-in network is now unsure what this picture shows.",
    low: () => "Penumbra’s built-in network is a little less sure what this picture shows.",
    none: () => "Penumbra’s built-in network is as sure as before what this picture shows.",
  },
};

/** A result, measured, with what a person should know about it. */
type Result = Measured & Pick<ProtectionReport, "notices">;

/** Whether the picture was not changed, so that no figure says anything. */
export function hadNothing({ notices }: Pick<Result, "notices">): boolean {
  return notices.some(({ code }) => code === "nothing-to-protect");
}

/** Of a file that Penumbra made earlier, and that was given to the page as it is. */
export const protectedBefore = "Penumbra protected this file before. It was not changed again.";

/** What the result means. It speaks of the built-in network only, since nothing is known about others. */
export function headline(report: Result): string {
  if (hadNothing(report)) return "There is nothing to protect in this picture.";
  const { measure, level } = outcomeOf(report);
  return headlines[measure][level](shortLabel(report.labelName));
}

/** The figure behind the headline, in everyday words; shares of 0..1. */
export interface Figure {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

export function figureOf(report: Measured): Figure {
  const { measure, before, after } = outcomeOf(report);
  switch (measure) {
    case "feature":
      return { name: "Taken for another picture", before, after };
    case "label":
      return {
        name: `Confidence in “${shortLabel(report.labelName)}”`,
        before: 1 - before,
        after: 1 - after,
      };
    case "bayes":
      return { name: "Doubt about what it shows", before, after };
  }
}

/** What a page says of a result. It is made where the result is, so that content scripts stay small. */
export interface ResultWords {
  /** One sentence. */
  readonly headline: string;
  /** The figure behind it, and what else a person should know about the file. */
  readonly details: readonly string[];
}

/** What a person is asked about a finished picture before a page gets it; undefined if nothing. */
export function questionAbout({
  notices,
  bytesIn,
  bytesOut,
}: Pick<ProtectionReport, "notices" | "bytesIn" | "bytesOut">): string | undefined {
  const has = (code: Notice["code"]) => notices.some((notice) => notice.code === code);
  if (has("mostly-flat")) return `Hardly protected. ${noticeText({ code: "mostly-flat" })}`;
  if (!has("larger")) return undefined;
  return `Protected, but the file is now ${fileSize(bytesOut)} instead of ${fileSize(bytesIn)}.`;
}

/** The words for a result. */
export function wordsOf(report: Result): ResultWords {
  const figures = hadNothing(report) ? [] : [figure(report)];
  return { headline: headline(report), details: [...figures, ...report.notices.map(noticeText)] };
}

/** The figure behind the headline as text, e.g. `Taken for another picture: 4 % → 99.7 %`. */
export function figure(report: Measured): string {
  const { name, before, after } = figureOf(report);
  return `${name}: ${percent(before)} → ${percent(after)}`;
}
