import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileError, readBytes, writeWhole } from "../../../src/cli/files.ts";

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
const original = new TextEncoder().encode("original");
const result = new TextEncoder().encode("result");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-files-"));
  await writeFile(at("photo.jpg"), original);
});
afterEach(() => rm(folder, { recursive: true }));

/** The sentence for what is thrown. */
const whyNot = (work: Promise<unknown>) =>
  work.then(
    () => "",
    (error) => fileError(error) ?? (error as Error).message,
  );

describe("a result", () => {
  it("takes its place whole, and leaves nothing beside it", async () => {
    await writeFile(at("out.jpg"), "older");
    await writeWhole(at("out.jpg"), result, [at("photo.jpg")]);
    expect(await readFile(at("out.jpg"), "utf8")).toBe("result");
    expect(await readdir(folder)).toEqual(["out.jpg", "photo.jpg"]);
  });

  it.each([
    ["by its own name", async () => at("photo.jpg")],
    [
      "by a link",
      async () => {
        await symlink("photo.jpg", at("out.jpg"));
        return at("out.jpg");
      },
    ],
    [
      "by a hard link",
      async () => {
        await link(at("photo.jpg"), at("out.jpg"));
        return at("out.jpg");
      },
    ],
    [
      "in a linked folder",
      async () => {
        await symlink(".", at("elsewhere"));
        return at("elsewhere", "photo.jpg");
      },
    ],
  ])("does not take the place of an input %s", async (_, place) => {
    const path = await place();
    expect(await whyNot(writeWhole(path, result, [at("photo.jpg")]))).toMatch(/overwrite the picture itself/);
    expect(await readFile(at("photo.jpg"), "utf8")).toBe("original");
  });

  it("replaces a link and does not write through it", async () => {
    await writeFile(at("other.jpg"), "other");
    await symlink("other.jpg", at("out.jpg"));
    await writeWhole(at("out.jpg"), result, [at("photo.jpg")]);
    expect(await readFile(at("other.jpg"), "utf8")).toBe("other");
    expect(await readFile(at("out.jpg"), "utf8")).toBe("result");
  });

  it("that cannot be written leaves nothing behind", async () => {
    await mkdir(at("out.jpg"));
    expect(await whyNot(writeWhole(at("out.jpg"), result, []))).toBe("this is a folder, not a picture.");
    expect(await readdir(folder)).toEqual(["out.jpg", "photo.jpg"]);
    expect(await whyNot(writeWhole(at("none", "out.jpg"), result, []))).toBe("there is no such file.");
    expect(await whyNot(writeWhole(at("n".repeat(300)), result, []))).toMatch(/too long/);
  });
});

describe("what is read", () => {
  it("is a file", async () => {
    expect(await readBytes(at("photo.jpg"))).toEqual(original);
  });

  it("is not a folder, a pipe, a circle of links, or nothing", async () => {
    expect(await whyNot(readBytes(folder))).toMatch(/folder/);
    execFileSync("mkfifo", [at("pipe")]);
    expect(await whyNot(readBytes(at("pipe")))).toMatch(/pipe/);
    await symlink("circle", at("circle"));
    expect(await whyNot(readBytes(at("circle")))).toMatch(/circle/);
    expect(await whyNot(readBytes(at("none.jpg")))).toBe("there is no such file.");
  });
});
