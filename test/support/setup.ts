/**
 * Once before all end-to-end tests: Chromium and, if there is one, Firefox (installed where that is possible), and the extension,
 * built in demo mode for each. Tests take them with `inject("browserPath")` and the like.
 */
import type { TestProject } from "vitest/node";
import { ensureBrowser } from "../../scripts/lib/chromium.ts";
import { buildExtension } from "../../scripts/lib/extension.ts";
import { ensureFirefox } from "../../scripts/lib/firefox.ts";
import { ensureScreen } from "./screen.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Absolute path of a Chromium that loads unpacked extensions. */
    browserPath: string;
    /** Absolute path of the built extension. */
    extensionDir: string;
    /** The same for Firefox, where there is one. */
    firefox: { readonly path: string; readonly extensionDir: string } | undefined;
    /** Whether there can be a screen for it. */
    hasScreen: boolean;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const browser = await ensureBrowser();
  project.provide("browserPath", browser.path);
  project.provide("extensionDir", await buildExtension());
  const path = await ensureFirefox();
  project.provide("firefox", path ? { path, extensionDir: await buildExtension("firefox") } : undefined);
  project.provide("hasScreen", path !== undefined && (await ensureScreen()));
}
