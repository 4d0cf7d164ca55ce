/**
 * The page side of the way to the worker document: one port for one picture, so that the port's end is the job's end.
 * A worker that goes away before it began is looked for again; after that, and after too long a silence, it is a `Problem`.
 */

import { browser } from "wxt/browser";
import { createBlobReceiver, makeProbe, sendBlob } from "../bridge/blobs.ts";
import {
  type FromWorker,
  HEARTBEAT,
  LARGEST_FILE,
  PICTURE_PORT,
  parseBlobMessage,
  request,
  type ToWorker,
} from "../bridge/messages.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";

/**
 * Protects one file in the worker. Never hangs: silence for too long is a `Problem` of kind `unavailable`.
 * @throws Problem saying why not; AbortError when `signal` fires
 */
export type ProtectFile = (
  file: File,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<ProtectedPicture>;

/** Seconds of silence after which a worker counts as gone. Encoding a huge picture can keep its thread busy for long. */
const SILENCE = 24 * HEARTBEAT;

/** How often a worker that went away before it began is looked for. */
const TRIES = 3;

/** Milliseconds between two tries, so that a worker that is ending has ended. */
const PAUSE = 250;

/** Makes the function that protects one file in the worker document, with the options as they are at that moment. */
export function createProtectClient(options: () => ProtectionRequest, silence = SILENCE): ProtectFile {
  return async (file, onProgress, signal) => {
    if (file.size > LARGEST_FILE)
      throw new Problem({ code: "too-large/file", megabytes: LARGEST_FILE / 2 ** 20 });
    let mayReplace = true;
    for (let tries = TRIES; tries > 0; tries--) {
      signal.throwIfAborted();
      if (!browser.runtime?.id) throw new Problem({ code: "unavailable/reloaded" });
      await within(silence, request("ensureWorker"));
      signal.throwIfAborted();
      try {
        const outcome = await attempt(file, options(), onProgress, silence, signal);
        if (outcome !== "lost before start") return outcome;
      } catch (error) {
        // A worker that lost its backend ends, and the one that replaces it chooses another. Twice is a question.
        if (!mayReplace || !(error instanceof Problem) || error.kind !== "backend") throw error;
        mayReplace = false;
        tries = TRIES + 1;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    throw new Problem({ code: "unavailable/worker" });
  };
}

function attempt(
  file: File,
  options: ProtectionRequest,
  onProgress: Parameters<ProtectFile>[1],
  silence: number,
  signal: AbortSignal,
): Promise<ProtectedPicture | "lost before start"> {
  const { promise, resolve, reject } = Promise.withResolvers<ProtectedPicture | "lost before start">();
  const port = browser.runtime.connect({ name: PICTURE_PORT });
  const receiver = createBlobReceiver(2 * LARGEST_FILE);
  const post = (message: ToWorker) => port.postMessage(message);
  let started = false;
  let announced: Extract<FromWorker, { kind: "done" }> | undefined;

  async function onMessage(message: FromWorker) {
    switch (message.kind) {
      case "ready":
        post({ kind: "start", name: file.name, options });
        await sendBlob(post, file, message.structured, signal);
        break;
      case "progress":
        started ||= message.progress.stage !== "waiting";
        onProgress(message.progress);
        break;
      case "failed":
        throw new Problem(message.problem);
      case "done":
        announced = message;
        break;
      case "blob":
      case "chunk": {
        const part = parseBlobMessage(message);
        const blob = part && receiver.accept(part);
        if (!blob || !announced) break;
        const { type, report } = announced;
        resolve({ bytes: new Uint8Array(await blob.arrayBuffer()), type, report });
        break;
      }
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reject(new Problem({ code: "unavailable/worker" })), silence * 1000);
  };
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  port.onDisconnect.addListener(() => {
    if (started) reject(new Problem({ code: "unavailable/worker" }));
    else resolve("lost before start");
  });
  port.onMessage.addListener((message: FromWorker) => {
    listen();
    onMessage(message).catch((error) => reject(unreadable(error)));
  });
  listen();
  post({ kind: "hello", probe: makeProbe() });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    port.disconnect();
  });
}

async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("late")), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } catch (cause) {
    throw new Problem(
      { code: browser.runtime?.id ? "unavailable/worker" : "unavailable/reloaded" },
      { cause },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** A file that vanished or changed on the disk after it was chosen. */
function unreadable(error: unknown): unknown {
  return error instanceof DOMException && error.name === "NotReadableError"
    ? new Problem({ code: "corrupt/file-changed" }, { cause: error })
    : error;
}
