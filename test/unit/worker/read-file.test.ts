import { expect, it } from "vitest";
import { readFile } from "../../../src/worker/read-file.ts";

it("reads all bytes of a file", async () => {
  expect([...(await readFile(new Blob([Uint8Array.of(1, 2, 3)])))]).toEqual([1, 2, 3]);
});

it("says of a file that is gone from the disk that it could not be read", async () => {
  const gone = new Blob(["x"]);
  gone.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
  await expect(readFile(gone)).rejects.toMatchObject({ code: "corrupt/file-changed" });
});
