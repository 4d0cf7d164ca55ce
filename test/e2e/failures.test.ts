/** What is killed in the middle of the work: the original never goes out by itself, and the page can be used again. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Status } from "../../src/bridge/status.ts";
import { pageProblems } from "../../src/bridge/strings/page-problems.ts";
import { startPageServer } from "../pages/server.ts";
import { ENDLESS, FEW_STEPS } from "../support/bench.ts";
import { type Chromium, copyExtension, type ExtensionGlobal, openChromium } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { makeDisk } from "../support/disk.ts";
import { choose } from "../support/gestures.ts";
import type { PanelView } from "../support/panel.ts";
import { createSamples, type Sample, type Samples } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";
import { buttons, changing, done, failed, figure, sendOriginal } from "../support/words.ts";

let server: UploadServer;
let samples: Samples;
let extension: Chromium;
let page: Page;
let panel: PanelView;
let chosen: Sample;

beforeAll(async () => {
  server = await startPageServer();
  samples = await createSamples();
});

afterAll(async () => {
  await server?.close();
  await samples?.remove();
});

beforeEach(async () => {
  extension = await openChromium();
  page = await extension.context.newPage();
  await page.goto(`${server.url}hostile.html`);
  panel = await viewPanel(page);
  chosen = await samples.photo();
});

afterEach(async () => {
  await extension?.close();
});

/** Chooses a picture and waits until the work on it has begun. */
async function begin(): Promise<void> {
  await extension.change({ steps: ENDLESS });
  await choose(page, "#photos", chosen);
  await panel.waitFor(changing, 60_000);
}

async function expectNothingSent(uploads: number): Promise<void> {
  expect(server.uploads.length).toBe(uploads);
  expect((await witnessOf(page)).hashes).toEqual({});
}

