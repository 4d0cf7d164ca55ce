import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";
import {
  forgetProtectedFiles,
  getProtectedFiles,
  hashOfFile,
  MOST_FILES,
  rememberProtectedFile,
} from "../../../src/bridge/protected-files.ts";

vi.mock("wxt/browser", async () => ({ browser: (await import("wxt/testing/fake-browser")).fakeBrowser }));

beforeEach(() => fakeBrowser.reset());

describe("the list of protected files", () => {
  it("has a short hash of each, and nothing of the file", async () => {
    const hash = await hashOfFile(new TextEncoder().encode("abc"));
    // FIPS 180-2, appendix B.1: the first 16 bytes of the SHA-256 of "abc".
    expect(Buffer.from(hash, "base64").toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223");
    await rememberProtectedFile(hash);
    expect(await fakeBrowser.storage.local.get()).toEqual({ protectedFiles: [hash] });
  });

  it("loses none of several that come at once, has each once, and is emptied", async () => {
    await Promise.all(["a", "b", "a", "c"].map(rememberProtectedFile));
    expect((await getProtectedFiles()).toSorted()).toEqual(["a", "b", "c"]);
    await forgetProtectedFiles();
    expect(await getProtectedFiles()).toEqual([]);
  });

  it("forgets the oldest when it is full", async () => {
    const protectedFiles = Array.from({ length: MOST_FILES }, (_, i) => `${i}`);
    await fakeBrowser.storage.local.set({ protectedFiles });
    await rememberProtectedFile("new");
    const files = await getProtectedFiles();
    expect(files).toHaveLength(MOST_FILES);
    expect([files[0], files.at(-1)]).toEqual(["1", "new"]);
  });

  it.each(["text", { 0: "a" }, [1, null]])("is empty where %j is stored", async (protectedFiles) => {
    await fakeBrowser.storage.local.set({ protectedFiles });
    expect(await getProtectedFiles()).toEqual([]);
  });
});
