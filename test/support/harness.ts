/**
 * What the end-to-end tests share: a browser with the extension in a fresh profile, pages that record what arrives, and the
 * panel as a person meets it. The panel's shadow root is closed, so tests find it the way developer tools do.
 */

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { inject } from "vitest";
import { launch } from "../../scripts/lib/browser.ts";
import type { Settings } from "../../src/bridge/settings.ts";
import type { Sample } from "./samples.ts";

/** Steps that keep tests quick where it does not matter how well a picture is protected. */
export const FEW_STEPS = 4;

export interface Extension {
  readonly context: BrowserContext;
  /** Changes the settings from inside the extension. */
  change(settings: Partial<Settings>): Promise<void>;
  /** Runs something in the service worker, which is woken for it. */
  inWorker<Result, Argument>(
    work: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result>;
  /** Stops the service worker, as the browser does when it is idle. */
  stopWorker(): Promise<void>;
  /** Crashes the process that the extension runs in. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a browser with the extension. @param profile folder of the profile, if it is to be a certain one */
export async function openExtension(folder = inject("extensionDir"), profile?: string): Promise<Extension> {
  const { context, worker } = await launch(
    { path: inject("browserPath"), name: "browser", branded: false },
    folder,
    { headless: true, ...(profile && { profile }) },
  );
  const inWorker: Extension["inWorker"] = async (work, argument) => {
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

  return {
    context,
    inWorker,
    change: (patch) =>
      inWorker(async (next) => {
        const { local } = (globalThis as unknown as ExtensionGlobal).chrome.storage;
        const { settings } = await local.get("settings");
        await local.set({ settings: { version: 1, ...settings, ...next } });
      }, patch),
    async stopWorker() {
      const { session, targetId } = await target("service_worker");
      await session.send("Target.closeTarget", { targetId });
    },
    async crash() {
      const { session, targetId } = await target("background_page");
      const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
      // Its answer never comes.
      await session.send("Target.sendMessageToTarget", {
        sessionId,
        message: JSON.stringify({ id: 1, method: "Page.crash" }),
      });
    },
    close: () => context.close(),
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
    readonly runtime: { reload(): void };
    readonly tabs: { query(filter: object): Promise<readonly object[]> };
    readonly contextMenus: { readonly onClicked: { dispatch(click: object, tab: object | undefined): void } };
    readonly action: { getBadgeText(details: object): Promise<string> };
    readonly storage: {
      readonly session: { get(key: string): Promise<Record<string, unknown>> };
      readonly local: {
        get(key: string): Promise<Record<string, object>>;
        set(items: Record<string, unknown>): Promise<void>;
      };
    };
  };
}

/** Starts the same browser without the extension. */
export async function openPlain(): Promise<BrowserContext> {
  return await chromium.launchPersistentContext("", {
    executablePath: inject("browserPath"),
    headless: true,
    viewport: { width: 1100, height: 900 },
    args: ["--headless=new", "--no-first-run", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
  });
}

/** Chooses files in an input as a person's file dialog does: by paths, and with events that the page must trust. */
export async function choose(page: Page, selector: string, ...samples: Sample[]): Promise<void> {
  await page.setInputFiles(
    selector,
    samples.map(({ path }) => path),
  );
}

/** What the hostile page's script got hold of; see test/pages/witness.js. */
export interface Witness {
  readonly hashes: Readonly<Record<string, { name: string; size: number; type: string }>>;
  readonly looks: number;
  readonly events: readonly WitnessedEvent[];
}

export interface WitnessedEvent {
  readonly type: string;
  /** 1 on the way down, 3 on the way up. */
  readonly phase: number;
  readonly trusted: boolean;
  readonly bubbles: boolean;
  readonly composed: boolean;
  readonly files: readonly { name: string; size: number; type: string; lastModified: number }[];
}

/** The testimony of a page, once it has read all that it began to read. */
export async function witnessOf(page: Page): Promise<Witness> {
  await page.waitForFunction(() => (window as unknown as { witness: { reads: number } }).witness.reads === 0);
  return await page.evaluate(() => (window as unknown as { witness: Witness }).witness);
}
