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
  /** What is known of files that were protected before; see `src/bridge/protected-files.ts`. */
  readonly files: {
    isProtected(bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
    remember(bytes: Uint8Array<ArrayBuffer>): void;
  };
  readonly makePreviews: (before: Blob, after: Blob) => Promise<Previews>;
  /**
   * Called when a job has succeeded or failed, in the order in which jobs end; not when it was cancelled or
   * came from a private window.
   */
  readonly onFinished: (job: FinishedJob) => void;
}

/** Makes the function that runs one job. */
export function createRunJob(options: JobOptions): RunJob {
  const { queue, tracker, getRequest, files, makePreviews, onFinished } = options;
  /** Previews take time, and a clock may be set back: neither may let an older result replace a newer one. */
  const inTurn = createMutex();

  return async ({ file, fileName, host, purpose, isPrivate }, onProgress, signal) => {
    // The popup of every other window shows what is reported, and the status outlives a private window.
    const job = isPrivate ? undefined : tracker.open(fileName, host);
    try {
      if (purpose === "upload" && (await files.isProtected(await readFile(file)))) return "protected before";
      signal.throwIfAborted();
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
      files.remember(picture.bytes);
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
