import { beforeAll, describe, expect, it } from "vitest";
import { loadFromNodeModules } from "../../../../src/cli/codec-binaries.ts";
import { decode, encode, type PictureInfo, setWasmLoader, sniff } from "../../../../src/core/codecs/index.ts";
import type { Pixels } from "../../../../src/core/contract/pixels.ts";
import { maxChange } from "../../../../src/core/engine/quality.ts";
import { ssimulacra2 } from "../../../../src/core/engine/ssimulacra2.ts";
import { withVisualQuality } from "../../../../src/core/protect/visual-quality.ts";
import * as make from "../codecs/pictures.ts";

beforeAll(() => setWasmLoader(loadFromNodeModules));

const pixels = make.scene(160, 128);

/** Options of an encoder that leaves nearly all of a picture. */
const FINE = { quality: 99, auto_subsample: false, chroma_subsample: 1 };

/** Every channel by up to `by`, in a pattern that is the same in all channels. */
function changedBy(by: number, { data, ...size }: Pixels = pixels): Pixels {
  return {
    ...size,
    data: data.map((value, i) => ((i & 3) === 3 ? value : value + by * (((i >> 2) * 7919) % 3) - by)),
  };
}

async function qualityOf(changed: Pixels, info: PictureInfo): Promise<number> {
  const bytes = await encode(changed, { info });
  return ssimulacra2(pixels, await decode(bytes, sniff(bytes)));
}

describe.each(["jpeg", "png"] as const)("a change of a %s", (kind) => {
  let info: PictureInfo;
  beforeAll(async () => {
    info = sniff(kind === "jpeg" ? await make.jpeg(pixels, FINE) : make.pngOf(pixels, 2));
  });

  it("stays whole where it is seen little enough", async () => {
    const changed = changedBy(1);
    expect(await withVisualQuality({ pixels, info }, changed, 30)).toBe(changed);
  });

  it("becomes as small as the visual quality asks, and not much smaller", async () => {
    const changed = changedBy(16);
    const [unchanged, whole] = [await qualityOf(pixels, info), await qualityOf(changed, info)];
    const least = (unchanged + whole) / 2;
    const part = await withVisualQuality({ pixels, info }, changed, least);
    const quality = await qualityOf(part, info);
    expect(quality).toBeGreaterThanOrEqual(least);
    expect(quality).toBeLessThan((unchanged + least) / 2);
    expect(maxChange(pixels, part)).toBeLessThan(16);
  });

  it("keeps a share that still protects where no change would be small enough", async () => {
    const part = await withVisualQuality({ pixels, info }, changedBy(40), 100);
    expect(maxChange(pixels, part)).toBe(12);
  });
});

it("a change is not made smaller for what the encoder alone does to a picture", async () => {
  const info = sniff(await make.jpeg(pixels, { quality: 30 }));
  const changed = changedBy(4);
  expect(await qualityOf(pixels, info)).toBeLessThan(80);
  expect(await withVisualQuality({ pixels, info }, changed, 80)).toBe(changed);
});

it("a picture with a palette keeps its colours", async () => {
  const few = { ...pixels, data: pixels.data.map((value, i) => ((i & 3) === 3 ? 255 : value & 0xc0)) };
  const changed = { ...few, data: few.data.map((value, i) => ((i & 3) === 3 ? 255 : (value + 64) & 0xc0)) };
  const info = sniff(make.pngOf(few, 2));
  expect(await withVisualQuality({ pixels: few, info }, changed, 90)).toBe(changed);
});
