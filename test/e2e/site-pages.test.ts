/** Pages built as the upload forms of known sites are, as far as that is known: what each server gets, in each way of its site. */

import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { ReceivedPart } from "../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import { useChromium } from "../support/bench.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { choose, copyPicture, drop } from "../support/gestures.ts";
import type { Sample } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";
import { buttons } from "../support/words.ts";
import { meanDifference } from "../unit/core/codecs/pictures.ts";

interface Site {
  /** What is pressed first, in order. */
  readonly open?: readonly string[];
  /** What is pressed until the file dialog opens; several where the site has several inputs. */
  readonly choose?: readonly (readonly string[])[];
  /** Where files are dropped. */
  readonly drop?: string;
  /** Where a picture is pasted. */
  readonly paste?: string;
}

const SITES: Readonly<Record<string, Site>> = {
  x: {
    choose: [["text=Add photos or video"]],
    drop: "[data-testid=tweetTextarea_0]",
    paste: "[data-testid=tweetTextarea_0]",
  },
  reddit: {
    choose: [["text=Upload files"], ["rte-toolbar-button-image >> button"]],
    drop: "r-post-media-input [data-drop]",
    paste: "[name=body]",
  },
  bluesky: { choose: [["text=Add image"]], drop: ".ProseMirror", paste: ".ProseMirror" },
  mastodon: { choose: [["text=Add images"]], drop: "textarea", paste: "textarea" },
  linkedin: {
    open: ["text=Start a post"],
    choose: [["text=Add media", "text=Upload from computer"]],
    paste: ".ql-editor",
  },
  instagram: {
    open: ["[aria-label='New post']", "button:text-is('Post')"],
    choose: [["text=Select from computer"]],
    drop: "[data-drop]",
  },
  facebook: {
    open: ["text=Photo/video"],
    choose: [["[role=dialog] [data-drop]"]],
    drop: "[data-drop]",
    paste: "[role=textbox]",
  },
  threads: { open: ["text=What’s new?"], choose: [["[aria-label='Attach media']"]], paste: "[role=textbox]" },
};

const bench = useChromium();

async function visit(site: string, context: BrowserContext = bench.extension.context): Promise<Page> {
  const page = await bench.open(`sites/${site}.html`, context);
  for (const step of SITES[site]?.open ?? []) await page.click(step);
  return page;
}

async function chooseFiles(page: Page, steps: readonly string[], chosen: readonly Sample[]): Promise<void> {
  const [last, ...first] = steps.toReversed() as [string, ...string[]];
  for (const step of first.reverse()) await page.click(step);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click(last)]);
  await chooser.setFiles(chosen.map(({ path }) => path));
}

const shapeOf = ({ field, name, type, bytes }: ReceivedPart) => {
  const { width, height } = sniff(bytes);
  return { field, name, type, width, height };
};

/** Does the same without and with the extension, and compares what the servers got and the page saw. */
async function compare(
  site: string,
  chosen: readonly Sample[],
  act: (page: Page) => Promise<void>,
): Promise<void> {
  const without = await visit(site, bench.plain);
  await act(without);
  const clean = await bench.server.nextUpload();
  await without.close();

  const page = await visit(site);
  await act(page);
  const received = await bench.server.nextUpload();
  expect(received.map(shapeOf)).toEqual(clean.map(shapeOf));
  // A page that encodes anew sends other bytes than it was given: those of a clean picture must not arrive either.
  const originals = [...chosen, ...clean].map(({ sha256 }) => sha256);
  for (const { sha256 } of received) expect(originals).not.toContain(sha256);
  const { hashes } = await witnessOf(page);
  expect(Object.keys(hashes).length).toBeGreaterThanOrEqual(received.length);
  for (const sha256 of originals) expect(hashes).not.toHaveProperty(sha256);
  await page.close();
}

/** Different in size, so that their order shows. */
const pictures = async () => [await bench.samples.png(), await bench.samples.photo()];

const rowsOf = (way: "choose" | "drop" | "paste") => Object.keys(SITES).filter((site) => SITES[site]?.[way]);

