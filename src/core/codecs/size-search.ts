/**
 * Finds the encoder quality that makes a file as large as the original. The logarithm of a file's size is nearly a
 * straight line in the logarithm of libjpeg's table scale, so a secant inside a bracket needs few encodes.
 */

export interface Candidate {
  readonly quality: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SizeSearch {
  /** Encodes at a quality from 1 to 100; a larger quality gives a larger file. */
  readonly encode: (quality: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** The quality to try first; it stays when the size is already within `accept`. */
  readonly start: number;
  /** The wanted size in bytes. */
  readonly bytes: number;
  /** Most encodes. */
  readonly limit: number;
}

/** Size ratios that need no further encode, and the ones aimed at when the first is out of them. */
const ACCEPT = { least: 0.75, most: 1.3 } as const;
const AIM = { least: 0.85, most: 1.2 } as const;
/** When even quality 100 stays below this, the original was large for other reasons, and growing is of no use. */
const HOPELESS = 0.6;
/** Growth of the logarithm of the size with that of the finer scale, until two encodes give the real one. */
const SLOPE = 0.6;

/**
 * The encode nearest to the wanted size. Too large a file is brought down to just over the original's size, too small
 * a one up to just under it: the less the quality moves, the better. When no quality comes near the wanted size (much
 * of the original was metadata), the first encode is taken.
 */
export async function searchQuality(search: SizeSearch): Promise<Candidate> {
  let below: Point | undefined;
  let above: Point | undefined;
  let first: Candidate | undefined;
  let best: Candidate | undefined;
  let bestMiss = Number.POSITIVE_INFINITY;
  let quality = Math.round(Math.min(100, Math.max(1, search.start)));
  for (let tried = 0; tried < search.limit; tried++) {
    const bytes = await search.encode(quality);
    const ratio = bytes.length / search.bytes;
    first ??= { quality, bytes };
    const point = { quality, log: Math.log(ratio) };
    if (Math.abs(point.log) < bestMiss) {
      best = { quality, bytes };
      bestMiss = Math.abs(point.log);
    }
    if (ratio >= ACCEPT.least && ratio <= ACCEPT.most) return { quality, bytes };
    if (ratio > 1) above = point;
    else below = point;
    const next = nextQuality(below, above, Math.log(ratio > 1 ? AIM.most : AIM.least));
    if (next === undefined) break;
    quality = next;
  }
  if (!best || !first) throw new Error("expected a limit of at least 1 encode");
  return best.quality === 100 && best.bytes.length < HOPELESS * search.bytes ? first : best;
}

interface Point {
  readonly quality: number;
  /** Logarithm of the size as a ratio to the wanted one. */
  readonly log: number;
}

/** The next quality to try, strictly inside the bracket; undefined when nothing is left between its ends. */
function nextQuality(below: Point | undefined, above: Point | undefined, aim: number): number | undefined {
  const low = below ? below.quality + 1 : 1;
  const high = above ? above.quality - 1 : 100;
  const from = above ?? below;
  if (!from || low > high) return undefined;
  const slope =
    below && above ? (above.log - below.log) / (fineness(above.quality) - fineness(below.quality)) : SLOPE;
  const guess = qualityOf(fineness(from.quality) + (aim - from.log) / slope);
  return Math.min(high, Math.max(low, guess));
}

/** Minus the logarithm of libjpeg's table scale in per cent, moved by 2 so that quality 100 has one. */
function fineness(quality: number): number {
  return -Math.log(quality < 50 ? 5100 / quality : 202 - 2 * quality);
}

/** The quality whose {@link fineness} is nearest. */
function qualityOf(fineness: number): number {
  const scale = Math.exp(-fineness);
  return Math.round(scale > 102 ? 5100 / scale : (202 - scale) / 2);
}
