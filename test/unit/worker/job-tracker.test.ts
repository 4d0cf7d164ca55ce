import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunningJob } from "../../../src/bridge/status.ts";
import { Problem } from "../../../src/core/contract/problem.ts";
import { createJobTracker } from "../../../src/worker/job-tracker.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

function make() {
  const told: (readonly RunningJob[])[] = [];
  return { told, tracker: createJobTracker((running) => told.push(running), 250) };
}

it("tells at once when a job comes or goes", () => {
  const { told, tracker } = make();
  const job = tracker.open("a.jpg", "x.com");
  expect(told).toEqual([
    [
      {
        id: expect.any(String),
        fileName: "a.jpg",
        host: "x.com",
        progress: { stage: "waiting", fraction: 0 },
      },
    ],
  ]);
  job.close();
  job.close();
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual([]);
});

it("tells the latest progress a few times a second", () => {
  const { told, tracker } = make();
  const job = tracker.open("a.jpg", "x.com");
  for (let i = 1; i <= 100; i++) {
    job.progress({ stage: "ascend", fraction: i / 100 });
    vi.advanceTimersByTime(10);
  }
  expect(told.length).toBeLessThanOrEqual(5);
  expect(told.length).toBeGreaterThanOrEqual(4);
  vi.advanceTimersByTime(250);
  expect(told.at(-1)?.[0]?.progress).toEqual({ stage: "ascend", fraction: 1 });
  job.close();
  job.progress({ stage: "verify", fraction: 1 });
  vi.advanceTimersByTime(1000);
  expect(told.at(-1)).toEqual([]);
});

it("keeps jobs apart", () => {
  const { told, tracker } = make();
  const first = tracker.open("a.jpg", "x.com");
  tracker.open("b.jpg", "bsky.app");
  first.close();
  expect(told.at(-1)?.map(({ fileName }) => fileName)).toEqual(["b.jpg"]);
});

it("says how a job ended", () => {
  const { tracker } = make();
  const job = tracker.open("a.jpg", "x.com");
  expect(job.failed(new Problem({ code: "corrupt/no-pixels" }))).toEqual({
    fileName: "a.jpg",
    host: "x.com",
    finishedAt: 1000,
    outcome: { ok: false, problem: { code: "corrupt/no-pixels" } },
  });
});
