import { describe, expect, it } from "vitest";
import { outcomeOf } from "../../../src/bridge/outcome.ts";
import { noticeText } from "../../../src/bridge/strings/notices.ts";
import { figure, headline, wordsOf } from "../../../src/bridge/strings/results.ts";
import type { ProtectionReport } from "../../../src/core/contract/protected-picture.ts";
import { report } from "../../e2e/popup-gallery/states.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const withFeatures = (featureErrorBefore: number, featureErrorAfter: number): ProtectionReport => ({
  ...report,
  featureErrorBefore,
  featureErrorAfter,
});

describe("a result", () => {
  it.each([
    [0.04, 0.997, "now takes this for a different picture"],
    [0.04, 0.6, "more like other pictures than like the original"],
    [0.04, 0.4, "still takes this for the original, but less surely"],
    [0.4, 0.4, "as surely as before"],
  ])("by features, %d to %d", (before, after, words) => {
    expect(headline(withFeatures(before, after))).toContain(words);
  });

  it.each([
    [0.07, 0.95, "no longer sees “goldfish”"],
    [0.07, 0.6, "doubts that this picture shows “goldfish”"],
    [0.07, 0.3, "still sees “goldfish” in this picture, but less surely"],
    [0.3, 0.2, "sees “goldfish” in this picture as surely as before"],
  ])("by names, %d to %d", (labelErrorBefore, labelErrorAfter, words) => {
    expect(headline({ ...report, objective: "overlap", labelErrorBefore, labelErrorAfter })).toContain(words);
  });

  it.each([
    [0.07, 0.95, "can no longer tell"],
    [0.07, 0.6, "now unsure"],
    [0.07, 0.3, "a little less sure"],
    [0.3, 0.2, "as sure as before"],
  ])("by the Bayes error, %d to %d", (bayesErrorBefore, bayesErrorAfter, words) => {
    const its = { ...report, objective: "bayes-error", bayesErrorBefore, bayesErrorAfter } as const;
    expect(headline(its)).toContain(words);
  });

  it("speaks of no other network than the built-in one", () => {
    for (const objective of ["features", "overlap", "bayes-error"] as const)
      expect(headline({ ...report, objective })).toMatch(/^Penumbra’s built-in network .*\.$/);
  });

  it("has the figure behind it, which never claims all for less", () => {
    expect(plain(figure(withFeatures(0.04, 0.997)))).toBe("Taken for another picture: 4 % → 99.7 %");
    expect(plain(figure({ ...report, objective: "overlap" }))).toBe(
      "Confidence in “goldfish”: 93 % → < 0.1 %",
    );
    expect(plain(figure({ ...report, objective: "bayes-error" }))).toBe(
      "Doubt about what it shows: 7 % → 42 %",
    );
  });

  it("without anything to protect has no figure", () => {
    const notices = [{ code: "nothing-to-protect" }] as const;
    const { headline: words, details } = wordsOf({ ...report, notices });
    expect(words).toBe("There is nothing to protect in this picture.");
    expect(details).toEqual([noticeText(notices[0])]);
  });

  it("is told by the label error where the surrogate has no bank of features", () => {
    const { featureErrorBefore: _, featureErrorAfter: __, ...others } = report;
    expect(outcomeOf(others)).toMatchObject({ measure: "label", level: "high" });
  });
});
