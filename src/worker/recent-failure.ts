/** Whether a backend failed so lately that it is not to be tried. */

/** For how long a failure counts, in milliseconds: drivers and browsers get better. */
const FAILURE_LASTS = 7 * 24 * 3600 * 1000;

/**
 * Whether a failure counts still. One in the future was stored before the clock was set back, and might
 * otherwise count for years.
 *
 * @param stored milliseconds since the epoch, as text; null if there was no failure
 * @param now milliseconds since the epoch
 */
export function isRecent(stored: string | null, now: number): boolean {
  const age = now - Number(stored ?? Number.NaN);
  return age >= 0 && age < FAILURE_LASTS;
}
