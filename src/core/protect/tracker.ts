/** Progress and duration of the stages of one picture. */
import type { Progress } from "../contract/protected-picture.ts";

/** Shares of the whole time, for one progress bar over all stages: between those of 1 and of 12 MP (docs/benchmarks.md). */
const SHARES = { decode: [0, 0.03], ascend: [0.03, 0.6], encode: [0.6, 0.85], verify: [0.85, 1] } as const;
export type Stage = keyof typeof SHARES;

export interface Tracker {
  /** @param done 0..1 of the stage */
  progress(stage: Stage, done?: number): void;
  /** So far, by stage. */
  readonly seconds: Record<Stage, number>;
}

export function createTracker(onProgress?: (progress: Progress) => void): Tracker {
  return {
    progress(stage, done = 0) {
      const [from, to] = SHARES[stage];
      onProgress?.({ stage, fraction: from + done * (to - from) });
    },
    seconds: { decode: 0, ascend: 0, encode: 0, verify: 0 },
  };
}

/** Runs some work for pictures and divides its duration equally among them. */
export async function timed<T>(
  stage: Stage,
  trackers: readonly Tracker[],
  work: () => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  for (const tracker of trackers) tracker.seconds[stage] += seconds / trackers.length;
  return result;
}
