/**
 * Where pictures are protected: joins the ports from the pages, the queue, the library and the status that the popup shows.
 * In Chromium this is an offscreen document, in Firefox a frame of the background page.
 */
import { type Requests, sendRequest } from "../bridge/requests.ts";
import { kindOf } from "../core/contract/problem.ts";
import { endWorker } from "./end-worker.chrome.ts";
import { createJobTracker } from "./job-tracker.ts";
import { servePictures } from "./picture-server.ts";
import { makePreviews } from "./previews.ts";
import { createBrowserProtect } from "./protect-in-browser.ts";
import { createQueue } from "./queue.ts";
import { readFile } from "./read-file.ts";

/** Seconds without work after which the worker ends, to give back the memory that it holds. */
const IDLE_AFTER = 60;

/** Takes pictures from now on. */
export function startWorker(): void {
  const queue = createQueue({ protect: createBrowserProtect({ readAsset }), onUnresponsive: endWorker });
  const tracker = createJobTracker((running) => report("reportRunning", running));

  servePictures(
    async ({ file, fileName, host, request }, onProgress, signal) => {
      const job = tracker.open(fileName, host);
      try {
        const picture = await queue.run(
          {
            read: () => readFile(file),
            request,
            onProgress(progress) {
              onProgress(progress);
              job.progress(progress);
            },
          },
          signal,
        );
        const finishedAt = Date.now();
        // The page gets its file first; nobody waits for the previews.
        setTimeout(async () => {
          const after = new Blob([picture.bytes], { type: picture.type });
          const previews = await makePreviews(file, after);
          report("reportFinished", job.succeeded(picture.report, previews, finishedAt));
        });
        return picture;
      } catch (error) {
        if (!signal.aborted) report("reportFinished", job.failed(error));
        throw error;
      } finally {
        job.close();
      }
    },
    {
      idleAfter: IDLE_AFTER,
      onIdle: endWorker,
      // A lost graphics context does not come back in a document that had one.
      onFailed: (problem) => {
        if (kindOf(problem) === "backend") endWorker();
      },
    },
  );
}

async function readAsset(path: string): Promise<ArrayBuffer> {
  const response = await fetch(`/${path}`);
  if (!response.ok) throw new Error(`${path} is missing from the extension`);
  return await response.arrayBuffer();
}

/** The status is only for people to look at: the work goes on also without a background that takes it. */
function report<Name extends "reportRunning" | "reportFinished">(
  name: Name,
  ...args: Parameters<Requests[Name]>
): void {
  sendRequest(name, ...args).catch(() => {});
}
