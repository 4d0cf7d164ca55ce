/** Steps for several items of which each may fail without stopping the others. */

export type Settled<T> = PromiseSettledResult<T>;

/** The value; throws the reason of a failure. */
export function settledValue<T>(settled: Settled<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

/**
 * Runs a step for each item that has not failed, one after the other.
 * @throws AbortError when `signal` has fired
 */
export async function mapEach<A, B>(
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
 * Runs a step once for all items that have not failed. If it fails, all of them fail.
 * @throws AbortError when `signal` has fired
 */
export async function mapBatch<A, B>(
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
