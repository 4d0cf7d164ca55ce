/** People do other things while a picture is being protected: they go elsewhere, come back, close tabs, choose in two places. */
import type { Frame, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Status } from "../../src/bridge/status.ts";
import { ENDLESS, FEW_STEPS, useChromium } from "../support/bench.ts";
import type { ExtensionGlobal } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { choose } from "../support/gestures.ts";
import { changing } from "../support/words.ts";

const bench = useChromium();
let page: Page;

beforeEach(() => bench.extension.change({ steps: FEW_STEPS }));
afterEach(() => page.close());

const status = () =>
  bench.extension.inWorker(async () => {
    const { session } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
    return ((await session.get("status")).status ?? { running: [] }) as Status;
  });

/** Chooses a picture whose work does not end by itself for long. */
async function begin(from: Page, selector: string): Promise<void> {
  await bench.extension.change({ steps: ENDLESS });
  await choose(from, selector, await bench.samples.photo());
  await (await viewPanel(from)).waitFor(changing);
  await bench.extension.change({ steps: FEW_STEPS });
}

const show = (from: Page, view: string) =>
  from.evaluate((name) => (window as unknown as { show(view: string): void }).show(name), view);
const heard = (from: Page) => from.evaluate(() => (window as unknown as { heard: string[] }).heard);

describe("in the middle of the work", () => {
  test("a page shows another view: what it made of the first input hears of the choice, and the new one works", async () => {
    page = await bench.open("views.html");
    const chosen = await bench.samples.photo();
    await choose(page, "#first", chosen);
    await show(page, "two");
    const [, first] = await bench.server.nextUpload();
    expect(first?.sha256).not.toBe(chosen.sha256);
    await choose(page, "#first", await bench.samples.png());
    const [input, second] = await bench.server.nextUpload();
    expect(new TextDecoder().decode(input?.bytes)).toBe("two first");
    expect(second?.name).toBe("drawing.png");
    expect(await heard(page)).toEqual(["one first", "two first"]);
  });

  test("its tab is closed: the work ends with it, and another tab's goes on", async () => {
    page = await bench.open("hostile.html");
    const other = await bench.open("hostile.html");
    await begin(other, "#photos");
    const chosen = await bench.samples.png();
    await choose(page, "#photos", chosen);
    await expect.poll(async () => (await status()).running.length).toBe(2);
    await other.close();
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("drawing.png");
    expect(file?.sha256).not.toBe(chosen.sha256);
    await expect.poll(async () => (await status()).running).toEqual([]);
  });

  test("the page is left and comes back as it was: the choice is gone, and it can be used again", async () => {
    page = await bench.open("views.html");
    const before = bench.server.uploads.length;
    await begin(page, "#first");
    await page.goto(`${bench.server.url}form.html`);
    // What comes back is not loaded again.
    await page.goBack({ waitUntil: "commit" });
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { restored: boolean }).restored))
      .toBe(true);
    await (await viewPanel(page)).waitUntilGone();
    expect(bench.server.uploads.length).toBe(before);
    const chosen = await bench.samples.photo("again.jpg");
    await choose(page, "#first", chosen);
    const [, file] = await bench.server.nextUpload();
    expect(file?.name).toBe("again.jpg");
    expect(file?.sha256).not.toBe(chosen.sha256);
    expect(await heard(page)).toEqual(["one first"]);
  });

  test("another input is used: each gets its own files, once", async () => {
    page = await bench.open("views.html");
    const chosen = [await bench.samples.photo(), await bench.samples.png(), await bench.samples.text()];
    const [photo, drawing, notes] = chosen;
    if (!photo || !drawing || !notes) throw new Error("three files are needed");
    await choose(page, "#first", photo);
    await choose(page, "#second", drawing, notes);
    const arrived = [await bench.server.nextUpload(), await bench.server.nextUpload()];
    expect(
      arrived.map(([input, ...files]) => [input?.bytes.length, ...files.map(({ name }) => name)]),
    ).toEqual([
      ["one first".length, "goldfish.jpg"],
      ["one second".length, "drawing.png", "notes.txt"],
    ]);
    const hashes = arrived.flat().map(({ sha256 }) => sha256);
    expect(hashes).not.toContain(photo.sha256);
    expect(hashes).not.toContain(drawing.sha256);
    expect(hashes).toContain(notes.sha256);
    expect(await heard(page)).toEqual(["one first", "one second"]);
  });
});

describe("an input in a frame", () => {
  test.each(["cross-origin", "blob"])(
    "of kind %s is protected, and its page never sees the original",
    async (kind) => {
      page = await bench.open(`frames.html?${new URLSearchParams({ kind, other: bench.server.otherUrl })}`);
      const input = page.frameLocator("iframe").locator("#photos");
      await input.waitFor();
      const frame = page.frames().find((one) => one !== page.mainFrame()) as Frame;
      const chosen = await bench.samples.png();
      await input.setInputFiles(chosen.path);
      const [file] = await bench.server.nextUpload();
      expect(file?.name).toBe("drawing.png");
      expect(file?.sha256).not.toBe(chosen.sha256);
      await frame.waitForFunction(
        () => (window as unknown as { witness: { reads: number } }).witness.reads === 0,
      );
      const hashes = await frame.evaluate(() =>
        Object.keys((window as unknown as { witness: { hashes: object } }).witness.hashes),
      );
      expect(hashes).toEqual([file?.sha256]);
    },
  );
});
