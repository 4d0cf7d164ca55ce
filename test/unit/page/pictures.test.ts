import { describe, expect, it } from "vitest";
import { isPicture, mayBePicture } from "../../../src/page/pictures.ts";

describe("what may be a picture", () => {
  it.each([
    ["photo.jpg", "image/jpeg"],
    ["PHOTO.JPG", ""],
    ["holiday.2024.HEIC", ""],
    ["raw.CR2", ""],
    ["drawing", "image/png"],
    ["no-type-and-no-extension", ""],
    ["photo.jpg_large", ""],
    ["photo.mpo", ""],
    ["photo.jpg.bak", "application/x-trash"],
    ["download", "application/octet-stream"],
    ["archive.unknown", ""],
    ["lies.txt", "image/png"],
    ["lies.png", "text/plain"],
    ["vector.svg", "image/svg+xml"],
  ])("%s of type “%s” may be one", (name, type) => {
    expect(mayBePicture({ name, type })).toBe(true);
  });

  it.each([
    ["notes.txt", "text/plain"],
    ["report.pdf", "application/pdf"],
    ["film.mp4", "video/mp4"],
    ["README", "text/plain"],
    ["table.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ["archive.zip", "application/zip"],
  ])("%s of type “%s” is none", (name, type) => {
    expect(mayBePicture({ name, type })).toBe(false);
  });
});

describe("what is a picture", () => {
  const isOne = (name: string, type: string, ...bytes: (string | number)[]) =>
    isPicture(
      new File(
        [new Uint8Array(bytes.flatMap((part) => (typeof part === "string" ? latin1(part) : part)))],
        name,
        {
          type,
        },
      ),
    );
  const latin1 = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

  it.each([
    ["a JPEG", [0xff, 0xd8, 0xff, 0xe0, 0, 16, "JFIF"]],
    ["a PNG", [0x89, "PNG\r\n", 0x1a, "\n"]],
    ["a WebP", ["RIFF", 9, 9, 9, 9, "WEBPVP8 "]],
    ["a GIF", ["GIF89a"]],
    ["a TIFF", ["MM", 0, 42, 0, 0, 0, 8]],
    ["a HEIC", [0, 0, 0, 24, "ftypheic"]],
    ["an AVIF", [0, 0, 0, 32, "ftypavif"]],
    ["a raw file of TIFF's kind", ["II", 42, 0]],
    ["a raw file of HEIF's kind", [0, 0, 0, 24, "ftypcrx "]],
    ["a JPEG XL", [0, 0, 0, 12, "JXL ", 13, 10, 0x87, 10]],
    ["a drawing", ['\n<?xml version="1.0"?>']],
  ])("is %s whose name and type say nothing", async (_, bytes) => {
    expect(await isOne("download", "", ...bytes)).toBe(true);
    expect(await isOne("download.jpg_large", "application/octet-stream", ...bytes)).toBe(true);
  });

  it.each([
    ["words", ["Dear Sir or Madam"]],
    ["nothing", []],
    ["a video", [0, 0, 0, 24, "ftypmp42"]],
    ["an archive", ["PK", 3, 4]],
    ["one byte", [0xff]],
  ])("is not %s whose name and type say nothing", async (_, bytes) => {
    expect(await isOne("download", "", ...bytes)).toBe(false);
  });

  it("is what is named so, whatever its bytes are, and no file of a type that is none", async () => {
    expect(await isOne("broken.jpg", "", "nothing")).toBe(true);
    expect(await isOne("broken", "image/jpeg", "nothing")).toBe(true);
    expect(await isOne("notes.txt", "text/plain", 0xff, 0xd8, 0xff)).toBe(false);
  });

  it("may be what cannot be read", async () => {
    const gone = new File([], "gone");
    gone.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) as unknown as Blob;
    expect(await isPicture(gone)).toBe(true);
  });
});
