import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../../../src/core/contract/problem.ts";
import type { Progress, Protect, ProtectedPicture } from "../../../src/core/contract/protected-picture.ts";
import { createQueue } from "../../../src/worker/queue.ts";

const REQUEST = { epsilon: 8 / 255, surrogate: "any", objective: "overlap" } as const;

/** Work that goes on when the test says so. `deaf` work does not hear its signal. */
function makeWork({ deaf = false } = {}) {
  const calls: {
    bytes: Uint8Array;
    finish(): void;
    fail(error: unknown): void;
    progress(p: Progress): void;
  }[] = [];
  let running = 0;
  let most = 0;
  const protect: Protect = (bytes, _request, onProgress, signal) =>
    new Promise<ProtectedPicture>((resolve, reject) => {
      most = Math.max(most, ++running);
      const end = (then: () => void) => {
        running--;
        then();
      };
      if (!deaf) signal?.addEventListener("abort", () => end(() => reject(signal.reason)));
      calls.push({
        bytes,
        finish: () => end(() => resolve({ bytes } as ProtectedPicture)),
        fail: (error) => end(() => reject(error)),
        progress: (progress) => onProgress?.(progress),
      });
    });
  return { calls, protect, most: () => most };
}

const pictureOf = (byte: number, more: object = {}) => ({
  read: async () => Uint8Array.of(byte),
  request: REQUEST,
  onProgress: () => {},
  ...more,
});

const never = new AbortController().signal;

/** Lets everything that has nothing to wait for run. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a queue", () => {
  it("runs one picture at a time, in the order in which they came", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect });
    const results = [1, 2, 3].map((byte) => queue.run(pictureOf(byte), never));
    for (let i = 0; i < 3; i++) {
      await settle();
      expect(work.calls).toHaveLength(i + 1);
      work.calls[i]?.finish();
    }
    const pictures = await Promise.all(results);
    expect(pictures.map(({ bytes }) => bytes[0])).toEqual([1, 2, 3]);
    expect(work.most()).toBe(1);
  });

  it("reads a picture only when its turn has come", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect });
    const read = vi.fn(async () => Uint8Array.of(2));
    void queue.run(pictureOf(1), never);
    const second = queue.run(pictureOf(2, { read }), never);
    await settle();
    expect(read).not.toHaveBeenCalled();
    work.calls[0]?.finish();
    await settle();
    expect(read).toHaveBeenCalledOnce();
    work.calls[1]?.finish();
    await second;
  });

  it("reports that a picture waits, and its progress", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect });
    const progress: Progress[] = [];
    const result = queue.run(pictureOf(1, { onProgress: (step: Progress) => progress.push(step) }), never);
    await settle();
    work.calls[0]?.progress({ stage: "ascend", fraction: 0.5 });
    work.calls[0]?.finish();
    await result;
    expect(progress).toEqual([
      { stage: "waiting", fraction: 0 },
      { stage: "ascend", fraction: 0.5 },
    ]);
  });

  it("goes on after a picture that fails, with that picture's own problem", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect });
    const first = queue.run(pictureOf(1), never);
    const second = queue.run(pictureOf(2), never);
    const problem = new Problem({ code: "corrupt/no-pixels" });
    const failure = expect(first).rejects.toBe(problem);
    await settle();
    work.calls[0]?.fail(problem);
    await failure;
    await settle();
    work.calls[1]?.finish();
    await expect(second).resolves.toMatchObject({ bytes: Uint8Array.of(2) });
  });

  it("drops a waiting picture that is cancelled, and keeps the order of the others", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect });
    const abort = new AbortController();
    const first = queue.run(pictureOf(1), never);
    const second = queue.run(pictureOf(2), abort.signal);
    const third = queue.run(pictureOf(3), never);
    const cancelled = expect(second).rejects.toMatchObject({ name: "AbortError" });
    abort.abort();
    await cancelled;
    await settle();
    expect(work.calls).toHaveLength(1);
    work.calls[0]?.finish();
    await first;
    await settle();
    expect(work.calls[1]?.bytes[0]).toBe(3);
    work.calls[1]?.finish();
    await third;
  });

  it("stops a running picture that is cancelled, and starts the next only when it has stopped", async () => {
    const work = makeWork({ deaf: true });
    const queue = createQueue({ protect: work.protect, graceAfter: 10 });
    const abort = new AbortController();
    const first = queue.run(pictureOf(1), abort.signal);
    const second = queue.run(pictureOf(2), never);
    await settle();
    const cancelled = expect(first).rejects.toMatchObject({ name: "AbortError" });
    abort.abort();
    await vi.advanceTimersByTimeAsync(5000);
    expect(work.calls).toHaveLength(1);
    work.calls[0]?.finish();
    await cancelled;
    await settle();
    work.calls[1]?.finish();
    await expect(second).resolves.toBeDefined();
    expect(work.most()).toBe(1);
  });
});

describe("a picture that makes no progress", () => {
  it("is given up after the deadline, and not before", async () => {
    const work = makeWork();
    const queue = createQueue({ protect: work.protect, stallAfter: 60 });
    const first = queue.run(pictureOf(1), never);
    const stalled = expect(first).rejects.toMatchObject({ kind: "unavailable" });
    const failed = vi.fn();
    first.catch(failed);
    await settle();
    await vi.advanceTimersByTimeAsync(59_000);
    work.calls[0]?.progress({ stage: "ascend", fraction: 0.1 });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(failed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    await stalled;
  });

  it("takes the queue with it when it does not stop", async () => {
    const work = makeWork({ deaf: true });
    const onUnresponsive = vi.fn();
    const queue = createQueue({ protect: work.protect, stallAfter: 60, graceAfter: 10, onUnresponsive });
    const first = expect(queue.run(pictureOf(1), never)).rejects.toMatchObject({ kind: "unavailable" });
    const second = expect(queue.run(pictureOf(2), never)).rejects.toMatchObject({ kind: "unavailable" });
    await vi.advanceTimersByTimeAsync(69_000);
    expect(onUnresponsive).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    await Promise.all([first, second]);
    expect(onUnresponsive).toHaveBeenCalledOnce();
    await expect(queue.run(pictureOf(3), never)).rejects.toMatchObject({ kind: "unavailable" });
    expect(work.calls).toHaveLength(1);
  });
});
