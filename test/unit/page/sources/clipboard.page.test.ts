import { describe, expect, it } from "vitest";
import type { ClipboardAnswer, Failure } from "../../../../src/bridge/page-channel.ts";
import type { dispatchPaste } from "../../../../src/page/sources/clipboard.ts";
import { createTestContext, latest, type TestContext } from "../support/context.ts";
import { openPage, type TestPage } from "../support/page.ts";

interface Reader extends TestPage, TestContext {
  /** Asks for the clipboard, as the hooks in the page's world do. */
  read(): Promise<Partial<ClipboardAnswer & Failure>>;
  readonly dispatchPaste: typeof dispatchPaste;
  /** Whether a call would be answered here. */
  takesOver(): boolean;
}

/** @param forms what is on the clipboard, by type; the browser's own is read in as-without.test.ts */
async function createReader(forms: Readonly<Record<string, string>>, on = true): Promise<Reader> {
  const page = openPage();
  const context = await createTestContext(page, on);
  const { createClipboardReader, dispatchPaste } = await page.load<
    typeof import("../../../../src/page/sources/clipboard.ts")
  >("/src/page/sources/clipboard.ts");
  const readsClipboard = createClipboardReader(context.context);
  const blobs = Object.entries(forms).map(([type, text]) => [type, new Blob([text], { type })]);
  Object.defineProperty(page.window.navigator.clipboard, "read", {
    value: async () => [new ClipboardItem(Object.fromEntries(blobs))],
  });
  return {
    ...page,
    ...context,
    dispatchPaste,
    takesOver: () => readsClipboard(new MessageChannel().port2),
    read() {
      const { port1, port2 } = new MessageChannel();
      expect(readsClipboard(port2)).toBe(true);
      return new Promise((resolve) => {
        port1.onmessage = ({ data }) => resolve(data);
        port1.postMessage(undefined);
      });
    },
  };
}

const textOf = (answer: Partial<ClipboardAnswer>, type: string) =>
  answer.items?.[0]?.find(([form]) => form === type)?.[1].text();

const html = `<p>words</p><img src="data:image/png;base64,${btoa("original")}">`;

describe("the clipboard that a page reads", () => {
  it("is answered at once where there is no picture", async () => {
    const reader = await createReader({ "text/plain": "words" });
    expect(await textOf(await reader.read(), "text/plain")).toBe("words");
    expect(reader.choices).toEqual([]);
  });

  it("is held as long as there is one, and comes with another in its place", async () => {
    const reader = await createReader({ "text/plain": "words", "text/html": html });
    const answer = reader.read();
    await expect.poll(() => reader.choices.length).toBe(1);
    expect(latest(reader).files.map(({ type }) => type)).toEqual(["image/png"]);
    await latest(reader).deliver([new File(["protected"], "picture.png", { type: "image/png" })]);
    const text = await textOf(await answer, "text/html");
    expect(text).toContain(btoa("protected"));
    expect(text).not.toContain(btoa("original"));
    expect(await textOf(await answer, "text/plain")).toBe("words");
  });

  it("is what is pasted while a paste of ours comes, without another question", async () => {
    const reader = await createReader({ "text/html": html });
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "words");
    clipboardData.setData("text/rtf", "{}");
    clipboardData.items.add(new File(["protected"], "image.png", { type: "image/png" }));
    let answer: ReturnType<Reader["read"]> | undefined;
    const { document } = reader.window;
    document.addEventListener("paste", () => {
      answer = reader.read();
    });
    reader.dispatchPaste(document, new ClipboardEvent("paste", { clipboardData }));
    const { items = [] } = (await answer) ?? {};
    expect(items.flat().map(([type]) => type)).toEqual(["text/plain", "image/png"]);
    expect(await textOf({ items }, "image/png")).toBe("protected");
    // As without the extension, it is no file with a name.
    expect(items[0]?.[1]?.[1]).not.toBeInstanceOf(File);
    expect(reader.choices).toEqual([]);
    void reader.read();
    await expect.poll(() => reader.choices.length).toBe(1);
  });

  it("that the person keeps is answered by the browser's own error", async () => {
    const reader = await createReader({ "text/html": html });
    const answer = reader.read();
    await expect.poll(() => reader.choices.length).toBe(1);
    latest(reader).cancel();
    expect((await answer).name).toBe("NotAllowedError");
  });

  it("is left to the page where the site is off", async () => {
    expect((await createReader({}, false)).takesOver()).toBe(false);
  });
});
