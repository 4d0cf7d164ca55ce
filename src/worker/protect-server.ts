/**
 * The worker document's side: takes pictures from content scripts, hands them to whoever does the work, and sends back
 * progress, then the file or the reason why not. Knows nothing of how a picture is protected.
 */

import { type Browser, browser } from "wxt/browser";
import { createBlobReceiver, isProbe, sendBlob } from "../bridge/blobs.ts";
import {
  type FromWorker,
  HEARTBEAT,
  hostOf,
  isOwn,
  LARGEST_FILE,
  PICTURE_PORT,
  parseToWorker,
} from "../bridge/messages.ts";
import { withSentence } from "../bridge/strings/problems.ts";
import { Problem, type ProblemData, toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";

/** A picture to protect, as it came from a page. */
export interface Order {
  readonly file: Blob;
  readonly fileName: string;
  /** Host of the page, for people to read. */
  readonly host: string;
  readonly options: ProtectionRequest;
}

/** Does the work for one order; must reject with an `AbortError` soon after `signal` fires. */
export type Work = (
  order: Order,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
) => Promise<ProtectedPicture>;

export interface ServeOptions {
  /** Seconds without an open port after which `onIdle` is called. */
  readonly idleAfter: number;
  readonly onIdle: () => void;
  /** Called after a failure was sent, with what it was. */
  readonly onFailed: (problem: ProblemData) => void;
}

/** Takes orders until the document ends. */
export function serveProtect(work: Work, { idleAfter, onIdle, onFailed }: ServeOptions): void {
  let open = 0;
  let idle = setTimeout(onIdle, idleAfter * 1000);
  browser.runtime.onConnect.addListener((port) => {
    if (port.name !== PICTURE_PORT || !isOwn(port.sender)) return;
    open++;
    clearTimeout(idle);
    serve(port, work, onFailed, () => {
      open--;
      if (open === 0) idle = setTimeout(onIdle, idleAfter * 1000);
    });
  });
}

function serve(
  port: Browser.runtime.Port,
  work: Work,
  onFailed: (problem: ProblemData) => void,
  onClosed: () => void,
): void {
  const closed = new AbortController();
  const post = (message: FromWorker) => {
    if (!closed.signal.aborted) port.postMessage(message);
  };
  const receiver = createBlobReceiver(LARGEST_FILE);
  const heart = setInterval(() => post({ kind: "alive" }), HEARTBEAT * 1000);
  let structured = false;
  let start: { name: string; options: ProtectionRequest } | undefined;
  let begun = false;

  port.onDisconnect.addListener(() => {
    clearInterval(heart);
    closed.abort();
    onClosed();
  });

  port.onMessage.addListener((data: unknown) => {
    const message = parseToWorker(data);
    if (!message || begun) return;
    switch (message.kind) {
      case "hello":
        structured = isProbe(message.probe);
        post({ kind: "ready", structured });
        break;
      case "start":
        start ??= message;
        break;
      default:
        receive(() => receiver.accept(message));
    }
  });

  function receive(accept: () => Blob | undefined) {
    if (!start) return;
    try {
      const file = accept();
      if (!file) return;
      begun = true;
      void run({ file, fileName: start.name, host: hostOf(port.sender), options: start.options });
    } catch (error) {
      fail(error);
    }
  }

  async function run(order: Order) {
    try {
      if (order.file.size > LARGEST_FILE)
        throw new Problem({ code: "too-large/file", megabytes: LARGEST_FILE / 2 ** 20 });
      const picture = await work(order, (progress) => post({ kind: "progress", progress }), closed.signal);
      post({ kind: "done", type: picture.type, report: picture.report });
      await sendBlob(post, new Blob([picture.bytes], { type: picture.type }), structured, closed.signal);
    } catch (error) {
      if (!closed.signal.aborted) fail(error);
    }
  }

  function fail(error: unknown) {
    const problem = toProblemData(error);
    post({ kind: "failed", problem: withSentence(problem) });
    onFailed(problem);
  }
}
