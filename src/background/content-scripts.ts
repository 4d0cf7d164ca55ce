/**
 * The content script on sites that the person added is registered here; listed sites have it from the
 * manifest. Either way it is put into open tabs at once, so that nobody has to reload a page.
 */
import { browser } from "wxt/browser";
import { createMutex } from "../bridge/async.ts";
import { grantedPatterns, watchSites } from "../bridge/permissions.ts";
import { listedPatterns } from "../bridge/sites.ts";
import { restoreSites } from "./restore-sites.ts";

/** In the order in which they start; each with the world that it runs in. */
const SCRIPTS = [
  { id: "added-sites", file: "/content-scripts/uploads.js", world: "ISOLATED" },
  { id: "added-sites-page", file: "/content-scripts/page-hooks.js", world: "MAIN" },
] as const;

/** Keeps the registration in step with the sites granted; called once, by the background. */
export function registerSites(): void {
  const inTurn = createMutex();
  const update = () => {
    inTurn(register).catch((error) => console.error("Sites could not be registered.", error));
  };
  watchSites(update);
  browser.runtime.onInstalled.addListener(({ reason }) => {
    update();
    // Pages that are open already need protection too. After an update they keep the old script, which asks
    // to reload the page.
    if (reason === "install") void putInto(listedPatterns(import.meta.env.MODE));
  });
  browser.runtime.onStartup.addListener(() => {
    update();
    restoreSites().catch((error) => console.error("Sites could not be restored.", error));
  });
}

async function register(): Promise<void> {
  const listed = new Set(listedPatterns(import.meta.env.MODE));
  const matches = (await grantedPatterns()).filter((pattern) => !listed.has(pattern));
  const ids = SCRIPTS.map(({ id }) => id);
  const registered = await browser.scripting.getRegisteredContentScripts({ ids });
  if (registered.length > 0)
    await browser.scripting.unregisterContentScripts({ ids: registered.map(({ id }) => id) });
  if (matches.length === 0) return;
  await browser.scripting.registerContentScripts(
    SCRIPTS.map(({ id, file, world }) => ({
      id,
      js: [file],
      world,
      matches,
      excludeMatches: [...listed],
      allFrames: true,
      matchOriginAsFallback: true,
      runAt: "document_start" as const,
    })),
  );
  await putInto(matches);
}

async function putInto(patterns: string[]): Promise<void> {
  for (const tab of await browser.tabs.query({ url: patterns })) {
    if (tab.id === undefined) continue;
    // A tab that refuses scripts now, such as one with an error page, gets the script with its next page.
    for (const { file, world } of SCRIPTS)
      await browser.scripting
        .executeScript({
          target: { tabId: tab.id, allFrames: true },
          files: [file],
          world,
          injectImmediately: true,
        })
        .catch(() => {});
  }
}
