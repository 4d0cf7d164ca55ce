/** The switch for a site: off, a page is as without the extension; and it takes effect on pages that are open. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { useBench } from "../support/bench.ts";
import { choose } from "../support/harness.ts";
import { viewPanel } from "../support/panel.ts";
import type { Sample } from "../support/samples.ts";

const bench = useBench();

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

describe("a site that is switched off", () => {
  test("gets the same events in the same order and the same bytes as without the extension", async () => {
    await bench.extension.change({ sites: { localhost: false } });
    const chosen = [await bench.samples.photo(), await bench.samples.text(), await bench.samples.png()];
    const without = await useForm(await bench.plain.newPage(), chosen);
    const off = await useForm(await bench.extension.context.newPage(), chosen);
    expect(without.record.length).toBeGreaterThan(8);
    expect(off).toEqual(without);
    expect(off.changed).toBe(false);
    expect(off.received.map(([, , sha256]) => sha256)).toEqual(chosen.map(({ sha256 }) => sha256));
  });

  test("is protected at once when it is switched on, without loading the page again", async () => {
    await bench.extension.change({ sites: { localhost: false } });
    const page = await bench.open("hostile.html");
    // Under another name each time: to choose the same file again is no event.
    const upload = async (name: string) => {
      const chosen = await bench.samples.photo(name);
      await choose(page, "#photos", chosen);
      return (await bench.server.nextUpload())[0]?.sha256 === chosen.sha256 ? "original" : "protected";
    };
    expect(await upload("a.jpg")).toBe("original");
    await bench.extension.change({ sites: { localhost: true } });
    expect(await upload("b.jpg")).toBe("protected");
    await bench.extension.change({ enabled: false });
    expect(await upload("c.jpg")).toBe("original");
    await bench.extension.change({ enabled: true });
    expect(await upload("d.jpg")).toBe("protected");
  });

  test("leaves other sites alone", async () => {
    await bench.extension.change({ sites: { localhost: false } });
    const page = await bench.extension.context.newPage();
    await page.goto(`${bench.server.otherUrl}hostile.html`);
    const chosen = await bench.samples.photo();
    await choose(page, "#photos", chosen);
    expect((await bench.server.nextUpload())[0]?.sha256).not.toBe(chosen.sha256);
    await (await viewPanel(page)).waitUntilGone();
  });
});
