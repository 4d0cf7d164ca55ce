/** The browser is not as an extension may expect: its storage, its clock, frozen pages, private windows, switched off. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Settings } from "../../src/bridge/settings.ts";
import { pageProblems } from "../../src/bridge/strings/page-problems.ts";
import { startPageServer } from "../pages/server.ts";
import { ENDLESS, FEW_STEPS } from "../support/bench.ts";
import { type Chromium, copyExtension, type ExtensionGlobal, openChromium } from "../support/chromium.ts";
import { viewPanel } from "../support/chromium-panel.ts";
import { choose } from "../support/gestures.ts";
import type { PanelView } from "../support/panel.ts";
import { createSamples, type Samples } from "../support/samples.ts";
import { witnessOf } from "../support/witness.ts";
import { buttons, changing, failed } from "../support/words.ts";
import { WRONG_SETTINGS } from "../support/wrong-settings.ts";

let server: UploadServer;
let samples: Samples;
let extension: Chromium;
let page: Page;
let panel: PanelView;

beforeAll(async () => {
  [server, samples, extension] = await Promise.all([startPageServer(), createSamples(), openChromium()]);
});

afterAll(async () => {
  await extension?.close();
  await server?.close();
  await samples?.remove();
});

afterEach(() => page?.close());

async function open(browser = extension): Promise<void> {
  page = await browser.context.newPage();
  await page.goto(`${server.url}hostile.html`);
  panel = await viewPanel(page);
}

/** Chooses a picture, which must arrive under its name, and not as it was. */
async function send(name: string): Promise<void> {
  const chosen = await samples.png(name);
  await choose(page, "#photos", chosen);
  const [file] = await server.nextUpload();
  expect(file?.name).toBe(name);
  expect(file?.sha256).not.toBe(chosen.sha256);
}

/** Chooses a picture whose work does not end by itself for long. */
async function begin(name: string): Promise<void> {
  await choose(page, "#photos", await samples.png(name));
  await panel.waitFor(changing, 60_000);
}

describe("in a browser", () => {
  beforeEach(async () => {
    await extension.inWorker(
      (settings) => {
        return (globalThis as unknown as ExtensionGlobal).chrome.storage.local.set({ settings });
      },
      { steps: FEW_STEPS },
    );
    await open();
  });

  test("whose session storage is full, a picture is protected although nothing can be told about it", async () => {
    await extension.inWorker(async () => {
      const { session } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
      // The worker, which a test before this one may have left, is not there to be started either.
      await (globalThis as unknown as ExtensionGlobal).chrome.offscreen.closeDocument().catch(() => {});
      await session.set({ status: 0 });
      for (let size = session.QUOTA_BYTES; size >= 1; size = Math.floor(size / 2))
        await session.set({ [`filler ${size}`]: "x".repeat(size) }).catch(() => {});
    });
    const isFull = extension.inWorker(() =>
      (globalThis as unknown as ExtensionGlobal).chrome.storage.session.set({ status: { running: [] } }),
    );
    await expect(isFull).rejects.toThrow("quota");
    await send("full.png");
    await extension.inWorker(() => (globalThis as unknown as ExtensionGlobal).chrome.storage.session.clear());
  });

  test.each(WRONG_SETTINGS)(
    "whose stored settings are %s, pictures are protected as by default",
    async (_, settings) => {
      const before = server.uploads.length;
      await extension.inWorker((wrong) => {
        return (globalThis as unknown as ExtensionGlobal).chrome.storage.local.set({ settings: wrong });
      }, settings as object);
      await page.close();
      await open();
      await begin("wrong.png");
      expect(server.uploads.length).toBe(before);
      expect((await witnessOf(page)).hashes).toEqual({});
    },
  );

  test("whose clock jumps, pictures are protected, and the status is of the last one", async () => {
    await send("now.png");
    const last = async () => (await extension.status()).last?.fileName;
    for (const [name, years] of [
      ["ahead.png", 10],
      ["back.png", -10],
    ] as const) {
      await extension.inWorkerDocument(
        `globalThis.now ??= Date.now; Date.now = () => now.call(Date) + ${years * 365 * 24 * 3600 * 1000};`,
      );
      await send(name);
      await expect.poll(last).toBe(name);
    }
  });

  test("that freezes a page, its picture arrives when the page goes on", async () => {
    await extension.change({ steps: 8 });
    await begin("frozen.png");
    const before = server.uploads.length;
    const freeze = await freezer(page);
    await freeze(true);
    await expect
      .poll(async () => (await extension.status()).last?.fileName, { timeout: 30_000 })
      .toBe("frozen.png");
    expect(server.uploads.length).toBe(before);
    await freeze(false);
    const [file] = await server.nextUpload();
    expect(file?.name).toBe("frozen.png");
    expect((await witnessOf(page)).hashes).toEqual({ [file?.sha256 ?? ""]: expect.anything() });
    await extension.change({ steps: FEW_STEPS });
    await send("afterwards.png");
  });
});

/** Freezes a page and lets it go on. Chromium freezes only what nobody sees, and Playwright makes every page seen. */
async function freezer(frozen: Page): Promise<(freeze: boolean) => Promise<void>> {
  const { _connection } = frozen as unknown as { _connection: { toImpl(page: Page): Internals } };
  await _connection
    .toImpl(frozen)
    .delegate._mainFrameSession._client.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  const front = await frozen.context().newPage();
  await front.bringToFront();
  await expect.poll(() => frozen.evaluate(() => document.visibilityState)).toBe("hidden");
  await frozen.evaluate(() => {
    document.addEventListener("freeze", () => document.body.setAttribute("data-frozen", ""));
  });
  const session = await frozen.context().newCDPSession(frozen);
  return async (freeze) => {
    await session.send("Page.setWebLifecycleState", { state: freeze ? "frozen" : "active" });
    if (freeze) await expect.poll(() => frozen.evaluate(() => "frozen" in document.body.dataset)).toBe(true);
    else await front.close();
  };
}