describe("only protected pictures, in their order, arrive at", () => {
  test.each(rowsOf("choose"))("%s from a file dialog", async (site) => {
    const chosen = [...(await pictures()), await bench.samples.webp()];
    for (const steps of SITES[site]?.choose ?? [])
      await compare(site, chosen, (page) => chooseFiles(page, steps, chosen));
  });

  test.each(rowsOf("drop"))("%s from a drop", async (site) => {
    const chosen = await pictures();
    await compare(site, chosen, async (page) =>
      drop(
        page,
        SITES[site]?.drop ?? "",
        chosen.map(({ path }) => path),
      ),
    );
  });

  test.each(rowsOf("paste"))("%s from a paste", async (site) => {
    const chosen = await bench.samples.png();
    await compare(site, [chosen], async (page) => {
      await copyPicture(page, bench.server, chosen);
      await page.click(SITES[site]?.paste ?? "");
      await page.keyboard.press("Control+V");
    });
  });
});

test.each([
  ["facebook", "phone.heic", "phone.jpg", "image/jpeg"],
  ["threads", "turned-6.avif", "turned-6.avif", "image/avif"],
  ["facebook", "lzw.tif", "lzw.png", "image/png"],
])("%s receives a protected picture for %s, as %s", async (site, name, received, type) => {
  const chosen = await bench.samples.fixture(name);
  const photo = await bench.samples.photo();
  const page = await visit(site);
  await chooseFiles(page, SITES[site]?.choose?.[0] ?? [], [photo, chosen]);
  const parts = await bench.server.nextUpload();
  expect(parts.map((part) => part.name)).toEqual([photo.name, received]);
  const file = parts[1] as ReceivedPart;
  expect(file.type).toBe(type);
  const { hashes } = await witnessOf(page);
  expect(hashes).not.toHaveProperty(chosen.sha256);
  const before = await decode(chosen.bytes, sniff(chosen.bytes));
  const after = await decode(file.bytes, sniff(file.bytes));
  expect(sniff(file.bytes).type).toBe(type);
  // The same picture, but changed.
  expect(meanDifference(before, after)).toBeGreaterThan(0.5);
  expect(meanDifference(before, after)).toBeLessThan(12);
  await page.close();
});

/** A page with an input that stands for one of Instagram, for a person who wants pictures as small as sites make them. */
async function visitAndShrink(): Promise<Page> {
  await bench.extension.change({ shrinkFirst: true });
  const page = await bench.extension.context.newPage();
  // The extension goes by the host, and the real one is out of reach.
  await page.route("https://www.instagram.com/**", (route) =>
    route.fulfill({ contentType: "text/html", body: '<!doctype html><input type="file">' }),
  );
  await page.goto("https://www.instagram.com/");
  return page;
}

test("a large picture gets as small as its site would make it, for those who want that", async () => {
  const page = await visitAndShrink();
  const size = page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener("change", async ({ target }) => {
          const { width, height } = await createImageBitmap((target as HTMLInputElement).files?.[0] as File);
          resolve([width, height]);
        });
      }),
  );
  await choose(page, "input", await bench.samples.noisy("large.png"));
  expect(await size).toEqual([1350, 990]);
  await page.close();
});

test("a person is asked about a picture whose file has become much larger although it was shrunk", async () => {
  const page = await visitAndShrink();
  const panel = await viewPanel(page);
  const count = () => page.evaluate(() => document.querySelector("input")?.files?.length);
  const original = await bench.samples.gradual("gradual.png");
  await choose(page, "input", original);
  await panel.waitFor(/the file is now [\d.]+\s[kM]B instead of [\d.]+\s[kM]?B\./);
  expect(await count()).toBe(0);
  await panel.press(buttons.use);
  await page.waitForFunction(() => document.querySelector("input")?.files?.length === 1);
  const size = await page.evaluate(() => document.querySelector("input")?.files?.[0]?.size);
  expect(size).toBeGreaterThan(1.4 * original.bytes.length);
  await page.close();
});
