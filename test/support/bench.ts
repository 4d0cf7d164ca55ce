/** What most files of end-to-end tests stand on: a browser with the extension, a server of pages, and files to choose. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Settings } from "../../src/bridge/settings.ts";
import { startPageServer } from "../pages/server.ts";
import type { Browser, PlainBrowser, Tab } from "./browser.ts";
import { type Chromium, openChromium, openPlain } from "./chromium.ts";
import { createSamples, type Samples } from "./samples.ts";

/** Steps that keep tests quick where it does not matter how well a picture is protected. */
export const FEW_STEPS = 2;

/** More steps than any test waits for. */
export const ENDLESS = 1000;

/** Keeps tests quick where it does not matter how well a picture is protected: few steps, and the surrogate of one network. */
const QUICK: Partial<Settings> = { steps: FEW_STEPS, surrogate: "efficientnet-lite0" };

/** What each test begins with. */
const CLEAN: Partial<Settings> = { ...QUICK, enabled: true, sites: {} };

export interface Bench {
  readonly browser: Browser;
  readonly server: UploadServer;
  readonly samples: Samples;
  /** Opens a page of the server in a tab that is closed after the test. */
  open(path: string): Promise<Tab>;
  /** The same browser without the extension, which is started when it is first asked for. */
  plain(): Promise<PlainBrowser>;
  /** Opens a page in that browser. */
  openPlain(path: string, server?: UploadServer): Promise<Tab>;
}

export interface ChromiumBench {
  readonly extension: Chromium;
  /** The same browser without the extension. */
  readonly plain: BrowserContext;
  readonly server: UploadServer;
  readonly samples: Samples;
  /** Opens a page of the server in a tab of its own, in the browser with the extension unless told otherwise. */
  open(path: string, context?: BrowserContext): Promise<Page>;
}

/** Starts a bench with any browser before the first test around it, and clears it away after the last. */
export function useBench(
  kind: { open(): Promise<Browser>; openPlain(): Promise<PlainBrowser> },
  settings: Partial<Settings> = {},
): Bench {
  const tabs: Tab[] = [];
  let plain: Promise<PlainBrowser> | undefined;
  const openIn = async (browser: PlainBrowser, url: string) => {
    const tab = await browser.open(url);
    tabs.push(tab);
    return tab;
  };
  const bench = {
    open: (path) => openIn(bench.browser, bench.server.url + path),
    plain: () => (plain ??= kind.openPlain()),
    openPlain: async (path, server = bench.server) => openIn(await bench.plain(), server.url + path),
  } as { -readonly [Part in keyof Bench]: Bench[Part] };

  beforeAll(async () => {
    [bench.browser, bench.server, bench.samples] = await Promise.all([
      kind.open(),
      startPageServer(),
      createSamples(),
    ]);
  });
  beforeEach(() => bench.browser.change({ ...CLEAN, ...settings }));
  afterEach(async () => {
    for (const tab of tabs.splice(0)) await tab.close();
  });
  afterAll(async () => {
    await bench.browser?.close();
    await (await plain)?.close();
    await bench.server?.close();
    await bench.samples?.remove();
  });

  return bench;
}

/** The same with Chromium and all that Playwright can do in it, and the same browser without the extension beside it. */
export function useChromium(settings: Partial<Settings> = QUICK): ChromiumBench {
  const bench = {
    async open(path: string, context = bench.extension.context) {
      const page = await context.newPage();
      await page.goto(bench.server.url + path);
      return page;
    },
  } as { -readonly [Part in keyof ChromiumBench]: ChromiumBench[Part] };

  beforeAll(async () => {
    [bench.extension, bench.plain, bench.server, bench.samples] = await Promise.all([
      openChromium(),
      openPlain(),
      startPageServer(),
      createSamples(),
    ]);
    await bench.extension.change(settings);
  });

  afterAll(async () => {
    await bench.extension?.close();
    await bench.plain?.close();
    await bench.server?.close();
    await bench.samples?.remove();
  });

  return bench;
}
