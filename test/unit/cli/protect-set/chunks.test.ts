import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Chunk, createSweeper, resultOf, stagesOf } from "../../../../src/cli/protect-set/chunks.ts";
import { openWorkFolder, type WorkFolder } from "../../../../src/cli/protect-set/work-folder.ts";

const request = {
  epsilon: 8 / 255,
  surrogate: "tiny",
  objective: "overlap",
  steps: 2,
  passes: 3,
  chunk: 2,
  seed: 1,
} as const;
const pictures = Array.from({ length: 5 }, (_, i) => ({
  file: `a/${i}`,
  out: `a/${i}`,
  label: 0,
  sha256: "",
}));
const stages = stagesOf(request);

let folder: string;
let work: WorkFolder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-chunks-"));
  work = openWorkFolder(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const make = async ({ from }: Chunk) => ({
  embeddings: Float32Array.of(from),
  deltas: [Int8Array.of(from, -1)],
  figures: [],
});

describe("a sweep", () => {
  it("makes the result of each chunk, in order, and passes it on", async () => {
    const { sweep, seconds } = createSweeper({ request, pictures }, work);
    const seen: [number, number, number | undefined][] = [];
    await sweep(stages.clean, make, ({ from, pictures }, { embeddings }) =>
      seen.push([from, pictures.length, embeddings[0]]),
    );
    expect(seen).toEqual([
      [0, 2, 0],
      [2, 2, 2],
      [4, 1, 4],
    ]);
    expect(seconds()).toBeGreaterThan(0);
    expect(await resultOf(work, stages.clean, 4)).toMatchObject({ deltas: [Int8Array.of(4, -1)] });
    expect(await resultOf(work, stages.pass(1), 4)).toBeUndefined();
  });

  it("continues after the last result of an interrupted run", async () => {
    const abort = new AbortController();
    const first = createSweeper({ request, pictures }, work, undefined, abort.signal);
    const interrupted = first.sweep(stages.clean, make, ({ from }) => from === 2 && abort.abort());
    await expect(interrupted).rejects.toMatchObject({ name: "AbortError" });
    const made: number[] = [];
    const used: number[] = [];
    const later = createSweeper({ request, pictures }, work);
    await later.sweep(
      stages.clean,
      (chunk) => {
        made.push(chunk.from);
        return make(chunk);
      },
      ({ from }) => used.push(from),
    );
    expect(made).toEqual([4]);
    expect(used).toEqual([0, 2, 4]);
    expect(later.seconds()).toBeGreaterThan(first.seconds());
  });

  it("reports progress that ends at all of the work", async () => {
    const seen: [string, number][] = [];
    const { sweep } = createSweeper({ request, pictures }, work, (...progress) => seen.push(progress));
    for (const stage of [stages.clean, stages.pass(1), stages.pass(2), stages.pass(3), stages.written])
      await sweep(stage, make, () => {});
    const fractions = seen.map(([, fraction]) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBeGreaterThan(0.9);
    expect(fractions.at(-1)).toBeLessThan(1);
    expect(seen.map(([title]) => title)).toContain("pass 2 of 3");
  });
});
