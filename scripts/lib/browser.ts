/** Starts a browser of the Chromium family with the unpacked extension in a profile of its own, thrown away at the end. */
import { type BrowserContext, chromium, type Worker } from "playwright-core";
import { type FoundBrowser, isBranded } from "./chromium.ts";

export interface Launched {
  readonly context: BrowserContext;
  /** The extension's service worker, once it has run. */
  readonly worker: Worker;
}

export interface LaunchOptions {
  readonly headless: boolean;
  /** Whether software stands for a graphics card where there is no screen. */
  readonly gpu?: boolean;
  /** Folder of the profile; one that is thrown away where there is none. */
  readonly profile?: string;
}

/** How long a browser may take to start the extension. */
const START_TIMEOUT = 30_000;

/** Quiet, and without a call home. */
const FLAGS = [
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Without a graphics card nothing has to be drawn by it; the extension then works on WebAssembly. */
const HEADLESS_FLAGS = ["--headless=new", "--disable-gpu"];

/** Software in place of a graphics card, for what needs one. */
const SOFTWARE_GPU_FLAGS = [
  "--headless=new",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
];

/** Launches and waits until the extension's service worker runs. Rejects with a plain message when it does not. */
export async function launch(
  browser: FoundBrowser,
  extensionDir: string,
  { headless, gpu = false, profile = "" }: LaunchOptions,
): Promise<Launched> {
  const branded = browser.branded || isBranded(browser.path);
  const root = process.platform === "linux" && process.getuid?.() === 0;
  const context = await chromium
    .launchPersistentContext(profile, {
      executablePath: browser.path,
      headless,
      viewport: headless ? { width: 1100, height: 900 } : null,
      // What automation would have otherwise than people have it.
      ignoreDefaultArgs: ["--disable-extensions", "--enable-automation", "--disable-back-forward-cache"],
      args: [
        ...FLAGS,
        ...(headless ? (gpu ? SOFTWARE_GPU_FLAGS : HEADLESS_FLAGS) : ["--window-size=1100,960"]),
        // A browser of root's has no sandbox; --test-type keeps it from saying so above the page.
        ...(root ? ["--no-sandbox", "--test-type"] : []),
        ...(branded
          ? ["--enable-unsafe-extension-debugging"]
          : [`--disable-extensions-except=${extensionDir}`, `--load-extension=${extensionDir}`]),
      ],
    })
    .catch((error: Error) => {
      const said = error.message.split("\n").filter((line) => /\[err\]/.test(line));
      throw new Error([`${browser.path} could not be started as a browser.`, ...said.slice(0, 8)].join("\n"));
    });
  try {
    if (branded) await loadOverDebugging(context, extensionDir);
    const worker =
      context.serviceWorkers()[0] ??
      (await context.waitForEvent("serviceworker", { timeout: START_TIMEOUT }));
    return { context, worker };
  } catch (error) {
    await context.close();
    throw new Error(
      `The browser started, but the extension in ${extensionDir} did not. Load it by hand: open chrome://extensions, switch on “Developer mode”, press “Load unpacked” and choose that folder.\n(${(error as Error).message.split("\n")[0]})`,
    );
  }
}

async function loadOverDebugging(context: BrowserContext, path: string): Promise<void> {
  const session = await context.browser()?.newBrowserCDPSession();
  if (!session) throw new Error("the browser cannot be debugged");
  // Newer than Playwright's list of commands.
  const send = session.send as unknown as (method: string, parameters: object) => Promise<unknown>;
  await send.call(session, "Extensions.loadUnpacked", { path });
}
