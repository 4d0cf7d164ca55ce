/** Drops and pastes of a person: the browser makes the events itself, from files on the disk and from the clipboard. */
import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { STRENGTHS } from "../../src/core/contract/protection-request.ts";
import { ENDLESS, useChromium } from "../support/bench.ts";
import type { Tab } from "../support/browser.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { drop } from "../support/gestures.ts";
import { expectOnly, witnessOf } from "../support/witness.ts";
import { buttons, working } from "../support/words.ts";
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

/** What a page was told. How often something is over it is up to the browser's clock. */
async function transfersOf(page: Pick<Tab, "evaluate"> | Page): Promise<Transfer[]> {
  const all = await (page as Tab).evaluate(() => (window as unknown as { transfers: Transfer[] }).transfers);
  return all.filter(({ type }, i) => type !== "dragover" || all[i - 1]?.type !== type);
}

inEachBrowser(
  (bench) => {
    let tab: Tab;
    beforeEach(async () => {
      tab = await bench.open("transfers.html");
    });

    describe("a drop of files", () => {
      // Of several files over an input for one, the browser makes no drop.
      test.each([
        ["#native", 1],
        ["#several", 2],
      ])("on the file input %s chooses the protected files in it", async (selector, count) => {
        const chosen = [await bench.samples.png(), await bench.samples.photo()].slice(0, count);
        await tab.drop(selector, chosen);
        const received = await bench.server.nextUpload();
        expect(received.map(({ name }) => name)).toEqual(chosen.map(({ name }) => name));
        for (const { sha256 } of received)
          expect(chosen.map((sample) => sample.sha256)).not.toContain(sha256);
        const { hashes } = await witnessOf(tab);
        for (const { sha256 } of chosen) expect(hashes).not.toHaveProperty(sha256);
      });

      test("in a closed shadow root reaches what is in there, protected", async () => {
        const chosen = await bench.samples.photo();
        await tab.drop("#host", [chosen]);
        const received = await bench.server.nextUpload();
        expect(received.map(({ name }) => name)).toEqual(["goldfish.jpg"]);
        await expectOnly(tab, received, [chosen]);
      });

      test.each(["cross-origin", "blob"])(
        "in a frame of kind %s reaches its page protected",
        async (kind) => {
          const query = { kind, page: "transfers.html", other: bench.server.otherUrl };
          await tab.goto(`${bench.server.url}frames.html?${new URLSearchParams(query)}`);
          const frame = await tab.frame();
          const isReady = () =>
            document.readyState === "complete" && document.querySelector("#zone") !== null;
          await expect.poll(() => frame.evaluate(isReady)).toBe(true);
          const chosen = await bench.samples.photo();
          await frame.drop("#zone", [chosen]);
          const received = await bench.server.nextUpload();
          expect(received.map(({ name }) => name)).toEqual(["goldfish.jpg"]);
          await expectOnly(frame, received, [chosen]);
        },
      );

      test("can be cancelled: the page hears that nothing is over it any more", async () => {
        await bench.browser.change({ steps: ENDLESS });
        const before = bench.server.uploads.length;
        const chosen = await bench.samples.photo();
        await tab.drop("#zone", [chosen]);
        await tab.panel.waitFor(working(chosen.name));
        await tab.panel.press(buttons.cancel);
        await tab.panel.waitUntilGone();
        const transfers = await transfersOf(tab);
        expect(transfers.map(({ type }) => type)).toEqual(["dragenter", "dragover", "dragleave"]);
        expect(bench.server.uploads.length).toBe(before);
        expect((await witnessOf(tab)).hashes).toEqual({});
      });

      test("without a picture among them, or on a site that is switched off, passes as it is", async () => {
        const text = await bench.samples.text();
        await tab.drop("#zone", [text]);
        expect((await bench.server.nextUpload())[0]?.sha256).toBe(text.sha256);
        await bench.browser.change({ enabled: false });
        const photo = await bench.samples.photo();
        await expect
          .poll(async () => {
            await tab.drop("#zone", [photo]);
            return (await bench.server.nextUpload())[0]?.sha256;
          })
          .toBe(photo.sha256);
        const drops = (await transfersOf(tab)).filter(({ type }) => type === "drop");
        expect(drops[0]?.trusted).toBe(true);
        expect(drops.at(-1)?.trusted).toBe(true);
      });
    });
  },
  { needs: ["drop"] },
);

