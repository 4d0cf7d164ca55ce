/** What most files of end-to-end tests stand on: a browser with the extension, one without, a server of pages, and pictures. */

import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import type { Settings } from "../../src/bridge/settings.ts";
import { startPageServer } from "../pages/server.ts";
import { type Extension, FEW_STEPS, openExtension, openPlain } from "./harness.ts";
import { createSamples, type Samples } from "./samples.ts";

export interface Bench {
  readonly extension: Extension;
  /** The same browser without the extension. */
  readonly plain: BrowserContext;
  readonly server: UploadServer;
  readonly samples: Samples;
  /** Opens a page of the server in a tab of its own, in the browser with the extension unless told otherwise. */
  open(path: string, context?: BrowserContext): Promise<Page>;
}

/** Starts a bench before the first test of a file, and clears it away after the last. */
export function useBench(settings: Partial<Settings> = { steps: FEW_STEPS }): Bench {
  const bench = {
    async open(path: string, context = bench.extension.context) {
      const page = await context.newPage();
      await page.goto(bench.server.url + path);
      return page;
    },
  } as { -readonly [Part in keyof Bench]: Bench[Part] };

  beforeAll(async () => {
    [bench.extension, bench.plain, bench.server, bench.samples] = await Promise.all([
      openExtension(),
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
