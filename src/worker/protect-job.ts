/**
 * One job from its start to its end: gets the request that the settings make, waits for its turn, protects,
 * and reports to the people who watch how far it is and how it ended.
 */
import { createMutex } from "../bridge/async.ts";
import type { FinishedJob, Previews } from "../bridge/status.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";
import type { JobTracker } from "./job-tracker.ts";
import type { RunJob } from "./picture-server.ts";
import type { Queue } from "./queue.ts";
import { readFile } from "./read-file.ts";

export interface JobOptions {
  readonly queue: Queue;
  readonly tracker: JobTracker;
  /** @param site host of the page that the picture is uploaded to; empty if it is not uploaded */
  readonly getRequest: (site: string) => Promise<ProtectionRequest>;
  readonly makePreviews: (before: Blob, after: Blob) => Promise<Previews>;
  /**
   * Called when a job has succeeded or failed, in the order in which jobs end; not when it was cancelled or
   * came from a private window.
   */
  readonly onFinished: (job: FinishedJob) => void;
}

/** Makes the function that runs one job. */
export function createRunJob({ queue, tracker, getRequest, makePreviews, onFinished }: JobOptions): RunJob {
  /** Previews take time, and a clock may be set back: neither may let an older result replace a newer one. */
  const inTurn = createMutex();

  return async ({ file, fileName, host, purpose, isPrivate }, onProgress, signal) => {
    // The popup of every other window shows what is reported, and the status outlives a private window.
    const job = isPrivate ? undefined : tracker.open(fileName, host);
    try {
      const request = await getRequest(purpose === "upload" ? host : "");
      const picture = await queue.run(
        {
          read: () => readFile(file),
          request,
          onProgress(progress) {
            onProgress(progress);
            job?.progress(progress);
          },
        },
        signal,
      );
      if (!job) return picture;
      const finishedAt = Date.now();
      void inTurn(async () => {
        // The page gets its file first; nobody waits for the previews.
        await new Promise((resolve) => setTimeout(resolve));
        const after = new Blob([picture.bytes], { type: picture.type });
        onFinished(job.succeeded(picture.report, await makePreviews(file, after), finishedAt));
      });
      return picture;
    } catch (error) {
      if (job && !signal.aborted) {
        const finished = job.failed(error);
        void inTurn(async () => onFinished(finished));
      }
      throw error;
    } finally {
      job?.close();
    }
  };
}