inEachBrowser(
  (bench) => {
    let tab: Tab;
    beforeEach(async () => {
      tab = await bench.open("transfers.html");
    });
    const letThePageTakePastes = () => tab.evaluate(() => void Object.assign(window, { pasteTaken: true }));

    describe("a paste of a copied picture", () => {
      test("arrives protected, with the words beside it", async () => {
        const chosen = await bench.samples.png();
        await tab.copy(bench.server, { "image/png": chosen.bytes, "text/plain": "a caption" });
        await letThePageTakePastes();
        await tab.paste("#inner");
        const received = await bench.server.nextUpload();
        const [file] = received;
        if (!file) throw new Error("nothing arrived");
        // The browser writes copied pictures anew, so that it is their pixels that tell.
        const difference = maxDifference(
          await decode(chosen.bytes, sniff(chosen.bytes)),
          await decode(file.bytes, sniff(file.bytes)),
        );
        expect(difference).toBeGreaterThan(0);
        expect(difference).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
        await expectOnly(tab, received, [chosen]);
        const [event, ...others] = await transfersOf(tab);
        expect(others).toEqual([]);
        expect(event).toMatchObject({ type: "paste", target: "inner", trusted: false, text: "a caption" });
        expect(event?.files).toEqual([["image.png", "image/png"]]);
      });

      test("goes where the browser would have put it when the page leaves it to the browser", async () => {
        const { bytes } = await bench.samples.png();
        await tab.copy(bench.server, { "image/png": bytes });
        await tab.paste("#inner");
        await expect
          .poll(() => tab.evaluate(() => document.querySelectorAll("#inner img").length))
          .toBeGreaterThan(0);
        await tab.copy(bench.server, { "image/png": bytes, "text/plain": "words" });
        await tab.paste("#words");
        await expect
          .poll(() => tab.evaluate(() => document.querySelector<HTMLInputElement>("#words")?.value))
          .toBe("words");
      });

      test("is the person's own on a site that is switched off", async () => {
        await bench.browser.change({ enabled: false });
        await tab.copy(bench.server, { "image/png": (await bench.samples.png()).bytes });
        await letThePageTakePastes();
        await expect
          .poll(async () => {
            await tab.paste("#words");
            return (await transfersOf(tab)).at(-1)?.trusted;
          })
          .toBe(true);
      });
    });
  },
  { needs: ["paste"] },
);

describe("in Chromium, beside the same without the extension", () => {
  const bench = useChromium();

  test("a drop of files on a page arrives protected, in order, by one event at the same place", async () => {
    const chosen = [await bench.samples.photo(), await bench.samples.text(), await bench.samples.png()];
    const paths = chosen.map(({ path }) => path);
    const page = await bench.open("transfers.html");
    await drop(page, "#zone", paths, "with a word");
    const received = await bench.server.nextUpload();
    expect(received.map(({ name, type }) => [name, type])).toEqual([
      ["goldfish.jpg", "image/jpeg"],
      ["notes.txt", "text/plain"],
      ["drawing.png", "image/png"],
    ]);
    expect(received[1]?.sha256).toBe(chosen[1]?.sha256);
    for (const i of [0, 2]) expect(received[i]?.sha256).not.toBe(chosen[i]?.sha256);
    await expectOnly(
      page,
      received,
      chosen.filter((_, i) => i !== 1),
    );

    const without = await bench.open("transfers.html", bench.plain);
    await drop(without, "#zone", paths, "with a word");
    await bench.server.nextUpload();
    const untrusted = (transfers: Transfer[]) =>
      transfers.map((transfer) => ({ ...transfer, trusted: transfer.trusted && transfer.type !== "drop" }));
    expect((await transfersOf(page)).at(-1)?.trusted).toBe(false);
    expect(untrusted(await transfersOf(page))).toEqual(untrusted(await transfersOf(without)));
    await without.close();
    await page.close();
  });
});
