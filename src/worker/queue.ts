/**
 * One job at a time: a picture takes all of the GPU or all of the WASM threads, so two at once only make both late.
 * A job waits, runs, and is done, has failed or is cancelled. A job that makes no progress for too long is given up; if
 * it does not even stop when told to, nothing behind it can be trusted to run, and the whole queue is given up with it.
 */

import { Problem } from "../core/contract/problem.ts";
import type { Progress, Protect, ProtectedPicture } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

export interface JobRequest {
  /** Called when the job's turn comes, so that waiting pictures take no memory. */
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly options: ProtectionRequest;
  readonly onProgress?: (progress: Progress) => void;
  readonly onState?: (state: JobState) => void;
}

export interface QueueOptions {
  readonly protect: Protect;
  /** Seconds without progress after which a running job is given up. Time in which the thread is busy does not count. */
  readonly stallAfter?: number;
  /** Seconds that a job has to stop after it was told to. */
  readonly graceAfter?: number;
  /** Called once, when a job did not stop: the queue is dead and so, likely, is its backend. */
  readonly onStuck?: () => void;
}

export interface Queue {
  /**
   * Runs a job when its turn comes.
   *
   * @throws Problem what the job failed with; `unavailable` when it stalled or the queue is dead
   * @throws DOMException `AbortError` when `signal` fires
   */
  run(request: JobRequest, signal?: AbortSignal): Promise<ProtectedPicture>;
  /** Jobs waiting or running. */
  readonly size: number;
}

/** Makes an empty queue. */
export function createQueue({
  protect,
  stallAfter = 120,
  graceAfter = 10,
  onStuck = () => {},
}: QueueOptions): Queue {
  const death = new AbortController();
  let size = 0;
  let tail: Promise<unknown> = Promise.resolve();

  async function run(request: JobRequest, signal?: AbortSignal): Promise<ProtectedPicture> {
    const { onProgress = () => {}, onState = () => {} } = request;
    const turn = tail;
    const { promise: over, resolve: finish } = Promise.withResolvers<void>();
    tail = turn.then(() => over);
    size++;
    const outer = AbortSignal.any(signal ? [signal, death.signal] : [death.signal]);
    try {
      onState("waiting");
      onProgress({ stage: "waiting", fraction: 0 });
      await orAbort(turn, outer);
      onState("running");
      const picture = await runNow(request, onProgress, outer);
      onState("done");
      return picture;
    } catch (error) {
      onState(isAbort(error) ? "cancelled" : "failed");
      throw error;
    } finally {
      size--;
      finish();
    }
  }

  async function runNow(request: JobRequest, onProgress: (progress: Progress) => void, outer: AbortSignal) {
    const stop = new AbortController();
    const watch = watchdog(stallAfter, () => stop.abort(new Problem({ code: "unavailable/stalled" })));
    const inner = AbortSignal.any([outer, stop.signal]);
    const work = (async () => {
      const bytes = await request.read();
      inner.throwIfAborted();
      return await protect(
        bytes,
        request.options,
        (progress) => {
          watch.reset();
          if (!inner.aborted) onProgress(progress);
        },
        inner,
      );
    })();
    try {
      return await orAbort(work, inner);
    } catch (error) {
      if (inner.aborted && !(await settles(work, graceAfter))) giveUp();
      throw error;
    } finally {
      watch.end();
    }
  }

  function giveUp() {
    if (death.signal.aborted) return;
    death.abort(new Problem({ code: "unavailable/stuck" }));
    onStuck();
  }

  return {
    run,
    get size() {
      return size;
    },
  };
}

/** Counts seconds of an idle thread: a long computation delays the count instead of looking like a stall. */
function watchdog(seconds: number, onStall: () => void) {
  let idle = 0;
  const timer = setInterval(() => {
    idle++;
    if (idle < seconds) return;
    clearInterval(timer);
    onStall();
  }, 1000);
  return {
    reset: () => {
      idle = 0;
    },
    end: () => clearInterval(timer),
  };
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it fires. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    promise.catch(() => {});
  }
}

/** Whether a promise settles, either way, within some seconds. */
async function settles(promise: Promise<unknown>, seconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
