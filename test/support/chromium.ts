/** Chromium with the extension in a fresh profile, by Playwright: `Browser`, and what only Chromium can do. */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Frame, type Page } from "playwright-core";
import { inject } from "vitest";
import { launch } from "../../scripts/lib/browser.ts";
import type { Status } from "../../src/bridge/status.ts";
import type { Browser, PlainBrowser, Tab } from "./browser.ts";
import { viewPanel } from "./chromium-panel.ts";
import { chooseIn, copy, drop } from "./gestures.ts";

export interface Chromium extends Browser {
  readonly context: BrowserContext;
  /** Runs something in the service worker, which is woken for it. */
  inWorker<Result, Argument>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>;
  /** Crashes the process that the extension runs in. */
  crash(): Promise<void>;
  /** Runs an expression in the worker document. */
  inWorkerDocument(expression: string): Promise<void>;
}

/**
 * Starts Chromium with the extension.
 * @param profile folder of the profile, if it is to be a certain one
 * @param gpu whether software stands for a graphics card
 */
export async function openChromium(
  folder = inject("extensionDir"),
  { profile, gpu = false }: { readonly profile?: string; readonly gpu?: boolean } = {},
): Promise<Chromium> {
  const { context, worker } = await launch(
    { path: inject("browserPath"), name: "browser", branded: false },
    folder,
    { headless: true, gpu, ...(profile && { profile }) },
  );
  const inWorker: Chromium["inWorker"] = async (work, argument) => {
    // The first worker may be gone, and another one there.
    const current = context.serviceWorkers().at(-1) ?? worker;
    return (await current.evaluate(work as never, argument)) as never;
  };
  /** A part of the extension as the developer tools see it: its service worker, or its worker document. */
  async function target(kind: "service_worker" | "background_page") {
    const session = await context.browser()?.newBrowserCDPSession();
    if (!session) throw new Error("the browser cannot be debugged");
    const { targetInfos } = await session.send("Target.getTargets");
    const found = targetInfos.find(({ type }) => type === kind);
    if (!found) throw new Error(`there is no ${kind}`);
    return { session, targetId: found.targetId };
  }

  async function sendToWorkerDocument(method: string, params = {}) {
    const { session, targetId } = await target("background_page");
    const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
    const message = JSON.stringify({ id: 1, method, params });
    await session.send("Target.sendMessageToTarget", { sessionId, message });
  }

  return {
    context,
    inWorker,
    open: (url) => openTab(context, url),
    host: new URL(worker.url()).host,
    closeOthers: () => closeOthers(context),
    change: (patch) =>
      inWorker(async (next) => {
        const { local } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
        const { settings } = await local.get("settings");
        await local.set({ settings: { version: 1, ...settings, ...next } });
      }, patch),
    status: () =>
      inWorker(async () => {
        const { session } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
        return ((await session.get("status")).status ?? { running: [] }) as Status;
      }),
    async stopBackground() {
      const { session, targetId } = await target("service_worker");
      await session.send("Target.closeTarget", { targetId });
    },
    // Its answer never comes.
    crash: () => sendToWorkerDocument("Page.crash"),
    inWorkerDocument: (expression) => sendToWorkerDocument("Runtime.evaluate", { expression }),
    close: () => context.close(),
  };
}

async function closeOthers(context: BrowserContext): Promise<void> {
  for (const page of context.pages().slice(1)) await closeSoon(page);
}

/** Closing a page that is on its way to another one may never end; the browser closes it in the end. */
export const closeSoon = (page: Page): Promise<void> =>
  Promise.race([page.close(), new Promise<void>((resolve) => setTimeout(resolve, 5000))]);

async function openTab(context: BrowserContext, url: string): Promise<Tab> {
  const page = await context.newPage();
  const tab = await tabOf(page);
  await page.goto(url);
  return tab;
}

async function tabOf(page: Page, frame: Frame = page.mainFrame()): Promise<Tab> {
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  const locate = (selector: string) => frame.locator(selector.replaceAll(" >>> ", " >> "));
  return {
    panel: await viewPanel(page),
    errors,
    goto: async (url) => void (await page.goto(url)),
    url: async () => page.url(),
    // As text, which a page's policy against `eval` does not concern.
    evaluate: (work, ...args) => frame.evaluate(`(${work})(...${JSON.stringify(args)})`),
    click: (selector) => locate(selector).click(),
    async choose(selector, ...samples) {
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), locate(selector).click()]);
      await chooser.setFiles(samples.map(({ path }) => path));
    },
    chooseIn: (expression, sample) => chooseIn(page, expression, sample),
    async drop(selector, samples, text) {
      const where = locate(selector);
      await where.waitFor();
      // What is not drawn yet gets no drop, which for a frame in a process of its own is a while after it is there.
      await frame.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
      );
      const paths = samples.map(({ path }) => path);
      await drop(page, where, paths, text);
    },
    drag: (selector, onto) => locate(selector).dragTo(locate(onto)),
    copy: (server, copied) => copy(page, server, copied),
    async paste(selector) {
      if (selector) await locate(selector).focus();
      await page.keyboard.press("Control+V");
    },
    // What is copied comes with the permission.
    allowPaste: async () => {},
    press: (key) => page.keyboard.press(key),
    async frame() {
      const child = frame.childFrames()[0] ?? (await page.waitForEvent("frameattached"));
      return await tabOf(page, child);
    },
    screenshot: () => page.screenshot(),
    close: () => closeSoon(page),
  };
}

/** A copy of the built extension in a folder of its own, to be changed by a test. */
export async function copyExtension(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-extension-"));
  await cp(inject("extensionDir"), folder, { recursive: true });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}

/** As much of the extension API as tests use from inside. */
export interface ExtensionGlobal {
  readonly chrome: {
    readonly offscreen: { closeDocument(): Promise<void> };
    readonly runtime: {
      reload(): void;
      getContexts(filter: object): Promise<readonly object[]>;
      readonly onStartup: { dispatch(): void };
    };
    readonly tabs: { query(filter: object): Promise<readonly object[]> };
    readonly contextMenus: { readonly onClicked: { dispatch(click: object, tab: object | undefined): void } };
    readonly action: { getBadgeText(details: object): Promise<string> };
    readonly storage: {
      readonly session: {
        get(key: string): Promise<Record<string, unknown>>;
        set(items: Record<string, unknown>): Promise<void>;
        clear(): Promise<void>;
        readonly QUOTA_BYTES: number;
      };
      readonly onChanged: { addListener(listener: (changes: object) => void): void };
      readonly local: {
        get(key: string): Promise<Record<string, object>>;
        set(items: Record<string, unknown>): Promise<void>;
      };
    };
    readonly windows: { create(options: { url: string; incognito: boolean }): Promise<unknown> };
  };
}

/** Starts the same browser without the extension. */
export async function openPlain({ gpu = false } = {}): Promise<BrowserContext> {
  return await chromium.launchPersistentContext("", {
    executablePath: inject("browserPath"),
    headless: true,
    viewport: { width: 1100, height: 900 },
    args: [
      "--headless=new",
      ...(gpu ? [] : ["--disable-gpu"]),
      "--no-first-run",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  });
}

/** The same in the terms of every browser. */
export async function openPlainChromium(): Promise<PlainBrowser> {
  const context = await openPlain();
  return {
    open: (url) => openTab(context, url),
    closeOthers: () => closeOthers(context),
    close: () => context.close(),
  };
}
