/** Waiting for promises: one after the other, until a signal fires, for so long and no longer. */

/** Runs a function when all that were given before it have settled, and settles as it does. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a mutex: functions that are given to it run one at a time, in the order in which they came. */
export function createMutex(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    const settled = () => {};
    last = result.then(settled, settled);
    return result;
  };
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as it fires. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Settles as `promise` does.
 *
 * @throws DOMException `TimeoutError` when it has not settled after so many milliseconds
 */
export async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DOMException("Timed out.", "TimeoutError")), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
