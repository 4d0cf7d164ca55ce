/** Drops and pastes of a person: the browser makes the events itself, from files on the disk and from the clipboard. */

import type { BrowserContext, Frame, Page } from "playwright-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { BUDGETS } from "../../src/core/contract/protection-request.ts";
import { useBench } from "../support/bench.ts";
import { copyPicture, drop } from "../support/gestures.ts";
import { FEW_STEPS, type Witness, witnessOf } from "../support/harness.ts";
import { type PanelView, viewPanel } from "../support/panel.ts";
import type { Sample } from "../support/samples.ts";
import { maxDifference } from "../unit/core/codecs/pictures.ts";

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

let page: Page;
let panel: PanelView;

const bench = useBench();

beforeEach(async () => {
  await bench.extension.change({ steps: FEW_STEPS, enabled: true });
  page = await open(bench.extension.context);
  panel = await viewPanel(page);
});

afterEach(async () => {
  await page.close();
});

const open = (context: BrowserContext) => bench.open("transfers.html", context);

/** What a page was told. How often something is over it is up to the browser's clock. */
async function transfersOf(from: Page): Promise<Transfer[]> {
  const all = await from.evaluate(() => (window as unknown as { transfers: Transfer[] }).transfers);
  return all.filter(({ type }, i) => type !== "dragover" || all[i - 1]?.type !== type);
}

async function expectOnly(hashes: readonly string[]): Promise<void> {
  expect(Object.keys((await witnessOf(page)).hashes).sort()).toEqual([...hashes].sort());
}

describe("files that are dropped", () => {
  test("on a page arrive protected, in their order, by one event at the same place", async () => {
    const chosen = [await bench.samples.photo(), await bench.samples.text(), await bench.samples.png()];
    const paths = chosen.map(({ path }) => path);
    await drop(page, "#zone", paths, "with a word");
    const received = await bench.server.nextUpload();
    expect(received.map(({ name, type }) => [name, type])).toEqual([
      ["goldfish.jpg", "image/jpeg"],
      ["notes.txt", "text/plain"],
      ["drawing.png", "image/png"],
    ]);
    expect(received[1]?.sha256).toBe(chosen[1]?.sha256);
    for (const i of [0, 2]) expect(received[i]?.sha256).not.toBe(chosen[i]?.sha256);
    await expectOnly(received.map(({ sha256 }) => sha256));

    const without = await open(bench.plain);
    await drop(without, "#zone", paths, "with a word");
    await bench.server.nextUpload();
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
    const chosen = [await bench.samples.png(), await bench.samples.photo()].slice(0, count);
    await drop(
      page,
      selector,
      chosen.map(({ path }) => path),
    );
    const received = await bench.server.nextUpload();
    expect(received.map(({ name }) => name)).toEqual(chosen.map(({ name }) => name));
    for (const { sha256 } of received) expect(chosen.map((sample) => sample.sha256)).not.toContain(sha256);
    const { hashes } = await witnessOf(page);
    for (const { sha256 } of chosen) expect(hashes).not.toHaveProperty(sha256);
  });

  test("in a closed shadow root reach what is in there", async () => {
    const chosen = await bench.samples.photo();
    await drop(page, "#host", [chosen.path]);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("goldfish.jpg");
    await expectOnly([file?.sha256 ?? ""]);
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test.each(["cross-origin", "blob"])("in a frame of kind %s reach its page protected", async (kind) => {
    await page.goto(
      `${bench.server.url}frames.html?${new URLSearchParams({ kind, page: "transfers.html", other: bench.server.otherUrl })}`,
    );
    const zone = page.frameLocator("iframe").locator("#zone");
    await zone.waitFor();
    const frame = page.frames().find((one) => one !== page.mainFrame()) as Frame;
    const chosen = await bench.samples.photo();
    await drop(page, zone, [chosen.path]);
    const [file] = await bench.server.nextUpload();
    expect(file?.name).toBe("goldfish.jpg");
    expect(file?.sha256).not.toBe(chosen.sha256);
    await frame.waitForFunction(
      () => (window as unknown as { witness: Witness & { reads: number } }).witness.reads === 0,
    );
    const hashes = await frame.evaluate(() =>
      Object.keys((window as unknown as { witness: Witness }).witness.hashes),
    );
    expect(hashes).toEqual([file?.sha256]);
  });

  test("can be called off: the page hears that nothing is over it any more", async () => {
    await bench.extension.change({ steps: 1000 });
    const before = bench.server.uploads.length;
    await drop(page, "#zone", [(await bench.samples.photo()).path]);
    await panel.waitFor(/Protecting/);
    await panel.press("Cancel");
    await panel.waitUntilGone();
    const transfers = await transfersOf(page);
    expect(transfers.map(({ type }) => type)).toEqual(["dragenter", "dragover", "dragleave"]);
    expect(bench.server.uploads.length).toBe(before);
    await expectOnly([]);
  });

  test("without a picture among them, or on a site that is switched off, pass as they are", async () => {
    const text = await bench.samples.text();
    await drop(page, "#zone", [text.path]);
    expect((await bench.server.nextUpload())[0]?.sha256).toBe(text.sha256);
    await bench.extension.change({ enabled: false });
    const photo = await bench.samples.photo();
    await expect
      .poll(async () => {
        await drop(page, "#zone", [photo.path]);
        return (await bench.server.nextUpload())[0]?.sha256;
      })
      .toBe(photo.sha256);
    const drops = (await transfersOf(page)).filter(({ type }) => type === "drop");
    expect(drops[0]?.trusted).toBe(true);
    expect(drops.at(-1)?.trusted).toBe(true);
  });
});

describe("a copied picture that is pasted", () => {
  const copy = (sample: Sample, text?: string) => copyPicture(page, bench.server, sample, text);

  test("arrives protected, with the words beside it", async () => {
    const chosen = await bench.samples.png();
    await copy(chosen, "a caption");
    await page.evaluate(() => Object.assign(window, { pasteTaken: true }));
    await page.focus("#inner");
    await page.keyboard.press("Control+V");
    const [file] = await bench.server.nextUpload();
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
    await copy(await bench.samples.png());
    await page.focus("#inner");
    await page.keyboard.press("Control+V");
    await page.waitForSelector("#inner img");
    await copy(await bench.samples.png(), "words");
    await page.focus("#words");
    await page.keyboard.press("Control+V");
    await expect.poll(() => page.inputValue("#words"), { timeout: 30_000 }).toBe("words");
  });

  test("on a site that is switched off is the person's own paste", async () => {
    await bench.extension.change({ enabled: false });
    await copy(await bench.samples.png());
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
