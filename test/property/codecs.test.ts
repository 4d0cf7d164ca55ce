/** For any bytes, the codecs give a picture of the size in the headers, or a Problem. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { Problem } from "../../src/core/contract/problem.ts";
import * as make from "../unit/core/codecs/pictures.ts";

const picture = make.scene(48, 33);
const clear = make.scene(48, 33, { alpha: true });

const fixture = (name: string) =>
  readFile(join(ROOT, "test/fixtures/formats", name)).then((file) => new Uint8Array(file));

const files: readonly make.Bytes[] = await Promise.all([
  make
    .jpeg(picture)
    .then((file) => make.withSegments(file, make.exif(6), ...make.iccSegments(make.profile(600)))),
  make.jpeg(picture, { progressive: true }),
  make.jpeg(picture, { color_space: 1 }),
  make.fourComponentJpeg([picture, picture, picture, picture], 0),
  make.pngOf(picture, 2),
  make.png({
    width: 48,
    height: 33,
    colourType: 6,
    bitDepth: 16,
    interlaced: true,
    sample: (x, y, c) => 900 * x + y + c,
  }),
  make.webp(picture),
  make.webp(clear),
  make.webp(clear, { lossless: 1 }),
  ...["full-chroma.avif", "phone.heic", "predicted.tif", "deflate.tif", "few.bmp", "interlaced.gif"].map(
    fixture,
  ),
  make.gif(1),
]);

/** Reads bytes as the program would; true when they were a picture. */
async function read(bytes: Uint8Array): Promise<boolean> {
  try {
    const info = sniff(bytes);
    const pixels = await decode(bytes, info);
    const turned = info.orientation > 4;
    expect(pixels.width).toBe(turned ? info.height : info.width);
    expect(pixels.height).toBe(turned ? info.width : info.height);
    expect(pixels.data).toHaveLength(4 * info.width * info.height);
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(["corrupt", "unsupported", "animated", "too-large", "too-small", "too-thin", "empty"]).toContain(
      error.kind,
    );
    return false;
  }
}

const anyFile = fc.constantFrom(...files);
/** A position in a file, as a share of its length. */
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("sniff and decode", () => {
  it("read every file that the others are made from, but a GIF whose frame is not whole", async () => {
    const results = await Promise.all(files.map(read));
    expect(results).toEqual(files.map((_, i) => i < files.length - 1));
  });

  it("throw nothing but a Problem on bytes changed anywhere", async () => {
    const changes = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(anyFile, changes, async (file, list) => {
        const bytes = file.slice();
        for (const [share, value] of list) bytes[Math.floor(share * bytes.length)] = value;
        await read(bytes);
      }),
      { numRuns: 600 },
    );
  });

  it("throw nothing but a Problem on headers changed", async () => {
    const changes = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(anyFile, changes, async (file, list) => {
        const bytes = file.slice();
        for (const [share, value] of list) bytes[Math.floor(share * Math.min(200, bytes.length))] = value;
        await read(bytes);
      }),
      { numRuns: 600 },
    );
  });

  it("find every file that is cut off corrupt or not a picture", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, position, async (file, share) => {
        // The end marker and the padding alone may be missing.
        expect(await read(file.subarray(0, Math.floor(share * (file.length - 3))))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("throw nothing but a Problem on a part left out or doubled", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, position, position, async (file, a, b) => {
        const from = Math.floor(a * file.length);
        const to = Math.floor(b * file.length);
        await read(Buffer.concat([file.subarray(0, from), file.subarray(to)]));
      }),
      { numRuns: 300 },
    );
  });

  it("throw nothing but a Problem on noise, with or without a known beginning", async () => {
    const start = fc.constantFrom(...files.map((file) => file.subarray(0, 30)), new Uint8Array(0));
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 3000 }), async (head, noise) => {
        await read(Buffer.concat([head, noise]));
      }),
      { numRuns: 500 },
    );
  });
});
