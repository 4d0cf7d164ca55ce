/** A small seedable generator (mulberry32), which makes runs repeatable. Not for secrets. */
export interface Random {
  /** Uniform in 0..1, 1 excluded. */
  next(): number;
  /** Uniform in low..high. */
  between(low: number, high: number): number;
}

/** @param seed any integer; two generators with the same seed give the same numbers */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, between: (low, high) => low + (high - low) * next() };
}
