/**
 * What is under way and how it ended, for people to see: kept where the work is done, told to others in `Status` terms.
 * Progress is told a few times a second at most.
 */

import type { FinishedJob, Previews, RunningJob } from "../bridge/status.ts";
import { toProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../core/contract/protected-picture.ts";

/** One job in the ledger, from `open` to `close`. */
export interface LedgerEntry {
  progress(progress: Progress): void;
  /** How it ended, and when, which is before the previews are there; the entry stays until `close`. */
  succeeded(report: ProtectionReport, previews: Previews, finishedAt?: number): FinishedJob;
  failed(error: unknown): FinishedJob;
  close(): void;
}

export interface Ledger {
  open(fileName: string, host: string): LedgerEntry;
}

/** @param onChange told all running jobs, at once when one comes or goes, otherwise every `interval` ms */
export function createLedger(onChange: (running: readonly RunningJob[]) => void, interval = 250): Ledger {
  const running = new Map<string, RunningJob>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    onChange([...running.values()]);
  };

  return {
    open(fileName, host) {
      const id = crypto.randomUUID();
      running.set(id, { id, fileName, host, progress: { stage: "waiting", fraction: 0 } });
      tell();
      const end = (outcome: FinishedJob["outcome"], finishedAt = Date.now()): FinishedJob => ({
        fileName,
        host,
        finishedAt,
        outcome,
      });
      return {
        progress(progress) {
          if (!running.has(id)) return;
          running.set(id, { id, fileName, host, progress });
          timer ??= setTimeout(tell, interval);
        },
        succeeded: (report, previews, finishedAt) => end({ ok: true, report, previews }, finishedAt),
        failed: (error) => end({ ok: false, problem: toProblemData(error) }),
        close() {
          if (running.delete(id)) tell();
        },
      };
    },
  };
}
