/** For any bytes, the codecs give a picture of the size in the headers, or a Problem. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { Problem } from "../../src/core/contract/problem.ts";
import { type MutatedFile, mutations, wholeFiles } from "../support/mutated-files.ts";

/** Reads bytes as the program would; true when they were a picture. */
async function read({ bytes }: MutatedFile): Promise<boolean> {
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

/** Reads many of these files. */
function readAll(files: fc.Arbitrary<MutatedFile>, numRuns: number): Promise<void> {
  return fc.assert(
    fc.asyncProperty(files, async (file) => {
      await read(file);
    }),
    { numRuns },
  );
}

describe("sniff and decode", () => {
  it("read every file that the others are made from, but a GIF whose frame is not whole", async () => {
    const results = await Promise.all(wholeFiles.map(read));
    expect(results).toEqual(wholeFiles.map((_, i) => i < wholeFiles.length - 1));
  });

  it("throw nothing but a Problem on bytes changed anywhere", () => readAll(mutations.changedAnywhere, 600));

  it("throw nothing but a Problem on headers changed", () => readAll(mutations.changedInHeaders, 600));

  it("find every file that is cut off corrupt or not a picture, but a JPEG between two progressive scans", async () => {
    await fc.assert(
      fc.asyncProperty(mutations.cutOff, async (file) => {
        if (await read(file)) expect(sniff(file.bytes).progressive).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("throw nothing but a Problem on a part left out or doubled", () =>
    readAll(mutations.leftOutOrDoubled, 300));

  it("throw nothing but a Problem on noise, with or without a known beginning", () =>
    readAll(mutations.noise, 500));
});
