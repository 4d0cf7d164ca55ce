/**
 * Once before all end-to-end tests: a browser (installed where that is possible) and the extension, built in demo mode.
 * Tests take them with `inject("browserPath")` and `inject("extensionDir")`.
 */
import type { TestProject } from "vitest/node";
import { ensureBrowser } from "../../scripts/lib/chromium.ts";
import { buildExtension } from "../../scripts/lib/extension.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Absolute path of a Chromium that loads unpacked extensions. */
    browserPath: string;
    /** Absolute path of the built extension. */
    extensionDir: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const browser = await ensureBrowser();
  project.provide("browserPath", browser.path);
  project.provide("extensionDir", await buildExtension());
}