/** As much of Playwright's own page as is needed. */
interface Internals {
  readonly delegate: {
    readonly _mainFrameSession: {
      readonly _client: { send(method: string, parameters: object): Promise<unknown> };
    };
  };
}

test("whose settings on the disk are damaged, pictures are protected, added sites are on, and settings can be stored again", async () => {
  const profile = await mkdtemp(join(tmpdir(), "penumbra-damaged-"));
  const { folder, remove } = await copyExtension();
  let damaged: Chromium | undefined;
  try {
    // No test can answer the browser's question for the permission of a site that is added.
    const file = join(folder, "manifest.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    manifest.host_permissions.push("*://*.example.org/*");
    await writeFile(file, JSON.stringify(manifest));
    damaged = await openChromium(folder, { profile });
    await damaged.change({ enabled: false });
    await damaged.close();
    const stored = join(profile, "Default", "Local Extension Settings");
    const [id = ""] = await readdir(stored);
    for (const name of await readdir(join(stored, id)))
      await writeFile(join(stored, id, name), Buffer.alloc(500, "damaged"));
    damaged = await openChromium(folder, { profile });
    await open(damaged);
    await begin("damaged.png");
    await page.goto("about:blank");
    const { inWorker } = damaged;
    // Chromium takes an extension of the command line for one that was just installed.
    await inWorker(() => (globalThis as unknown as ExtensionGlobal).chrome.runtime.onStartup.dispatch());
    const sites = () =>
      inWorker(async () => {
        const { local } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
        return ((await local.get("settings")).settings as Partial<Settings> | undefined)?.sites;
      });
    await expect.poll(sites).toEqual({ "example.org": true });
    await damaged.change({ steps: FEW_STEPS });
    await page.close();
    await open(damaged);
    await send("stored-again.png");
  } finally {
    await damaged?.close();
    await remove();
    await rm(profile, { recursive: true });
  }
});

describe("as a person sets it on its page of extensions", () => {
  let settings: Page;
  let id: string;
  /** Calls something of Chromium's page of extensions. */
  const call = (path: string, ...args: unknown[]) =>
    settings.evaluate(
      async ([path, args]) => {
        const [space, name] = path.split(".") as [string, string];
        const api = globalThis as unknown as {
          chrome: Record<string, Record<string, (...args: unknown[]) => unknown>>;
        };
        await api.chrome[space]?.[name]?.(...args);
      },
      [path, args] as const,
    );

  beforeAll(async () => {
    id = new URL(extension.context.serviceWorkers().at(-1)?.url() ?? "").host;
    await extension.change({ steps: FEW_STEPS });
    settings = await extension.context.newPage();
    await settings.goto("chrome://extensions");
    // Without it, what is loaded from a folder does not start again.
    await call("developerPrivate.updateProfileConfiguration", { inDeveloperMode: true });
    await call("developerPrivate.updateExtensionConfiguration", { extensionId: id, incognitoAccess: true });
  });

  test("allowed in private windows, a picture is protected there, and the popup of other windows is never told of it", async () => {
    const popup = await extension.context.newPage();
    await expect
      .poll(() =>
        popup.goto(`chrome-extension://${id}/popup.html`).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    const [opened] = await Promise.all([
      extension.context.waitForEvent("page"),
      popup.evaluate((url) => {
        const { windows } = (globalThis as unknown as ExtensionGlobal).chrome;
        return windows.create({ url, incognito: true }).then(() => {});
      }, `${server.url}hostile.html`),
    ]);
    await opened.waitForLoadState();
    await popup.evaluate(() => {
      const { chrome } = globalThis as unknown as ExtensionGlobal;
      chrome.storage.onChanged.addListener((changes) => document.body.append(JSON.stringify(changes)));
    });
    await open();
    const beside = page;
    page = opened;
    await send("private.png");
    page = beside;
    await send("beside.png");
    const told = () => popup.evaluate(() => document.body.textContent);
    await expect.poll(told).toContain("beside.png");
    expect(await told()).not.toContain("private.png");
    await opened.close();
    await popup.close();
  });

  test("switched off during the work, an open page asks, and goes on asking; the next one is protected", async () => {
    const popup = await extension.context.newPage();
    await popup.goto(`chrome-extension://${id}/popup.html`);
    const store = (steps: number) =>
      popup.evaluate((steps) => {
        const { local } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
        return local.set({ settings: { steps } });
      }, steps);
    await store(ENDLESS);
    await open();
    const before = server.uploads.length;
    await begin("switched-off.png");
    await store(FEW_STEPS);
    await call("management.setEnabled", id, false);
    await page.bringToFront();
    await panel.waitFor(failed);
    await panel.press(buttons.retry);
    await panel.waitFor(pageProblems["unavailable/reloaded"] as string);
    await panel.press(buttons.cancel);
    await panel.waitUntilGone();
    await call("management.setEnabled", id, true);
    await choose(page, "#photos", await samples.png("still-open.png"));
    await panel.waitFor(pageProblems["unavailable/reloaded"] as string);
    expect(server.uploads.length).toBe(before);
    expect((await witnessOf(page)).hashes).toEqual({});
    await page.reload();
    await send("switched-on.png");
  });
});
