/** Drops and pastes of a person: the browser makes the events itself, from files on the disk and from the clipboard. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decode, sniff } from "../../src/codecs/index.ts";
import { BUDGETS } from "../../src/shared/settings.ts";
import { type PageServer, startPageServer } from "../pages/server.ts";
import { maxDifference } from "../unit/codecs/pictures.ts";
import { type Extension, FEW_STEPS, openExtension, openPlain, witnessOf } from "./harness.ts";
import { type PanelView, viewPanel } from "./panel.ts";
import { createSamples, type Sample, type Samples } from "./samples.ts";

interface Transfer {
  readonly type: string;
  readonly target: string;
  readonly trusted: boolean;
  readonly types: readonly string[];
  readonly items: readonly [string, string][];
  readonly text: string;
  readonly files: readonly [string, string][];
  readonly where: object;
}

const SHIFT = 8;

let extension: Extension;
let plain: BrowserContext;
let server: PageServer;
let samples: Samples;
let page: Page;
let panel: PanelView;

beforeAll(async () => {
  extension = await openExtension();
  plain = await openPlain();
  server = await startPageServer();
  samples = await createSamples();
});

afterAll(async () => {
  await extension?.close();
  await plain?.close();
  await server?.close();
  await samples?.remove();
});

beforeEach(async () => {
  await extension.change({ steps: FEW_STEPS, enabled: true });
  page = await open(extension.context);
  panel = await viewPanel(page);
});

afterEach(async () => {
  await page.close();
});

async function open(context: BrowserContext): Promise<Page> {
  const opened = await context.newPage();
  await opened.goto(`${server.url}transfers.html`);
  return opened;
}

/** What a page was told. How often something is over it is up to the browser's clock. */
async function transfersOf(from: Page): Promise<Transfer[]> {
  const all = await from.evaluate(() => (window as unknown as { transfers: Transfer[] }).transfers);
  return all.filter(({ type }, i) => type !== "dragover" || all[i - 1]?.type !== type);
}

/** Drags files and words over an element and lets them fall, with the shift key down. */
async function drop(onto: Page, selector: string, paths: readonly string[], text?: string): Promise<void> {
  const box = await onto.locator(selector).boundingBox();
  if (!box) throw new Error(`${selector} is not drawn`);
  const session = await onto.context().newCDPSession(onto);
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", {
      type,
      x: box.x + 40,
      y: box.y + 20,
      modifiers: SHIFT,
      data: {
        items: text === undefined ? [] : [{ mimeType: "text/plain", data: text }],
        files: [...paths],
        dragOperationsMask: 1,
      },
    });
}

async function expectOnly(hashes: readonly string[]): Promise<void> {
  expect(Object.keys((await witnessOf(page)).hashes).sort()).toEqual([...hashes].sort());
}

