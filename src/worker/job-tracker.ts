/**
 * The jobs of the worker as people see them: which are running and how far, and how each one ended. Progress
 * is reported a few times a second at most.
 */
import type { FinishedJob, Previews, RunningJob } from "../bridge/status.ts";
import { toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../core/contract/protected-picture.ts";

/** One job, from `open` to `close`. */
export interface TrackedJob {
  progress(progress: Progress): void;
  /** How it ended, and when, which is before the previews are there. The job is running until `close`. */
  succeeded(report: ProtectionReport, previews: Previews, finishedAt: number): FinishedJob;
  failed(error: unknown): FinishedJob;
  close(): void;
}

export interface JobTracker {
  open(fileName: string, host: string): TrackedJob;
}

/**
 * Makes a tracker without jobs.
 *
 * @param onChange gets all running jobs, at once when one comes or goes, otherwise every `interval` ms
 */
export function createJobTracker(
  onChange: (running: readonly RunningJob[]) => void,
  interval = 250,
): JobTracker {
  const running = new Map<string, RunningJob>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const reportNow = () => {
    clearTimeout(timer);
    timer = undefined;
    onChange([...running.values()]);
  };

  return {
    open(fileName, host) {
      const id = crypto.randomUUID();
      running.set(id, { id, fileName, host, progress: { stage: "waiting", fraction: 0 } });
      reportNow();
      return {
        progress(progress) {
          if (!running.has(id)) return;
          running.set(id, { id, fileName, host, progress });
          timer ??= setTimeout(reportNow, interval);
        },
        succeeded: (report, previews, finishedAt) => ({
          fileName,
          host,
          finishedAt,
          outcome: { ok: true, report, previews },
        }),
        failed: (error) => ({
          fileName,
          host,
          finishedAt: Date.now(),
          outcome: { ok: false, problem: toProblemData(error) },
        }),
        close() {
          if (running.delete(id)) reportNow();
        },
      };
    },
  };
}
