/** Work on several things at once, of which each may fail without stopping the others. */

export type Settled<T> = PromiseSettledResult<T>;

/** The value, or what it failed with, thrown. */
export function valueFrom<T>(settled: Settled<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

/**
 * Takes each that has not failed a step further, one after the other.
 * @throws AbortError when `signal` has fired
 */
export async function eachAlone<A, B>(
  before: readonly Settled<A>[],
  step: (value: A) => Promise<B>,
  signal?: AbortSignal,
): Promise<Settled<B>[]> {
  const after: Settled<B>[] = [];
  for (const settled of before) {
    signal?.throwIfAborted();
    const [outcome] =
      settled.status === "rejected" ? [settled] : await Promise.allSettled([step(settled.value)]);
    after.push(outcome);
  }
  signal?.throwIfAborted();
  return after;
}

/**
 * Takes all that have not failed a step further together; if that fails, it fails for all of them.
 * @throws AbortError when `signal` has fired
 */
export async function allTogether<A, B>(
  before: readonly Settled<A>[],
  step: (values: readonly A[]) => Promise<readonly B[]>,
  signal?: AbortSignal,
): Promise<Settled<B>[]> {
  const values = before.flatMap((settled) => (settled.status === "fulfilled" ? [settled.value] : []));
  if (values.length === 0) return before as Settled<never>[];
  const [all] = await Promise.allSettled([step(values)]);
  signal?.throwIfAborted();
  if (all.status === "rejected") return before.map((one) => (one.status === "rejected" ? one : all));
  let next = 0;
  return before.map((one) =>
    one.status === "rejected" ? one : { status: "fulfilled", value: all.value[next++] as B },
  );
}
