import { afterEach, describe, expect, it } from "vitest";
import type { Failure, HandleAnswer } from "../../../../src/bridge/page-channel.ts";
import { createTestContext, deliver, describeFile, latest, type TestContext } from "../support/context.ts";
import { openPage, type TestPage } from "../support/page.ts";

interface Reader extends TestPage, TestContext {
  /** Asks for a handle's file, as the hooks in the page's world do. */
  read(handle: FileSystemFileHandle): Promise<Partial<HandleAnswer & Failure>>;
  /** Whether a handle would be read here. */
  takesOver(): boolean;
}

/**
 * @param isPrivate whether handles are of the page's private file system; only those can be made without a
 * dialog
 */
async function createReader(isPrivate: boolean, on = true): Promise<Reader> {
  const page = openPage();
  const context = await createTestContext(page, on);
  const { createHandleReader } = await page.load<typeof import("../../../../src/page/sources/picker.ts")>(
    "/src/page/sources/picker.ts",
  );
  const readsHandle = createHandleReader(context.context);
  if (!isPrivate)
    Object.defineProperty(page.window.navigator.storage, "getDirectory", {
      value: () => Promise.reject(new Error("none")),
    });
  return {
    ...page,
    ...context,
    takesOver: () => readsHandle(new MessageChannel().port2),
    read(handle) {
      const { port1, port2 } = new MessageChannel();
      expect(readsHandle(port2)).toBe(true);
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        port1.postMessage(handle);
      });
    },
  };
}

async function handleOf(name: string): Promise<FileSystemFileHandle> {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle(name, { create: true });
  const stream = await handle.createWritable();
  await stream.write("picture");
  await stream.close();
  return handle;
}

afterEach(async () => {
  const folder = await navigator.storage.getDirectory();
  for await (const name of folder.keys()) await folder.removeEntry(name);
});

describe("the file of a handle", () => {
  it("is held if it may be a picture, and answered protected", async () => {
    const reader = await createReader(false);
    const answer = reader.read(await handleOf("16.png"));
    await expect.poll(() => reader.choices).toHaveLength(1);
    expect(latest(reader).files.map(describeFile)).toEqual(["original 16.png"]);
    deliver(latest(reader));
    expect(describeFile((await answer).file as File)).toBe("protected 16.png");
  });

  it("is refused as by the browser's dialog when the person cancels", async () => {
    const reader = await createReader(false);
    const answer = reader.read(await handleOf("16.png"));
    await expect.poll(() => reader.choices).toHaveLength(1);
    latest(reader).cancel();
    expect(await answer).toEqual({ name: "AbortError", message: "The user aborted a request." });
  });

  it("is answered as it is if it is no picture", async () => {
    const reader = await createReader(false);
    const { file } = await reader.read(await handleOf("README.md"));
    expect(file && describeFile(file)).toBe("original README.md");
    expect(reader.choices).toEqual([]);
  });

  it("is answered as it is in the page's private file system", async () => {
    const reader = await createReader(true);
    const { file } = await reader.read(await handleOf("16.png"));
    expect(file && describeFile(file)).toBe("original 16.png");
    expect(reader.choices).toEqual([]);
  });

  it("that is gone is answered by the browser's own error", async () => {
    const reader = await createReader(false);
    const handle = await handleOf("16.png");
    await (await navigator.storage.getDirectory()).removeEntry("16.png");
    const answer = await reader.read(handle);
    expect(answer.file).toBeUndefined();
    expect(answer.name).toBe("NotFoundError");
  });

  it("is left to the page where the site is off", async () => {
    expect((await createReader(false, false)).takesOver()).toBe(false);
    expect((await createReader(false)).takesOver()).toBe(true);
  });
});
