import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { age, changeInPercent, duration, fileSize, percent, shortLabel } from "../../../src/bridge/format.ts";

/** Figures with plain spaces, for reading. */
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("percent", () => {
  it.each([
    [0, "0 %"],
    [0.0000001, "< 0.1 %"],
    [0.0009, "< 0.1 %"],
    [0.0012, "0.1 %"],
    [0.0049, "0.5 %"],
    [0.0149, "1 %"],
    [0.9312, "93 %"],
    [0.99, "99 %"],
    [0.994, "99.4 %"],
    [0.99999, "99.9 %"],
    [1, "100 %"],
  ])("%d", (share, text) => expect(plain(percent(share))).toBe(text));

  it("never claims all or nothing for less", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (share) => {
        expect(["0 %", "0.0 %", "100 %", "100.0 %"]).not.toContain(plain(percent(share)));
      }),
    );
  });
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [65_432, "65.4 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [1_214_300, "1.21 MB"],
  [18_214_300, "18.2 MB"],
  [1_250_000_000, "1250 MB"],
])("file size %d", (bytes, text) => expect(plain(fileSize(bytes))).toBe(text));

it.each([
  [100, 106, "+6 %"],
  [100, 82, "−18 %"],
  [1000, 1001, "±0 %"],
  [0, 10, "±0 %"],
])("change from %d to %d", (before, after, text) => expect(plain(changeInPercent(before, after))).toBe(text));

it.each([
  [0.04, "0.0 s"],
  [4.13, "4.1 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 0 s"],
  [97.3, "1 min 37 s"],
])("duration of %d s", (seconds, text) => expect(plain(duration(seconds))).toBe(text));

it("age", () => {
  const now = Date.UTC(2026, 0, 15);
  const minute = 60_000;
  expect(age(now + 5 * minute, now)).toBe("just now");
  expect(age(now - 59_000, now)).toBe("just now");
  expect(age(now - minute, now)).toBe("1 minute ago");
  expect(age(now - 59 * minute, now)).toBe("59 minutes ago");
  expect(age(now - 90 * minute, now)).toBe("1 hour ago");
  expect(age(now - 25 * 60 * minute, now)).toBe("yesterday");
});

it("short label", () => {
  expect(shortLabel("goldfish, Carassius auratus")).toBe("goldfish");
  expect(shortLabel("goldfish")).toBe("goldfish");
  expect(shortLabel("")).toBe("");
});
