import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ROOT } from "../../../../scripts/lib/root.ts";
import { notesOn, openPlan } from "../../../../src/cli/protect-set/plan.ts";
import { openWorkFolder } from "../../../../src/cli/protect-set/work-folder.ts";
import type { SetRequest } from "../../../../src/core/contract/set-request.ts";
import { pngOf, scene } from "../../core/codecs/pictures.ts";

const REQUEST: SetRequest = { epsilon: 8 / 255, surrogate: "tiny", objective: "overlap" };
const FILES = ["cats/1.png", "cats/2.png", "dogs/1.png", "dogs/2.png", "dogs/3.png"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-plan-"));
  for (const [i, file] of FILES.entries()) await write(file, pngOf(scene(20 + i, 20), 2));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(file: string, bytes: Uint8Array): Promise<void> {
  const path = join(folder, "set", file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

const open = (request: SetRequest = REQUEST) =>
  openPlan(join(folder, "set"), openWorkFolder(join(folder, "work")), request);

describe("the plan of a set", () => {
  it("has every picture once, by class, in an order that the seed decides", async () => {
    const { pictures, classes, request } = await open({ ...REQUEST, seed: 3 });
    expect(classes).toEqual(["cats", "dogs"]);
    expect(pictures.map(({ file }) => file).sort()).toEqual(FILES);
    expect(pictures.map(({ file }) => file)).not.toEqual(FILES);
    for (const { file, label } of pictures) expect(classes[label]).toBe(dirname(file));
    expect(request).toEqual({ ...REQUEST, steps: 10, passes: 3, chunk: 8, seed: 3 });
  });

  it("stays the same for a later run, with its random seed", async () => {
    const plan = await open();
    expect(await open()).toEqual(plan);
  });

  it("refuses a later run with another request or other files", async () => {
    await open();
    await expect(open({ ...REQUEST, epsilon: 4 / 255 })).rejects.toThrow("epsilon");
    await write("cats/3.png", pngOf(scene(30, 30), 2));
    await expect(open()).rejects.toThrow("other files");
  });

  it("leaves out files that are no pictures, with the reason", async () => {
    await write("cats/notes.txt", Buffer.from("no picture ".repeat(60)));
    const { leftOut, pictures } = await open();
    expect(leftOut).toEqual([{ file: "cats/notes.txt", reason: expect.stringMatching(/^[A-Z].*\.$/) }]);
    expect(pictures).toHaveLength(FILES.length);
  });

  it("leaves out pictures that are too small to change", async () => {
    await write("cats/4.png", pngOf(scene(15, 15), 2));
    const { leftOut } = await open();
    expect(leftOut).toEqual([{ file: "cats/4.png", reason: expect.stringContaining("too small") }]);
  });

  it("names pictures by their new formats, and leaves out one that would replace another", async () => {
    const fixture = (name: string) => readFile(join(ROOT, "test/fixtures/formats", name));
    await write("cats/4.bmp", await fixture("few.bmp"));
    await write("cats/1.gif", await fixture("few.gif"));
    const { leftOut, pictures } = await open();
    expect(pictures.find(({ file }) => file === "cats/4.bmp")?.out).toBe("cats/4.png");
    expect(leftOut).toEqual([{ file: "cats/1.gif", reason: expect.stringContaining("cats/1.png") }]);
  });

  it("needs two classes", async () => {
    await rm(join(folder, "set", "dogs"), { recursive: true });
    await expect(open()).rejects.toMatchObject({ name: "UsageError" });
  });
});

it("notes on a set name empty folders, equal files and classes of one picture", () => {
  const usable = [
    { file: "a/1", out: "a/1", className: "a", sha256: "x" },
    { file: "b/1", out: "b/1", className: "b", sha256: "x" },
    { file: "b/2", out: "b/2", className: "b", sha256: "y" },
  ];
  const notes = notesOn(usable, ["c"]);
  expect(notes).toHaveLength(3);
  expect(notes.join("\n")).toMatch(/“c” is an empty.*\nb\/1 is the same file as a\/1.*\n“a” has one picture/);
});
