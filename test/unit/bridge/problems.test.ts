import { describe, expect, it } from "vitest";
import { pageProblemText } from "../../../src/bridge/strings/page-problems.ts";
import { problems, problemText, withSentence } from "../../../src/bridge/strings/problems.ts";
import { kindOf, Problem, type ProblemData, toProblemData } from "../../../src/core/contract/problem.ts";

const tooLarge: ProblemData = { code: "too-large/picture", width: 30_001, height: 100 };

describe("a problem", () => {
  it("is known to programs by its kind", () => {
    expect(kindOf({ code: "backend/gpu-lost" })).toBe("backend");
    expect(kindOf({ code: "too-small" })).toBe("too-small");
    expect(new Problem(tooLarge).kind).toBe("too-large");
  });

  it("has a message for logs, with its values", () => {
    expect(new Problem(tooLarge).message).toBe("too-large/picture width=30001 height=100");
    expect(new Problem(withSentence(tooLarge)).message).toBe("too-large/picture width=30001 height=100");
  });

  it("is made of anything that was thrown", () => {
    expect(toProblemData(new Problem(tooLarge))).toEqual(tooLarge);
    expect(toProblemData(new DOMException("", "AbortError"))).toEqual({ code: "cancelled" });
    expect(toProblemData(new TypeError("no"))).toEqual({ code: "internal/unexpected", detail: "no" });
    expect(toProblemData("no")).toEqual({ code: "internal/unexpected", detail: "no" });
  });
});

describe("its sentence", () => {
  it.each(Object.entries(problems))("of %s ends as sentences do", (_, sentence) => {
    if (typeof sentence === "string") expect(sentence).toMatch(/^[A-Z].*[.?]$/);
  });

  it("names the values", () => {
    expect(problemText(tooLarge)).toContain("30001 by 100 pixels");
    expect(problemText({ code: "corrupt/picture", format: "PNG", damage: "end-missing" })).toBe(
      "This PNG picture is broken or incomplete (the end is missing).",
    );
    expect(problemText({ code: "unsupported/format", format: "raw" })).toMatch(/raw file.*JPEG or PNG/);
    expect(problemText({ code: "unsupported/colours", format: "TIFF" })).toMatch(/^This TIFF picture/);
  });

  it("travels to a page, which has only its own", () => {
    expect(pageProblemText(withSentence(tooLarge))).toBe(problemText(tooLarge));
    expect(problemText({ code: "unavailable/site", status: 404 })).toContain("error 404");
    expect(pageProblemText({ code: "too-large/file", megabytes: 256 })).toContain("256 MB");
    expect(pageProblemText({ code: "unavailable/worker" })).toBe(problemText({ code: "unavailable/worker" }));
    expect(pageProblemText(tooLarge)).toBe("too-large/picture");
  });
});
