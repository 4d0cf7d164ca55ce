/** Keeps the status for popup and badge: applies what the worker reports, one change after the other. */
import { createMutex } from "../bridge/async.ts";
import type { FinishedJob, RunningJob, Status } from "../bridge/status.ts";
import { getStatus, setStatus } from "../bridge/status-storage.ts";
import { showBadge } from "./badge.ts";

export interface StatusKeeper {
  running(jobs: readonly RunningJob[]): Promise<void>;
  finished(job: FinishedJob): Promise<void>;
}

/** Makes the one keeper of the status. */
export function createStatusKeeper(): StatusKeeper {
  const inTurn = createMutex();
  const change = (next: (status: Status) => Status): Promise<void> =>
    inTurn(async () => {
      const status = next(await getStatus());
      await setStatus(status);
      await showBadge(status);
      // The status is only for people to look at: uploads do not depend on room for it.
    }).catch(() => {});
  return {
    running: (running) => change((status) => ({ ...status, running })),
    finished: (last) => change((status) => ({ ...status, last })),
  };
}
