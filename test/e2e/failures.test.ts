/** What is killed in the middle of the work: the original never goes out by itself, and the page can be used again. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type PageServer, startPageServer } from "../pages/server.ts";
import {
  choose,
  type Extension,
  type ExtensionGlobal,
  FEW_STEPS,
  openExtension,
  witnessOf,
} from "./harness.ts";
import { type PanelView, viewPanel } from "./panel.ts";
import { createSamples, type Sample, type Samples } from "./samples.ts";

let server: PageServer;
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
  await panel.waitFor(/Making it unlearnable/, 60_000);
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
    await panel.waitFor(/Making it unlearnable/, 60_000);
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

test("where messages are JSON, files of several chunks pass all the same", async () => {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-json-"));
  let json: Extension | undefined;
  try {
    await cp(inject("extensionDir"), folder, { recursive: true });
    const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
    delete manifest.message_serialization;
    await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
    json = await openExtension(folder);
    await json.change({ steps: FEW_STEPS });
    const other = await json.context.newPage();
    await other.goto(`${server.url}hostile.html`);
    const large = await samples.noisy("large.png");
    expect(large.bytes.length).toBeGreaterThan(4 * 2 ** 20);
    await choose(other, "#photos", large);
    const [file] = await server.nextUpload();
    expect(file?.name).toBe("large.png");
    expect(file?.sha256).not.toBe(large.sha256);
    expect(file?.bytes.length).toBeGreaterThan(4 * 2 ** 20);
  } finally {
    await json?.close();
    await rm(folder, { recursive: true });
  }
});
