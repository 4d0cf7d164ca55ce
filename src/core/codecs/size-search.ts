/**
 * Finds the encoder quality that makes a file as large as the original. The logarithm of a file's size is
 * nearly a straight line in the logarithm of libjpeg's table scale, so a secant inside a bracket needs few
 * encodes.
 */

export interface Candidate {
  readonly quality: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface SizeSearch {
  /** Encodes at a quality from 1 to 100; a larger quality gives a larger file. */
  readonly encode: (quality: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** The quality to try first; it is kept when the size is within {@link ACCEPT}. */
  readonly start: number;
  /** The wanted size in bytes. */
  readonly bytes: number;
  /** Most encodes. */
  readonly limit: number;
}

/** Size ratios that need no further encode, and those to aim at otherwise. */
const ACCEPT = { least: 0.75, most: 1.3 } as const;
const AIM = { least: 0.85, most: 1.2 } as const;
/**
 * Where even quality 100 gives a smaller ratio, the original was large for other reasons, and a higher
 * quality is no use.
 */
const OUT_OF_REACH = 0.6;
/** Slope of the logarithm of the size over {@link fineness}, until two encodes give the real one. */
const SLOPE = 0.6;

/**
 * The encode nearest to the wanted size. The search aims just above the wanted size where the first encode is
 * too large, and just below it where that is too small, so that the quality changes little. When no quality
 * comes near the wanted size (much of the original was metadata), the result is the first encode.
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
  return best.quality === 100 && best.bytes.length < OUT_OF_REACH * search.bytes ? first : best;
}

interface Point {
  readonly quality: number;
  /** Logarithm of the size divided by the wanted one. */
  readonly log: number;
}

/** The next quality to try, strictly inside the bracket; undefined when there is none. */
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

/** Minus the logarithm of libjpeg's table scale in per cent plus 2, which is finite also at quality 100. */
function fineness(quality: number): number {
  return -Math.log(quality < 50 ? 5100 / quality : 202 - 2 * quality);
}

/** The quality whose {@link fineness} is nearest. */
function qualityOf(fineness: number): number {
  const scale = Math.exp(-fineness);
  return Math.round(scale > 102 ? 5100 / scale : (202 - scale) / 2);
}
