/** "Protect this image": a protected copy of a picture on a page is downloaded. The menu itself is the browser's own. */

import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { sha256 } from "../../scripts/lib/upload-server.ts";
import { sniff } from "../../src/core/codecs/index.ts";
import { useChromium } from "../support/bench.ts";
import type { ExtensionGlobal } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import type { PanelView } from "../support/panel.ts";
import type { Sample } from "../support/samples.ts";
import { buttons, copySaved, failed, figure } from "../support/words.ts";

let picture: Sample;
let page: Page;
let panel: PanelView;

const bench = useChromium();

beforeAll(async () => {
  picture = await bench.samples.photo();
  bench.server.publish("/pictures/sunrise%20at%20sea.jpg", "image/jpeg", picture.bytes);
  bench.server.publish(
    "/pictures/page.jpg",
    "image/jpeg",
    new TextEncoder().encode("<p>Sign in to see this.</p>"),
  );
});

beforeEach(async () => {
  page = await bench.open("gallery.html");
  await page.waitForFunction(() =>
    document.querySelector<HTMLImageElement>("#blob")?.src.startsWith("blob:"),
  );
  panel = await viewPanel(page);
});

/** Tells the background of a click on the menu item, as the browser does. */
async function useMenu(srcUrl: string): Promise<void> {
  await bench.extension.inWorker(
    async ({ srcUrl, pageUrl }) => {
      const { tabs, contextMenus } = (globalThis as unknown as ExtensionGlobal).chrome;
      const [tab] = await tabs.query({ active: true, lastFocusedWindow: true });
      contextMenus.onClicked.dispatch({ menuItemId: "protect-image", srcUrl, pageUrl, frameId: 0 }, tab);
    },
    { srcUrl, pageUrl: page.url() },
  );
}

test.each([
  [
    "of the page's own site",
    () => `${bench.server.url}pictures/sunrise%20at%20sea.jpg?size=large`,
    "sunrise at sea-protected.jpg",
  ],
  [
    "of another site",
    () => `${bench.server.otherUrl}pictures/sunrise%20at%20sea.jpg`,
    "sunrise at sea-protected.jpg",
  ],
  [
    "made by the page",
    () => page.evaluate(() => document.querySelector<HTMLImageElement>("#blob")?.src ?? ""),
    "picture-protected.jpg",
  ],
  [
    "in its address",
    () => `data:image/jpeg;base64,${Buffer.from(picture.bytes).toString("base64")}`,
    "picture-protected.jpg",
  ],
])("a picture %s is saved protected", async (_, url, name) => {
  const coming = page.waitForEvent("download");
  await useMenu(await url());
  const download = await coming;
  expect(download.suggestedFilename()).toBe(name);
  const bytes = await readFile(await download.path());
  expect(sha256(bytes)).not.toBe(picture.sha256);
  expect(sniff(new Uint8Array(bytes)).type).toBe("image/jpeg");
  expect(await panel.waitFor(copySaved)).toMatch(figure);
});

test.each([
  ["full-chroma.avif", "image/avif", "sunset-protected.avif"],
  ["few.gif", "image/png", "sunset-protected.png"],
])("a copy of %s is a %s, and called %s", async (fixture, type, name) => {
  const { bytes } = await bench.samples.fixture(fixture);
  const address = `/pictures/sunset.${fixture.split(".")[1]}`;
  bench.server.publish(address, "image/x-any", bytes);
  const coming = page.waitForEvent("download");
  await useMenu(`${bench.server.url}${address.slice(1)}`);
  const download = await coming;
  expect(download.suggestedFilename()).toBe(name);
  expect(sniff(new Uint8Array(await readFile(await download.path()))).type).toBe(type);
});

test("what is not a picture, or not there, is said and can be tried again", async () => {
  await useMenu(`${bench.server.otherUrl}pictures/page.jpg`);
  const words = await panel.waitFor(failed);
  // There is no original to send here.
  expect(words).not.toMatch(/original/);
  await panel.press(buttons.cancel);
  await panel.waitUntilGone();

  await useMenu(`${bench.server.otherUrl}pictures/later.jpg`);
  await panel.waitFor(/error 404/);
  bench.server.publish("/pictures/later.jpg", "image/jpeg", picture.bytes);
  const coming = page.waitForEvent("download");
  await panel.press(buttons.retry);
  expect((await coming).suggestedFilename()).toBe("later-protected.jpg");
});
