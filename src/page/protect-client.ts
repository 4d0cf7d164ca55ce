/**
 * The page's end of the port to the worker: one port for one picture, so that the port's end is the job's
 * end. A worker that goes away before it began is looked for again. After that, and after too long a silence,
 * the outcome is a `Problem`.
 */
import { browser } from "wxt/browser";
import { withTimeout } from "../bridge/async.ts";
import {
  HEARTBEAT,
  LARGEST_FILE,
  PICTURE_PORT,
  type PictureMessage,
  type WorkerMessage,
} from "../bridge/picture-port.ts";
import { sendRequest } from "../bridge/requests.ts";
import type { ResultWords } from "../bridge/strings/results.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Progress } from "../core/contract/protected-picture.ts";

/** A protected file, and what is said of it. */
export interface ProtectedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** MIME type of `bytes`. */
  readonly type: string;
  /** How names of such files end, if the original was of another format. */
  readonly extension?: string;
  readonly words: ResultWords;
  /** What the person is asked before the page gets it. */
  readonly question?: string;
}

/**
 * Protects one file in the worker. Never hangs: silence for too long is a `Problem` of kind `unavailable`.
 * @throws Problem saying why not; AbortError when `signal` fires
 */
export type ProtectFile = (
  file: File,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<ProtectedFile>;

/** Seconds of silence after which a worker counts as gone. Encoding a huge picture can block its thread. */
const SILENCE = 24 * HEARTBEAT;

/** How often a worker that goes away before it began is looked for. */
const TRIES = 3;

/** Milliseconds between two tries, so that a worker that is ending has ended. */
const PAUSE = 250;

/**
 * Makes the function that protects one file in the worker.
 *
 * @param silence seconds after which a silent worker counts as gone
 */
export function createProtectClient(purpose: PictureMessage["purpose"], silence = SILENCE): ProtectFile {
  return async (file, onProgress, signal) => {
    if (file.size > LARGEST_FILE)
      throw new Problem({ code: "too-large/file", megabytes: LARGEST_FILE / 2 ** 20 });
    let mayReplace = true;
    for (let tries = TRIES; tries > 0; tries--) {
      signal.throwIfAborted();
      await ensureWorker(silence);
      signal.throwIfAborted();
      try {
        const outcome = await attempt({ fileName: file.name, file, purpose }, onProgress, silence, signal);
        if (outcome !== "lost before start") return outcome;
      } catch (error) {
        // A worker that lost its backend ends, and the next one chooses another. If that fails too, the
        // person is asked.
        if (!mayReplace || !(error instanceof Problem) || error.kind !== "backend") throw error;
        mayReplace = false;
        tries = TRIES + 1;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Problem({ code: "unavailable/worker" });
  };
}

async function ensureWorker(silence: number): Promise<void> {
  try {
    // Gone where the extension was reloaded or removed under an open page.
    if (!browser.runtime?.id) throw new Error("no extension");
    await withTimeout(sendRequest("ensureWorker"), silence * 1000);
  } catch (cause) {
    throw new Problem(
      { code: browser.runtime?.id ? "unavailable/worker" : "unavailable/reloaded" },
      { cause },
    );
  }
}

/** One port: sends the picture and follows what comes back. */
function attempt(
  picture: PictureMessage,
  onProgress: (progress: Progress) => void,
  silence: number,
  signal: AbortSignal,
): Promise<ProtectedFile | "lost before start"> {
  const { promise, resolve, reject } = Promise.withResolvers<ProtectedFile | "lost before start">();
  const port = browser.runtime.connect({ name: PICTURE_PORT });
  let started = false;

  let timer: ReturnType<typeof setTimeout> | undefined;
  const restartTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reject(new Problem({ code: "unavailable/worker" })), silence * 1000);
  };
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  port.onDisconnect.addListener(() => {
    if (started) reject(new Problem({ code: "unavailable/worker" }));
    else resolve("lost before start");
  });
  port.onMessage.addListener((message: WorkerMessage) => {
    restartTimer();
    switch (message.kind) {
      case "progress":
        started ||= message.progress.stage !== "waiting";
        onProgress(message.progress);
        break;
      case "failed":
        reject(new Problem(message.problem));
        break;
      case "done":
        toPicture(message).then(resolve, reject);
        break;
    }
  });
  restartTimer();
  port.postMessage(picture);
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    port.disconnect();
  });
}

async function toPicture({
  kind: _,
  file,
  ...more
}: Extract<WorkerMessage, { kind: "done" }>): Promise<ProtectedFile> {
  return { bytes: new Uint8Array(await file.arrayBuffer()), type: file.type, ...more };
}
