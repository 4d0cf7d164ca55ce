/**
 * One picture at a time: a picture takes all of the GPU or all of the WASM threads, so two at once only make
 * both late. A picture that makes no progress for too long fails. If the library does not even stop when told
 * to, no picture behind it can be trusted to run, and the whole queue fails.
 */
import { createMutex, orAbort, withTimeout } from "../bridge/async.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Progress, Protect, ProtectedPicture } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";

export interface QueuedPicture {
  /** Called when the picture's turn comes, so that waiting pictures take no memory. */
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly request: ProtectionRequest;
  readonly onProgress: (progress: Progress) => void;
}

export interface QueueOptions {
  readonly protect: Protect;
  /** Seconds without progress after which a picture fails, not counting time in which the thread is busy. */
  readonly stallAfter?: number;
  /** Seconds that the library has to stop after it was told to. */
  readonly graceAfter?: number;
  /** Called once, when the library did not stop: the queue is dead and so, likely, is its backend. */
  readonly onUnresponsive?: () => void;
}

export interface Queue {
  /**
   * Protects a picture when its turn comes.
   *
   * @throws Problem what the library failed with; `unavailable` when it stalled or the queue is dead
   * @throws DOMException `AbortError` as soon as `signal` fires
   */
  run(picture: QueuedPicture, signal: AbortSignal): Promise<ProtectedPicture>;
}

/** Makes an empty queue. */
export function createQueue({
  protect,
  stallAfter = 120,
  graceAfter = 10,
  onUnresponsive = () => {},
}: QueueOptions): Queue {
  const inTurn = createMutex();
  const dead = new AbortController();

  async function runNow({ read, request, onProgress }: QueuedPicture, signal: AbortSignal) {
    const watchdog = startWatchdog(stallAfter);
    const stop = AbortSignal.any([signal, watchdog.signal]);
    const work = (async () => {
      const bytes = await read();
      stop.throwIfAborted();
      return await protect(
        bytes,
        request,
        (progress) => {
          watchdog.reset();
          if (!stop.aborted) onProgress(progress);
        },
        stop,
      );
    })();
    try {
      return await orAbort(work, stop);
    } catch (error) {
      if (stop.aborted && !(await settles(work, graceAfter))) closeQueue();
      throw error;
    } finally {
      watchdog.end();
    }
  }

  function closeQueue() {
    if (dead.signal.aborted) return;
    dead.abort(new Problem({ code: "unavailable/stuck" }));
    onUnresponsive();
  }

  return {
    async run(picture, signal) {
      const stop = AbortSignal.any([signal, dead.signal]);
      picture.onProgress({ stage: "waiting", fraction: 0 });
      const outcome = inTurn(async () => {
        stop.throwIfAborted();
        return await runNow(picture, stop);
      });
      return await orAbort(outcome, stop);
    },
  };
}

/** Fires after so many seconds of an idle thread: a long computation delays the count and is no stall. */
function startWatchdog(seconds: number) {
  const stalled = new AbortController();
  let idle = 0;
  const timer = setInterval(() => {
    idle++;
    if (idle < seconds) return;
    clearInterval(timer);
    stalled.abort(new Problem({ code: "unavailable/stalled" }));
  }, 1000);
  return {
    signal: stalled.signal,
    reset: () => {
      idle = 0;
    },
    end: () => clearInterval(timer),
  };
}

/** Whether a promise settles, either way, within some seconds. */
function settles(promise: Promise<unknown>, seconds: number): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return withTimeout(settled, seconds * 1000).catch(() => false);
}
