import { describe, expect, it } from "vitest";
import { mayBePicture } from "../../../src/page/pictures.ts";

describe("what may be a picture", () => {
  it.each([
    ["photo.jpg", "image/jpeg"],
    ["PHOTO.JPG", ""],
    ["holiday.2024.HEIC", ""],
    ["raw.CR2", ""],
    ["drawing", "image/png"],
    ["no-type-and-no-extension", ""],
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
    ["archive.unknown", ""],
    ["README", "text/plain"],
    ["folder.jpg/notes.txt", ""],
  ])("%s of type “%s” is none", (name, type) => {
    expect(mayBePicture({ name, type })).toBe(false);
  });
});
