/**
 * The worker's end of the ports from pages: takes pictures, hands them to a function that protects them, and
 * sends back progress, then the file or the reason why not. Knows nothing of how a picture is protected.
 */
import { type Browser, browser } from "wxt/browser";
import { parsePictureMessage } from "../bridge/picture-message.ts";
import {
  HEARTBEAT,
  LARGEST_FILE,
  PICTURE_PORT,
  type PictureMessage,
  type WorkerMessage,
} from "../bridge/picture-port.ts";
import { hostOf, isOwn } from "../bridge/sender.ts";
import { withSentence } from "../bridge/strings/problems.ts";
import { protectedBefore, questionAbout, wordsOf } from "../bridge/strings/results.ts";
import { Problem, type ProblemData, toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture } from "../core/contract/protected-picture.ts";

/** A picture to protect, as it came from a page. */
export interface Job extends PictureMessage {
  /** Host of the page, for people to read. */
  readonly host: string;
  /** Whether the page is in a private window, of which no trace may stay. */
  readonly isPrivate: boolean;
}

/**
 * Does a job; must reject with an `AbortError` soon after `signal` fires. A picture that Penumbra protected before stays as it
 * is.
 */
export type RunJob = (
  job: Job,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<ProtectedPicture | "protected before">;

export interface ServerOptions {
  /** Seconds without an open port after which `onIdle` is called. */
  readonly idleAfter: number;
  readonly onIdle: () => void;
  /** Called after a failure was sent, with what it was. */
  readonly onFailed: (problem: ProblemData) => void;
}

/** Takes pictures until the document ends. */
export function servePictures(runJob: RunJob, { idleAfter, onIdle, onFailed }: ServerOptions): void {
  let open = 0;
  let idle = setTimeout(onIdle, idleAfter * 1000);
  browser.runtime.onConnect.addListener((port) => {
    if (port.name !== PICTURE_PORT || !isOwn(port.sender)) return;
    open++;
    clearTimeout(idle);
    port.onDisconnect.addListener(() => {
      open--;
      if (open === 0) idle = setTimeout(onIdle, idleAfter * 1000);
    });
    servePort(port, runJob, onFailed);
  });
}

/** Takes the one picture of a port. */
function servePort(
  port: Browser.runtime.Port,
  runJob: RunJob,
  onFailed: (problem: ProblemData) => void,
): void {
  const closed = new AbortController();
  const post = (message: WorkerMessage) => {
    if (!closed.signal.aborted) port.postMessage(message);
  };
  const heartbeat = setInterval(() => post({ kind: "alive" }), HEARTBEAT * 1000);
  port.onDisconnect.addListener(() => {
    clearInterval(heartbeat);
    closed.abort();
  });

  let begun = false;
  port.onMessage.addListener(async (message: unknown) => {
    const picture = parsePictureMessage(message);
    if (!picture || begun) return;
    begun = true;
    try {
      if (picture.file.size > LARGEST_FILE)
        throw new Problem({ code: "too-large/file", megabytes: LARGEST_FILE / 2 ** 20 });
      const result = await runJob(
        { ...picture, host: hostOf(port.sender), isPrivate: port.sender?.tab?.incognito === true },
        (progress) => post({ kind: "progress", progress }),
        closed.signal,
      );
      if (result === "protected before") {
        // Of the very file that it sent, Firefox lets a page read nothing.
        const file = new Blob([picture.file], { type: picture.file.type });
        return post({ kind: "done", file, words: { headline: protectedBefore, details: [] } });
      }
      const { bytes, type, report } = result;
      const changed = report.notices.find((notice) => notice.code === "format-changed");
      // Of another format, a file has another size by itself.
      const asks = picture.purpose === "upload" && type === "image/png" && !changed;
      const question = asks ? questionAbout(report) : undefined;
      post({
        kind: "done",
        file: new Blob([bytes], { type }),
        words: wordsOf(report),
        ...(changed && { extension: changed.extension }),
        ...(question && { question }),
      });
    } catch (error) {
      if (closed.signal.aborted) return;
      const problem = toProblemData(error);
      post({ kind: "failed", problem: withSentence(problem) });
      onFailed(problem);
    }
  });
}
