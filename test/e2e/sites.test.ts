/** The switch for a site: off, a page is as without the extension; and it takes effect on pages that are open. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { useChromium } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { choose } from "../support/gestures.ts";
import type { Sample } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";

inEachBrowser((bench) => {
  /** Chooses a picture, and says which file arrived. Under another name each time: to choose the same file again is no event. */
  async function upload(tab: Tab, name: string): Promise<"original" | "protected"> {
    const chosen = await bench.samples.photo(name);
    await tab.choose("#photos", chosen);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe(name);
    return file?.sha256 === chosen.sha256 ? "original" : "protected";
  }

  test("a site that is switched off gets the person's own events and files, and protected ones as soon as it is switched on", async () => {
    await bench.browser.change({ sites: { localhost: false } });
    const tab = await bench.open("hostile.html");
    expect(await upload(tab, "a.jpg")).toBe("original");
    const { events } = await witnessOf(tab);
    expect(events.length).toBeGreaterThan(0);
    for (const { trusted } of events) expect(trusted).toBe(true);
    await bench.browser.change({ sites: { localhost: true } });
    expect(await upload(tab, "b.jpg")).toBe("protected");
    await bench.browser.change({ enabled: false });
    expect(await upload(tab, "c.jpg")).toBe("original");
    await bench.browser.change({ enabled: true });
    expect(await upload(tab, "d.jpg")).toBe("protected");
  });

  test("a site that is switched off leaves other sites protected", async () => {
    await bench.browser.change({ sites: { localhost: false } });
    const tab = await bench.open("hostile.html");
    await tab.goto(`${bench.server.otherUrl}hostile.html`);
    expect(await upload(tab, "elsewhere.jpg")).toBe("protected");
    await tab.panel.waitUntilGone();
  });
});

describe("in Chromium, beside the same without the extension", () => {
  const bench = useChromium();

  /** Chooses files on the recording page and posts its form; what the page was told, and the hashes that arrived. */
  async function useForm(page: Page, chosen: readonly Sample[]) {
    await page.goto(`${bench.server.url}recorder.html`);
    const before = await page.evaluate(() => document.documentElement.outerHTML);
    await choose(page, "#photos", ...chosen);
    const record = await page.evaluate(() => (window as unknown as { record: unknown[] }).record);
    const after = await page.evaluate(() => document.documentElement.outerHTML);
    await page.click("#post");
    const received = await bench.server.nextUpload();
    return {
      record,
      changed: before !== after,
      received: received.map(({ name, type, sha256 }) => [name, type, sha256]),
    };
  }

  test("a site that is switched off gets the same events in the same order and the same bytes", async () => {
    await bench.extension.change({ sites: { localhost: false } });
    const chosen = [await bench.samples.photo(), await bench.samples.text(), await bench.samples.png()];
    const without = await useForm(await bench.plain.newPage(), chosen);
    const off = await useForm(await bench.extension.context.newPage(), chosen);
    expect(without.record.length).toBeGreaterThan(8);
    expect(off).toEqual(without);
    expect(off.changed).toBe(false);
    expect(off.received.map(([, , sha256]) => sha256)).toEqual(chosen.map(({ sha256 }) => sha256));
  });
});
