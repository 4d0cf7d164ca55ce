import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listSet } from "../../../../src/cli/protect-set/listing.ts";
import { dequantised, quantised } from "../../../../src/cli/protect-set/passes.ts";
import { moveOnce, openWorkFolder } from "../../../../src/cli/protect-set/work-folder.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("the listing has the files of class folders, sorted, and the reason for each that it leaves out", async () => {
  for (const name of ["b", "a", "empty", "a/deep", ".hidden"]) await mkdir(at(name));
  for (const name of ["b/2", "b/1", "a/1", "loose", "a/.hidden", ".hidden/1"]) await writeFile(at(name), "");
  const { files, leftOut, emptyFolders } = await listSet(folder);
  expect(files).toEqual(["a/1", "b/1", "b/2"]);
  expect(leftOut.map(({ file }) => file)).toEqual(["a/deep", "loose"]);
  for (const { reason } of leftOut) expect(reason).toMatch(/^[A-Z].*\.$/);
  expect(emptyFolders).toEqual(["empty"]);
});

describe("the work folder", () => {
  it("keeps values with typed arrays, and nothing half written", async () => {
    const work = openWorkFolder(at("work"));
    const value = { numbers: Float32Array.of(1, 2), list: [Int8Array.of(-3)], text: "x" };
    expect(await work.get("deep/name")).toBeUndefined();
    await work.put("deep/name", value);
    expect(await openWorkFolder(at("work")).get("deep/name")).toEqual(value);
    expect(await readdir(at("work", "deep"))).toEqual(["name"]);
    await work.clear();
    expect(await readdir(folder)).toEqual([]);
  });
});

it("a file is moved once, also when asked again, and never silently lost", async () => {
  await writeFile(at("from"), "content");
  for (let i = 0; i < 2; i++) await moveOnce(at("from"), at("to", "file"));
  expect(await readFile(at("to", "file"), "utf8")).toBe("content");
  await expect(moveOnce(at("nowhere"), at("to", "other"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("perturbations survive quantisation within a tenth of a 255th", () => {
  const epsilon = 16 / 255;
  const delta = Float32Array.from({ length: 200 }, (_, i) => epsilon * (i / 100 - 1));
  dequantised(quantised(delta, epsilon), epsilon).forEach((value, i) => {
    expect(Math.abs(value - (delta[i] as number))).toBeLessThan(0.1 / 255);
  });
});
