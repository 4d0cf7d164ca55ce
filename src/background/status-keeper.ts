/**
 * Keeps the status that the popup and the badge show, in the background: what the worker reports, one change after the other.
 */
import type { FinishedJob, RunningJob, Status } from "../bridge/status.ts";
import { getStatus, setStatus } from "../bridge/status-storage.ts";
import { showBadge } from "./badge.ts";

export interface StatusKeeper {
  running(jobs: readonly RunningJob[]): Promise<void>;
  finished(job: FinishedJob): Promise<void>;
}

/** Makes the one keeper of the status. */
export function createStatusKeeper(): StatusKeeper {
  let turn: Promise<unknown> = Promise.resolve();
  const change = (next: (status: Status) => Status): Promise<void> => {
    const done = turn.then(async () => {
      const status = next(await getStatus());
      await setStatus(status);
      await showBadge(status);
    });
    turn = done.catch(() => {});
    return done;
  };
  return {
    running: (running) => change((status) => ({ ...status, running })),
    // A large picture's previews may be ready after those of the one behind it.
    finished: (last) =>
      change((status) => (last.finishedAt < (status.last?.finishedAt ?? 0) ? status : { ...status, last })),
  };
}
