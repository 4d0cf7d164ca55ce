/** How large a change may be so that the finished file still looks as well as asked. */
import { decode, encode, sampleTiles, sniff } from "../codecs/index.ts";
import { colourNumbers, distinctColours, PALETTE } from "../contract/colours.ts";
import type { Pixels } from "../contract/pixels.ts";
import { comparedWith } from "../engine/ssimulacra2.ts";
import type { OriginalPicture } from "./original-picture.ts";

/** Pixels of the sample in which the visual quality of trials is measured. */
const SAMPLE_PIXELS = 1 << 17;

/** The least share of a change that is kept: with less of it a picture would hardly be protected. */
const LEAST_SHARE = 0.3;

/**
 * What a change may always cost, where the encoder alone leaves less of a picture than is asked: a change that is
 * seen beside the encoder's own traces is not seen less if it is made smaller still.
 */
const LEAST_LOSS = 10;

/** Shares that are tried after the whole change. */
const TRIALS = 4;

/** A trial is good enough with up to this much more quality than asked, and aims at half of it. */
const TOLERANCE = 1;

/**
 * The next trial is where a share s of a change would cost s^1.5 of the visual quality: roughly so in photographs. Each
 * trial starts from the last one, so the error vanishes.
 */
const EXPONENT = 1.5;

/**
 * A picture with the largest share of a change, of some that are tried, at which the visual quality
 * (SSIMULACRA 2) is at least `least`, or 10 below what the encoder alone leaves if that is less; measured on a sample
 * that is encoded and decoded again. A picture whose colours fit into a palette stays as it is, since a share of its change would need other colours.
 * @param changed the whole change, of the same size
 * @throws as `encode` and `decode` do
 */
export async function withVisualQuality(
  { pixels, info }: OriginalPicture,
  changed: Pixels,
  least: number,
  signal?: AbortSignal,
): Promise<Pixels> {
  if (distinctColours(colourNumbers(changed), PALETTE)) return changed;
  const [before, after] = [sampleTiles(pixels, SAMPLE_PIXELS), sampleTiles(changed, SAMPLE_PIXELS)];
  const visualQuality = comparedWith(before);
  const qualityAt = async (share: number) => {
    const bytes = await encode(withShare(before, after, share), { info }, signal);
    return visualQuality(await decode(bytes, sniff(bytes)));
  };
  let last = { share: 1, quality: await qualityAt(1) };
  if (last.quality >= least) return changed;
  const unchanged = await qualityAt(0);
  const asked = Math.min(least, unchanged - LEAST_LOSS);
  if (last.quality >= asked) return changed;
  const loss = (quality: number) => Math.max(0.1, unchanged - quality);
  let best = LEAST_SHARE;
  for (let trial = 0; trial < TRIALS && last.share > LEAST_SHARE; trial++) {
    const times = (loss(asked + TOLERANCE / 2) / loss(last.quality)) ** (1 / EXPONENT);
    // Changes are whole 255ths, so that a smaller step may change nothing.
    const step = last.quality < asked ? Math.min(times, 0.95) : times;
    const share = Math.min(1, Math.max(LEAST_SHARE, last.share * step));
    last = { share, quality: await qualityAt(share) };
    if (last.quality < asked) continue;
    best = Math.max(best, share);
    if (last.quality <= asked + TOLERANCE) break;
  }
  return withShare(pixels, changed, best);
}

/** A picture with a share of the change to another one, rounded to whole 255ths. */
function withShare(before: Pixels, after: Pixels, share: number): Pixels {
  if (share === 1) return after;
  // By difference from -255 on: rounding each of millions of values would take longer than all else.
  const shares = Int16Array.from({ length: 2 * 255 + 1 }, (_, i) => Math.round(share * (i - 255)));
  const [from, to] = [before.data, after.data];
  const data = new Uint8ClampedArray(from.length);
  for (let i = 0; i < data.length; i++) {
    const value = from[i] as number;
    data[i] = value + (shares[(to[i] as number) - value + 255] as number);
  }
  return { ...before, data };
}
