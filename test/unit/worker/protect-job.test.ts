import { expect, it, vi } from "vitest";
import type { FinishedJob } from "../../../src/bridge/status.ts";
import { Problem } from "../../../src/core/contract/problem.ts";
import type { Protect, ProtectedPicture } from "../../../src/core/contract/protected-picture.ts";
import { createJobTracker } from "../../../src/worker/job-tracker.ts";
import type { Job } from "../../../src/worker/picture-server.ts";
import { createRunJob } from "../../../src/worker/protect-job.ts";
import { createQueue } from "../../../src/worker/queue.ts";

const REQUEST = { epsilon: 8 / 255, surrogate: "any", objective: "overlap" } as const;
const PICTURE = { bytes: Uint8Array.of(2), type: "image/png", report: { steps: 1 } } as ProtectedPicture;
const PREVIEWS = { before: "a", after: "b", difference: "c" };

const jobOf = (more: Partial<Job> = {}): Job => ({
  file: new Blob([Uint8Array.of(1)]),
  fileName: "a.png",
  host: "x.com",
  purpose: "upload",
  isPrivate: false,
  ...more,
});

function make(protect: Protect = async () => PICTURE, makePreviews = async (_: Blob) => PREVIEWS) {
  const getRequest = vi.fn(async (_site: string) => REQUEST);
  const onFinished = vi.fn<(job: FinishedJob) => void>();
  const onRunning = vi.fn();
  const known = new Set<string>();
  const files = {
    isProtected: async (bytes: Uint8Array) => known.has(`${bytes}`),
    remember: (bytes: Uint8Array) => void known.add(`${bytes}`),
  };
  const run = createRunJob({
    queue: createQueue({ protect }),
    tracker: createJobTracker(onRunning),
    getRequest,
    files,
    makePreviews,
    onFinished,
  });
  return { run, getRequest, onFinished, onRunning };
}

const never = new AbortController().signal;

it("asks what the settings want for the site that a picture goes to, and for none if the person keeps it", async () => {
  const protect = vi.fn<Protect>(async () => PICTURE);
  const { run, getRequest } = make(protect);
  expect(await run(jobOf(), () => {}, never)).toBe(PICTURE);
  await run(jobOf({ purpose: "copy" }), () => {}, never);
  expect(getRequest.mock.calls).toEqual([["x.com"], [""]]);
  expect(protect).toHaveBeenCalledWith(
    Uint8Array.of(1),
    REQUEST,
    expect.any(Function),
    expect.any(AbortSignal),
  );
});

it("leaves a file alone that came out of an earlier job, unless that was in a private window or a copy is wanted", async () => {
  const protect = vi.fn<Protect>(async () => PICTURE);
  const { run, onFinished } = make(protect);
  const again = (more: Partial<Job> = {}) =>
    run(jobOf({ file: new Blob([PICTURE.bytes]), ...more }), () => {}, never);
  await run(jobOf({ isPrivate: true }), () => {}, never);
  expect(await again({ isPrivate: true })).toBe(PICTURE);
  expect(await again({ purpose: "copy" })).toBe(PICTURE);
  expect(await again()).toBe("protected before");
  expect(await again({ isPrivate: true })).toBe("protected before");
  expect(await run(jobOf(), () => {}, never)).toBe(PICTURE);
  await vi.waitFor(() => expect(onFinished).toHaveBeenCalledTimes(2));
});

it("reports success with previews, after the picture was given back", async () => {
  const { run, onFinished, onRunning } = make();
  await run(jobOf(), () => {}, never);
  expect(onFinished).not.toHaveBeenCalled();
  expect(onRunning).toHaveBeenLastCalledWith([]);
  await vi.waitFor(() => expect(onFinished).toHaveBeenCalledOnce());
  expect(onFinished.mock.calls[0]?.[0]).toMatchObject({
    fileName: "a.png",
    host: "x.com",
    outcome: { ok: true, report: PICTURE.report, previews: PREVIEWS },
  });
});

it("reports a failure, and throws it", async () => {
  const { run, onFinished } = make(() => Promise.reject(new Problem({ code: "corrupt/no-pixels" })));
  await expect(run(jobOf(), () => {}, never)).rejects.toMatchObject({ kind: "corrupt" });
  expect(onFinished).toHaveBeenCalledWith(
    expect.objectContaining({ outcome: { ok: false, problem: { code: "corrupt/no-pixels" } } }),
  );
});

it("reports nothing of a job that was cancelled", async () => {
  const abort = new AbortController();
  const { run, onFinished, onRunning } = make(() => {
    abort.abort();
    return new Promise(() => {});
  });
  await expect(run(jobOf(), () => {}, abort.signal)).rejects.toMatchObject({ name: "AbortError" });
  expect(onFinished).not.toHaveBeenCalled();
  expect(onRunning).toHaveBeenLastCalledWith([]);
});

it("reports in the order in which jobs end, however long the previews take", async () => {
  const previews = Promise.withResolvers<typeof PREVIEWS>();
  const waits = [previews.promise, Promise.resolve(PREVIEWS)];
  const protect = vi.fn<Protect>(async () => PICTURE);
  const { run, onFinished } = make(protect, () => waits.shift() ?? Promise.resolve(PREVIEWS));
  await run(jobOf({ fileName: "large.png" }), () => {}, never);
  await run(jobOf({ fileName: "small.png" }), () => {}, never);
  protect.mockRejectedValue(new Problem({ code: "corrupt/no-pixels" }));
  await expect(run(jobOf({ fileName: "broken.png" }), () => {}, never)).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(onFinished).not.toHaveBeenCalled();
  previews.resolve(PREVIEWS);
  await vi.waitFor(() => expect(onFinished).toHaveBeenCalledTimes(3));
  expect(onFinished.mock.calls.map(([{ fileName }]) => fileName)).toEqual([
    "large.png",
    "small.png",
    "broken.png",
  ]);
});

it("reports nothing of a picture from a private window, whether it succeeds or fails", async () => {
  const protect = vi.fn<Protect>(async () => PICTURE);
  const { run, onFinished, onRunning } = make(protect);
  expect(await run(jobOf({ isPrivate: true }), () => {}, never)).toBe(PICTURE);
  protect.mockRejectedValue(new Problem({ code: "corrupt/no-pixels" }));
  await expect(run(jobOf({ isPrivate: true }), () => {}, never)).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(onFinished).not.toHaveBeenCalled();
  expect(onRunning).not.toHaveBeenCalled();
});