describe("in the middle of the work", () => {
  test("the worker document is closed: the person is asked, and trying again works", async () => {
    const before = server.uploads.length;
    await begin();
    await extension.inWorker(() =>
      (globalThis as unknown as ExtensionGlobal).chrome.offscreen.closeDocument(),
    );
    await panel.waitFor(new RegExp(`${failed}.*(went away|answer)`));
    await expectNothingSent(before);
    await extension.change({ steps: FEW_STEPS });
    await panel.press(buttons.retry);
    const [file] = await server.nextUpload();
    expect(file?.name).toBe(chosen.name);
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("its process crashes: the page asks, and says what to do when the browser has given the extension up", async () => {
    const before = server.uploads.length;
    await begin();
    await extension.crash();
    await panel.waitFor(failed);
    await panel.press(buttons.retry);
    await panel.waitFor(pageProblems["unavailable/reloaded"] as string);
    await expectNothingSent(before);
    await panel.press(buttons.cancel);
    await panel.waitUntilGone();
  });

  test("the background is stopped: the work goes on without it", async () => {
    await extension.change({ steps: 25 });
    await choose(page, "#photos", chosen);
    await panel.waitFor(changing, 60_000);
    await extension.stopBackground();
    const [file] = await server.nextUpload();
    expect(file?.sha256).not.toBe(chosen.sha256);
    await panel.waitFor(done(1, 1));
  });

  test("the extension is reloaded: the orphaned page asks, and goes on asking", async () => {
    const before = server.uploads.length;
    await begin();
    await extension
      .inWorker(() => (globalThis as unknown as ExtensionGlobal).chrome.runtime.reload())
      .catch(() => {});
    await panel.waitFor(failed);
    await panel.press(buttons.retry);
    await panel.waitFor(pageProblems["unavailable/reloaded"] as string);
    await expectNothingSent(before);
    await panel.press(buttons.cancel);
    await panel.waitUntilGone();

    await choose(page, "#photos", chosen);
    await panel.waitFor(pageProblems["unavailable/reloaded"] as string);
    await expectNothingSent(before);
    await panel.press(sendOriginal);
    const [file] = await server.nextUpload();
    expect(file?.sha256).toBe(chosen.sha256);
  });

  test("the page is left: its picture is dropped, and the next page does not wait for it", async () => {
    await begin();
    await page.goto("about:blank");
    await extension.change({ steps: FEW_STEPS });
    await page.goto(`${server.url}hostile.html`);
    await choose(page, "#photos", chosen);
    const [file] = await server.nextUpload();
    expect(file?.sha256).not.toBe(chosen.sha256);
  });
});

test("the graphics card is lost in the middle of the work: the processor does it instead", async () => {
  const { folder, remove } = await copyExtension();
  let card: Chromium | undefined;
  try {
    // There is no card here. The software that stands for one calls itself one, and goes when it is told to.
    await writeFile(join(folder, "card.js"), CARD);
    const page = join(folder, "offscreen.html");
    await writeFile(
      page,
      (await readFile(page, "utf8")).replace("<head>", '<head><script src="/card.js"></script>'),
    );
    card = await openChromium(folder, { gpu: true });
    await card.change({ steps: FEW_STEPS });
    const tab = await card.context.newPage();
    await tab.goto(`${server.url}hostile.html`);
    const before = server.uploads.length;
    const small = await samples.png("small.png");
    await choose(tab, "#photos", small);
    const view = await viewPanel(tab);
    await view.waitFor(changing, 120_000);
    expect(server.uploads.length).toBe(before);
    await card.inWorker(() => new BroadcastChannel("card").postMessage("go"));
    const [file] = await server.nextUpload();
    expect(file?.name).toBe("small.png");
    expect(file?.sha256).not.toBe(small.sha256);
    const backend = async () => {
      const { session } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
      const { last } = (await session.get("status")).status as Status;
      return last?.outcome.ok && last.outcome.report.backend;
    };
    const inWorker = card.inWorker;
    await expect.poll(() => inWorker(backend)).toBe("wasm");
  } finally {
    await card?.close();
    await remove();
  }
});

/** In the extension's document, before all else. */
const CARD = `
  const { getParameter } = WebGL2RenderingContext.prototype;
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === 0x9246 || name === this.RENDERER ? "A card of this test" : getParameter.call(this, name);
  };
  const contexts = [];
  for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
    const { getContext } = prototype;
    prototype.getContext = function (...args) {
      const context = getContext.apply(this, args);
      if (context instanceof WebGL2RenderingContext) contexts.push(context);
      return context;
    };
  }
  new BroadcastChannel("card").onmessage = () => {
    for (const context of contexts) context.getExtension("WEBGL_lose_context")?.loseContext();
  };`;

describe("with a full disk", async () => {
  const disk = await makeDisk(96);

  test.skipIf(!disk)(
    "a picture arrives protected or is asked about, and afterwards all is as before",
    async () => {
      if (!disk) return;
      let full: Chromium | undefined;
      try {
        full = await openChromium(undefined, { profile: disk.folder });
        await full.change({ steps: FEW_STEPS });
        const tab = await full.context.newPage();
        await tab.goto(`${server.url}hostile.html`);
        const view = await viewPanel(tab);
        /** Chooses a picture; if it is not asked about, it must arrive, and not as it was. */
        const send = async (picture: Sample) => {
          await choose(tab, "#photos", picture);
          const words = await view.waitFor(new RegExp(`${failed}|${figure.source}`), 120_000);
          if (words.includes(failed)) {
            await view.press(buttons.cancel);
          } else {
            const [file] = await server.nextUpload();
            expect(file?.name).toBe(picture.name);
            expect(file?.sha256).not.toBe(picture.sha256);
          }
          await view.waitUntilGone();
          return words;
        };
        await disk.fill();
        await send(await samples.photo("on-full.jpg"));
        await send(await samples.noisy("large-on-full.png"));
        await disk.free();
        expect(await send(await samples.photo("afterwards.jpg"))).toMatch(figure);
      } finally {
        await full?.close();
        await disk.remove();
      }
    },
  );
});

test("a file of several megabytes passes", async () => {
  await extension.change({ steps: FEW_STEPS });
  const large = await samples.noisy("large.png");
  expect(large.bytes.length).toBeGreaterThan(4 * 2 ** 20);
  await choose(page, "#photos", large);
  const [file] = await server.nextUpload();
  expect(file?.name).toBe("large.png");
  expect(file?.sha256).not.toBe(large.sha256);
  expect(file?.bytes.length).toBeGreaterThan(4 * 2 ** 20);
});
