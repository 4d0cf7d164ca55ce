import { expect, it } from "vitest";
import { isRecent } from "../../../src/worker/recent-failure.ts";

const DAY = 24 * 3600 * 1000;
const NOW = Date.UTC(2026, 10, 26);

it("counts a failure for a week", () => {
  expect(isRecent(String(NOW), NOW)).toBe(true);
  expect(isRecent(String(NOW - 6 * DAY), NOW)).toBe(true);
  expect(isRecent(String(NOW - 8 * DAY), NOW)).toBe(false);
});

it("forgets a failure that is in the future after the clock was set back", () => {
  expect(isRecent(String(NOW + DAY), NOW)).toBe(false);
});

it("takes nothing, and what is no time, for no failure, also when the clock begins anew", () => {
  expect(isRecent(null, NOW)).toBe(false);
  expect(isRecent(null, DAY)).toBe(false);
  expect(isRecent("soon", NOW)).toBe(false);
});
