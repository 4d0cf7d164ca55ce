/** What is killed in the middle of the work: the original never goes out by itself, and the page can be used again. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Status } from "../../src/bridge/status.ts";
import { startPageServer } from "../pages/server.ts";
import { makeDisk } from "../support/disk.ts";
import {
  choose,
  copyExtension,
  type Extension,
  type ExtensionGlobal,
  FEW_STEPS,
  openExtension,
  witnessOf,
} from "../support/harness.ts";
import { type PanelView, viewPanel } from "../support/panel.ts";
import { createSamples, type Sample, type Samples } from "../support/samples.ts";

let server: UploadServer;
let samples: Samples;
let extension: Extension;
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
  extension = await openExtension();
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
  await extension.change({ steps: 1000 });
  await choose(page, "#photos", chosen);
  await panel.waitFor(/Changing the picture/, 60_000);
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
    await panel.waitFor(/Not protected\. .*(went away|answer)/);
    await expectNothingSent(before);
    await extension.change({ steps: FEW_STEPS });
    await panel.press("Try again");
    const [file] = await server.nextUpload();
    expect(file?.name).toBe(chosen.name);
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("its process crashes: the page asks, and says what to do when the browser has given the extension up", async () => {
    const before = server.uploads.length;
    await begin();
    await extension.crash();
    await panel.waitFor(/Not protected/);
    await panel.press("Try again");
    await panel.waitFor(/Reload this page/);
    await expectNothingSent(before);
    await panel.press("Cancel");
    await panel.waitUntilGone();
  });

  test("the background is stopped: the work goes on without it", async () => {
    await extension.change({ steps: 25 });
    await choose(page, "#photos", chosen);
    await panel.waitFor(/Changing the picture/, 60_000);
    await extension.stopWorker();
    const [file] = await server.nextUpload();
    expect(file?.sha256).not.toBe(chosen.sha256);
    await panel.waitFor(/Protected/);
  });

  test("the extension is reloaded: the orphaned page asks, and goes on asking", async () => {
    const before = server.uploads.length;
    await begin();
    await extension
      .inWorker(() => (globalThis as unknown as ExtensionGlobal).chrome.runtime.reload())
      .catch(() => {});
    await panel.waitFor(/Not protected/);
    await panel.press("Try again");
    await panel.waitFor(/Reload this page/);
    await expectNothingSent(before);
    await panel.press("Cancel");
    await panel.waitUntilGone();

    await choose(page, "#photos", chosen);
    await panel.waitFor(/Reload this page/);
    await expectNothingSent(before);
    await panel.press("Send the original");
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
  let card: Extension | undefined;
  try {
    // There is no card here. The software that stands for one calls itself one, and goes when it is told to.
    await writeFile(join(folder, "card.js"), CARD);
    const page = join(folder, "offscreen.html");
    await writeFile(
      page,
      (await readFile(page, "utf8")).replace("<head>", '<head><script src="/card.js"></script>'),
    );
    card = await openExtension(folder);
    await card.change({ steps: FEW_STEPS });
    const tab = await card.context.newPage();
    await tab.goto(`${server.url}hostile.html`);
    const before = server.uploads.length;
    const small = await samples.png("small.png");
    await choose(tab, "#photos", small);
    const view = await viewPanel(tab);
    await view.waitFor(/Changing the picture/, 120_000);
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
      let full: Extension | undefined;
      try {
        full = await openExtension(undefined, disk.folder);
        await full.change({ steps: FEW_STEPS });
        const tab = await full.context.newPage();
        await tab.goto(`${server.url}hostile.html`);
        const view = await viewPanel(tab);
        /** Chooses a picture; if it is not asked about, it must arrive, and not as it was. */
        const send = async (picture: Sample) => {
          await choose(tab, "#photos", picture);
          const words = await view.waitFor(/Not protected|Taken for another/, 120_000);
          if (/Not protected/.test(words)) {
            await view.press("Cancel");
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
        expect(await send(await samples.photo("afterwards.jpg"))).toMatch(/Taken for another/);
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
