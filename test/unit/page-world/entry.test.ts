import { describe, expect, it } from "vitest";
import { createEntry, type Entry } from "../../../src/page-world/entry.ts";

const file = (name: string) => new File([name], name);
const files = new Map([
  ["/photos/a.png", file("a.png")],
  ["/photos/trip/b.png", file("b.png")],
  ["/photos/trip/c.txt", file("c.txt")],
]);

const read = (entry: Entry | undefined): Promise<File> => new Promise((resolve) => entry?.file?.(resolve));

const readAll = (reader: ReturnType<NonNullable<Entry["createReader"]>>): Promise<readonly Entry[]> =>
  new Promise((resolve) => reader.readEntries(resolve));

const readerOf = (entry: Entry | undefined) => {
  const reader = entry?.createReader?.();
  if (!reader) throw new Error("expected a folder");
  return reader;
};

describe("the entry of a file", () => {
  it("is called after the last part of its path and gives the file, later", async () => {
    const entry = createEntry("/photos/a.png", files);
    expect(entry).toMatchObject({
      ...{ isFile: true, isDirectory: false, name: "a.png", fullPath: "/photos/a.png" },
    });
    expect(entry.createReader).toBeUndefined();
    let called = false;
    entry.file?.(() => (called = true));
    expect(called).toBe(false);
    expect(await read(entry)).toBe(files.get("/photos/a.png"));
  });
});

describe("the entry of a folder", () => {
  it("lists files and folders once, and then nothing", async () => {
    const entry = createEntry("/photos", files);
    expect(entry).toMatchObject({ isFile: false, isDirectory: true, name: "photos" });
    expect(entry.file).toBeUndefined();
    const reader = readerOf(entry);
    expect((await readAll(reader)).map(({ name, isFile }) => [name, isFile])).toEqual([
      ["a.png", true],
      ["trip", false],
    ]);
    expect(await readAll(reader)).toEqual([]);
    expect(await readAll(readerOf(entry))).toHaveLength(2);
  });

  it("leads to the files in the folders within", async () => {
    const [, trip] = await readAll(readerOf(createEntry("/photos", files)));
    const inside = await readAll(readerOf(trip));
    expect(inside.map(({ fullPath }) => fullPath)).toEqual(["/photos/trip/b.png", "/photos/trip/c.txt"]);
    expect(await (await read(inside[0])).text()).toBe("b.png");
  });
});
