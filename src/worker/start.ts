/**
 * Where pictures are protected: joins the port from the pages, the queue, the engine and the status that the popup shows.
 * In Chromium this is an offscreen document, in Firefox a frame of the background page.
 */

import { type Requests, request } from "../bridge/messages.ts";
import { kindOf } from "../core/contract/problem.ts";
import { endWorker } from "./end-worker.chrome.ts";
import { createLedger } from "./job-tracker.ts";
import { makePreviews } from "./previews.ts";
import { createBrowserProtect } from "./protect-in-browser.ts";
import { serveProtect } from "./protect-server.ts";
import { createQueue } from "./queue.ts";

/** Seconds without work after which the worker ends, to give back the memory that it holds. */
const IDLE_AFTER = 60;

/** Takes pictures from now on. */
export function startWorker(): void {
  const queue = createQueue({ protect: createBrowserProtect({ readAsset }), onStuck: endWorker });
  const ledger = createLedger((running) => tell("reportRunning", running));

  serveProtect(
    async ({ file, fileName, host, options }, onProgress, signal) => {
      const job = ledger.open(fileName, host);
      try {
        const picture = await queue.run(
          {
            read: async () => new Uint8Array(await file.arrayBuffer()),
            options,
            onProgress(progress) {
              onProgress(progress);
              job.progress(progress);
            },
          },
          signal,
        );
        const finishedAt = Date.now();
        // After the page has its file: previews are nobody's hurry.
        setTimeout(async () => {
          const after = new Blob([picture.bytes], { type: picture.type });
          const previews = await makePreviews(file, after);
          tell("reportFinished", job.succeeded(picture.report, previews, finishedAt));
        });
        return picture;
      } catch (error) {
        if (!signal.aborted) tell("reportFinished", job.failed(error));
        throw error;
      } finally {
        job.close();
      }
    },
    {
      idleAfter: IDLE_AFTER,
      onIdle: endWorker,
      // A lost context does not come back in a document that had one.
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

/** The status is for people to look at: without a background to take it, the work goes on all the same. */
function tell<Name extends "reportRunning" | "reportFinished">(
  name: Name,
  ...args: Parameters<Requests[Name]>
): void {
  request(name, ...args).catch(() => {});
}
