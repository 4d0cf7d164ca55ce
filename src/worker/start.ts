/**
 * Where pictures are protected: joins the ports from the pages, the queue, the library and the status that
 * the popup shows. In Chromium this is an offscreen document, in Firefox a frame of the background page.
 */
import { hashOfFile } from "../bridge/protected-files.ts";
import { type Requests, sendRequest } from "../bridge/requests.ts";
import { kindOf } from "../core/contract/problem.ts";
import { endWorker } from "./end-worker.chrome.ts";
import { createJobTracker } from "./job-tracker.ts";
import { servePictures } from "./picture-server.ts";
import { makePreviews } from "./previews.ts";
import { createBrowserProtect } from "./protect-in-browser.ts";
import { createRunJob } from "./protect-job.ts";
import { createQueue } from "./queue.ts";

/** Seconds without work after which the worker ends, to give back the memory that it holds. */
const IDLE_AFTER = 60;

/** Takes pictures from now on. */
export function startWorker(): void {
  const { protect, warmUp } = createBrowserProtect(readAsset);
  const runJob = createRunJob({
    queue: createQueue({ protect, onUnresponsive: endWorker }),
    tracker: createJobTracker((running) => report("reportRunning", running)),
    getRequest: (site) => sendRequest("getProtectionRequest", site),
    files: {
      // Where nobody can say, it is protected once more.
      isProtected: async (bytes) => sendRequest("isProtected", await hashOfFile(bytes)).catch(() => false),
      remember: async (bytes) => report("rememberProtected", await hashOfFile(bytes)),
    },
    makePreviews,
    onFinished: (job) => report("reportFinished", job),
  });
  servePictures(runJob, {
    idleAfter: IDLE_AFTER,
    onIdle: endWorker,
    // A lost graphics context does not come back in a document that had one.
    onFailed: (problem) => {
      if (kindOf(problem) === "backend") endWorker();
    },
  });
  // A worker is started for a picture, often while the person still chooses it.
  sendRequest("getProtectionRequest", "").then(
    ({ surrogate }) => warmUp(surrogate),
    () => {},
  );
}

async function readAsset(path: string): Promise<ArrayBuffer> {
  const response = await fetch(`/${path}`);
  if (!response.ok) throw new Error(`${path} is missing from the extension`);
  return await response.arrayBuffer();
}

/** What nobody waits for: the work goes on also without a background that takes it. */
function report<Name extends "reportRunning" | "reportFinished" | "rememberProtected">(
  name: Name,
  ...args: Parameters<Requests[Name]>
): void {
  sendRequest(name, ...args).catch(() => {});
}