describe("files that are dropped", () => {
  test("on a page arrive protected, in their order, by one event at the same place", async () => {
    const chosen = [await samples.photo(), await samples.text(), await samples.png()];
    const paths = chosen.map(({ path }) => path);
    await drop(page, "#zone", paths, "with a word");
    const received = await server.nextUpload();
    expect(received.map(({ name, type }) => [name, type])).toEqual([
      ["goldfish.jpg", "image/jpeg"],
      ["notes.txt", "text/plain"],
      ["drawing.png", "image/png"],
    ]);
    expect(received[1]?.sha256).toBe(chosen[1]?.sha256);
    for (const i of [0, 2]) expect(received[i]?.sha256).not.toBe(chosen[i]?.sha256);
    await expectOnly(received.map(({ sha256 }) => sha256));

    const without = await open(plain);
    await drop(without, "#zone", paths, "with a word");
    await server.nextUpload();
    const untrusted = (transfers: Transfer[]) =>
      transfers.map((transfer) => ({ ...transfer, trusted: transfer.trusted && transfer.type !== "drop" }));
    expect((await transfersOf(page)).at(-1)?.trusted).toBe(false);
    expect(untrusted(await transfersOf(page))).toEqual(untrusted(await transfersOf(without)));
    await without.close();
  });

  // Of several files over an input for one, the browser makes no drop.
  test.each([
    ["#native", 1],
    ["#several", 2],
  ])("on the file input %s are chosen in it", async (selector, count) => {
    const chosen = [await samples.png(), await samples.photo()].slice(0, count);
    await drop(
      page,
      selector,
      chosen.map(({ path }) => path),
    );
    const received = await server.nextUpload();
    expect(received.map(({ name }) => name)).toEqual(chosen.map(({ name }) => name));
    for (const { sha256 } of received) expect(chosen.map((sample) => sample.sha256)).not.toContain(sha256);
    const { hashes } = await witnessOf(page);
    for (const { sha256 } of chosen) expect(hashes).not.toHaveProperty(sha256);
  });

  test("in a closed shadow root reach what is in there", async () => {
    const chosen = await samples.photo();
    await drop(page, "#host", [chosen.path]);
    const [file] = await server.nextUpload();
    expect(file?.name).toBe("goldfish.jpg");
    await expectOnly([file?.sha256 ?? ""]);
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("as a folder arrive as the files in it, the pictures protected", async () => {
    const folder = join(dirname((await samples.text()).path), "holiday");
    await mkdir(join(folder, "inner"), { recursive: true });
    const picture = await samples.photo("holiday/inner/fish.jpg");
    const words = await samples.text("holiday/words.txt");
    await drop(page, "#zone", [folder]);
    const received = await server.nextUpload();
    expect(received.map(({ name }) => name).sort()).toEqual(["fish.jpg", "words.txt"]);
    expect(received.find(({ name }) => name === "words.txt")?.sha256).toBe(words.sha256);
    await expectOnly(received.map(({ sha256 }) => sha256));
    expect(received.map(({ sha256 }) => sha256)).not.toContain(picture.sha256);
  });

  test("can be called off: the page hears that nothing is over it any more", async () => {
    await extension.change({ steps: 1000 });
    const before = server.uploads.length;
    await drop(page, "#zone", [(await samples.photo()).path]);
    await panel.waitFor(/Protecting/);
    await panel.press("Cancel");
    await panel.waitUntilGone();
    const transfers = await transfersOf(page);
    expect(transfers.map(({ type }) => type)).toEqual(["dragenter", "dragover", "dragleave"]);
    expect(server.uploads.length).toBe(before);
    await expectOnly([]);
  });

  test("without a picture among them, or on a site that is switched off, pass as they are", async () => {
    const text = await samples.text();
    await drop(page, "#zone", [text.path]);
    expect((await server.nextUpload())[0]?.sha256).toBe(text.sha256);
    await extension.change({ enabled: false });
    const photo = await samples.photo();
    await expect
      .poll(async () => {
        await drop(page, "#zone", [photo.path]);
        return (await server.nextUpload())[0]?.sha256;
      })
      .toBe(photo.sha256);
    const drops = (await transfersOf(page)).filter(({ type }) => type === "drop");
    expect(drops[0]?.trusted).toBe(true);
    expect(drops.at(-1)?.trusted).toBe(true);
  });
});

describe("a copied picture that is pasted", () => {
  /** Copies a picture, and words with it, on another page, and comes back. */
  async function copy(sample: Sample, text?: string): Promise<void> {
    server.publish("/copied.png", "image/png", sample.bytes);
    const source = await extension.context.newPage();
    await extension.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await source.goto(`${server.otherUrl}gallery.html`);
    await source.bringToFront();
    await source.evaluate(async (words) => {
      const picture = await (await fetch("/copied.png")).blob();
      const items: Record<string, Blob> = { "image/png": picture };
      if (words !== undefined) items["text/plain"] = new Blob([words], { type: "text/plain" });
      await navigator.clipboard.write([new ClipboardItem(items)]);
    }, text);
    await source.close();
    await page.bringToFront();
  }

  test("arrives protected, with the words beside it", async () => {
    const chosen = await samples.png();
    await copy(chosen, "a caption");
    await page.evaluate(() => Object.assign(window, { pasteTaken: true }));
    await page.focus("#inner");
    await page.keyboard.press("Control+V");
    const [file] = await server.nextUpload();
    if (!file) throw new Error("nothing arrived");
    // The browser writes copied pictures anew, so that it is their pixels that tell.
    const difference = maxDifference(
      await decode(chosen.bytes, sniff(chosen.bytes)),
      await decode(file.bytes, sniff(file.bytes)),
    );
    expect(difference).toBeGreaterThan(0);
    expect(difference).toBeLessThanOrEqual(BUDGETS.balanced);
    await expectOnly([file.sha256]);
    const [event, ...others] = await transfersOf(page);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: "paste", target: "inner", trusted: false, text: "a caption" });
    expect(event?.files).toEqual([["image.png", "image/png"]]);
  });

  test("goes where the browser would have put it when the page leaves it to the browser", async () => {
    await copy(await samples.png());
    await page.focus("#inner");
    await page.keyboard.press("Control+V");
    await page.waitForSelector("#inner img");
    await copy(await samples.png(), "words");
    await page.focus("#words");
    await page.keyboard.press("Control+V");
    await expect.poll(() => page.inputValue("#words"), { timeout: 30_000 }).toBe("words");
  });

  test("on a site that is switched off is the person's own paste", async () => {
    await extension.change({ enabled: false });
    await copy(await samples.png());
    await page.evaluate(() => Object.assign(window, { pasteTaken: true }));
    await page.focus("#words");
    await expect
      .poll(async () => {
        await page.keyboard.press("Control+V");
        return (await transfersOf(page)).at(-1)?.trusted;
      })
      .toBe(true);
  });
});
