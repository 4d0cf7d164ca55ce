/** What a person can decide in the panel while a picture is being protected, and after a page took no notice of it. */
import type { Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../scripts/lib/upload-server.ts";
import { ENDLESS, FEW_STEPS, useChromium } from "../support/bench.ts";
import type { ExtensionGlobal } from "../support/chromium.ts";
import { stylesOfPanel, viewPanel } from "../support/chromium-panel.ts";
import { choose, drop } from "../support/gestures.ts";
import type { PanelView } from "../support/panel.ts";
import type { Sample } from "../support/samples.ts";
import { buttons, changing, covered, refused, savedNote } from "../support/words.ts";

const bench = useChromium();

let page: Page;
let panel: PanelView;

async function open(path: string): Promise<void> {
  page = await bench.open(path);
  panel = await viewPanel(page);
}

beforeEach(() => bench.extension.change({ steps: FEW_STEPS, sites: {} }));
afterEach(() => page.close());

/** Chooses pictures and begins a work that will not end by itself for long. */
async function begin(...chosen: Sample[]): Promise<void> {
  await bench.extension.change({ steps: ENDLESS });
  await choose(page, "#photos", ...chosen);
  await panel.waitFor(changing);
  await bench.extension.change({ steps: FEW_STEPS });
}

const arrived = async () =>
  (await bench.server.nextUpload())
    .filter(({ field }) => field === "photo")
    .map(({ name, sha256 }) => [name, sha256]);

describe("while pictures are being protected", () => {
  test("“Not this time” sends them as they are, and the next ones are protected", async () => {
    await open("hostile.html");
    const chosen = [await bench.samples.photo("one.jpg"), await bench.samples.png("two.png")];
    await begin(...chosen);
    await panel.press(buttons.notThisTime);
    expect(await arrived()).toEqual(chosen.map(({ name, sha256 }) => [name, sha256]));
    await panel.waitUntilGone();
    const next = await bench.samples.photo("next.jpg");
    await choose(page, "#photos", next);
    expect(await arrived()).not.toEqual([[next.name, next.sha256]]);
  });

  test("“Not on this site” also lets the next ones through, on this site only and without loading it again", async () => {
    await open("hostile.html");
    const chosen = await bench.samples.photo("one.jpg");
    await begin(chosen);
    await panel.press(buttons.notOnThisSite);
    expect(await arrived()).toEqual([[chosen.name, chosen.sha256]]);
    const sites = () =>
      bench.extension.inWorker(async () => {
        const { settings } = await (globalThis as unknown as ExtensionGlobal).chrome.storage.local.get(
          "settings",
        );
        return (settings as { sites: object }).sites;
      });
    await expect.poll(sites).toEqual({ localhost: false });
    const next = await bench.samples.photo("next.jpg");
    await choose(page, "#photos", next);
    expect(await arrived()).toEqual([[next.name, next.sha256]]);
    await page.goto(`${bench.server.otherUrl}hostile.html`);
    const elsewhere = await bench.samples.photo("elsewhere.jpg");
    await choose(page, "#photos", elsewhere);
    expect(await arrived()).not.toEqual([[elsewhere.name, elsewhere.sha256]]);
  });

  test("a press counts only on a button in plain sight", async () => {
    await open("hostile.html");
    const before = bench.server.uploads.length;
    await page.addScriptTag({ content: COVER });
    await begin(await bench.samples.photo());
    await page.evaluate(() => (window as unknown as { cover(): void }).cover());
    await panel.press(buttons.notThisTime, 0);
    await panel.waitFor(covered);
    await panel.press(buttons.notOnThisSite, 0);
    await page.waitForTimeout(500);
    expect(bench.server.uploads.length).toBe(before);
    await page.evaluate(() => (window as unknown as { uncover(): void }).uncover());
    await panel.press(buttons.notThisTime);
    expect(await arrived()).toHaveLength(1);
  });

  test("a page cannot make the panel transparent, move it or shrink it", async () => {
    await open("hostile.html");
    await begin(await bench.samples.photo());
    // Once it has slid in.
    await page.waitForTimeout(500);
    const box = await panel.box();
    await page.evaluate(() => {
      const host = document.documentElement.lastElementChild as HTMLElement;
      for (const [property, value] of Object.entries({
        opacity: "0",
        filter: "opacity(0)",
        transform: "scale(0.01)",
        "clip-path": "circle(0)",
        visibility: "hidden",
        display: "none",
        inset: "0",
        "--ink": "transparent",
      }))
        host.style.setProperty(property, value, "important");
      host.animate({ opacity: [0, 0] }, { duration: 1e6 });
    });
    await page.waitForTimeout(200);
    expect(await panel.box()).toEqual(box);
    expect(await stylesOfPanel(page)).toEqual({
      opacity: "1",
      filter: "none",
      transform: "none",
      visibility: "visible",
    });
    await panel.press(buttons.cancel);
    await panel.waitUntilGone();
  });
});

describe("a page that only takes what a person does by hand", () => {
  test("and leaves our drop alone: the panel says so, saves the picture, and a drop of that file passes as it is", async () => {
    await open("by-hand.html");
    const before = bench.server.uploads.length;
    await drop(page, "#zone", [(await bench.samples.png()).path]);
    expect(await panel.waitFor(refused.title)).toContain(refused.text);
    expect(bench.server.uploads.length).toBe(before);
    const [download] = await Promise.all([page.waitForEvent("download"), panel.press(buttons.save)]);
    expect(download.suggestedFilename()).toBe("drawing-protected.png");
    await panel.waitFor(savedNote);
    const saved = await bench.samples.keep(download);
    await drop(page, "#zone", [saved.path]);
    const [file] = await bench.server.nextUpload();
    expect([file?.name, file?.sha256]).toEqual([saved.name, saved.sha256]);
    await panel.press(buttons.close);
    await panel.waitUntilGone();
  });

  test("and ignores our choice: the person can say so, and chooses the saved file", async () => {
    await open("by-hand.html");
    const chosen = await bench.samples.photo();
    await choose(page, "#photo", chosen);
    await panel.waitFor(buttons.notTaken);
    const [download] = await Promise.all([page.waitForEvent("download"), panel.press(buttons.notTaken)]);
    const saved = await bench.samples.keep(download);
    expect(saved.name).toBe("goldfish-protected.jpg");
    expect(saved.sha256).not.toBe(chosen.sha256);
    await choose(page, "#photo", saved);
    const [file] = await bench.server.nextUpload();
    expect(file?.sha256).toBe(sha256(saved.bytes));
  });
});

/** A sheet over the whole page, the panel included, through which clicks fall. */
const COVER = `
  const sheet = Object.assign(document.createElement("div"), { popover: "manual" });
  sheet.style.cssText = "inset:0;width:100vw;height:100vh;border:0;background:#fff;pointer-events:none";
  let covering;
  window.cover = () => {
    document.body.append(sheet);
    covering = setInterval(() => {
      sheet.hidePopover();
      sheet.showPopover();
    }, 50);
  };
  window.uncover = () => {
    clearInterval(covering);
    sheet.remove();
  };`;
