/**
 * The content script on sites that the person added is registered here; listed sites have it from the manifest. Either way it
 * is put into open tabs at once, so that no page need be loaded again.
 */
import { browser } from "wxt/browser";
import { listedPatterns } from "../shared/sites.ts";
import { grantedPatterns, watchSites } from "./permissions.ts";

const ID = "added-sites";
const FILE = "/content-scripts/uploads.js";

/** Keeps the registration in step with the sites granted; called once, by the background. */
export function registerSites(): void {
  let turn: Promise<unknown> = Promise.resolve();
  const update = () => {
    turn = turn.then(register).catch((error) => console.error("Sites could not be registered.", error));
  };
  watchSites(update);
  browser.runtime.onInstalled.addListener(({ reason }) => {
    update();
    // Pages that are open already are not to go unprotected. After an update they keep the old script, which says so.
    if (reason === "install") void putInto(listedPatterns(import.meta.env.MODE));
  });
  browser.runtime.onStartup.addListener(update);
}

async function register(): Promise<void> {
  const listed = new Set(listedPatterns(import.meta.env.MODE));
  const matches = (await grantedPatterns()).filter((pattern) => !listed.has(pattern));
  const registered = await browser.scripting.getRegisteredContentScripts({ ids: [ID] });
  if (matches.length === 0) {
    if (registered.length > 0) await browser.scripting.unregisterContentScripts({ ids: [ID] });
    return;
  }
  const script = {
    id: ID,
    js: [FILE],
    matches,
    allFrames: true,
    matchOriginAsFallback: true,
    runAt: "document_start" as const,
  };
  if (registered.length > 0) await browser.scripting.updateContentScripts([script]);
  else await browser.scripting.registerContentScripts([script]);
  await putInto(matches);
}

async function putInto(patterns: string[]): Promise<void> {
  for (const tab of await browser.tabs.query({ url: patterns })) {
    if (tab.id === undefined) continue;
    // A tab that may not be scripted now, such as an error page, gets the script with its next page.
    await browser.scripting
      .executeScript({ target: { tabId: tab.id, allFrames: true }, files: [FILE], injectImmediately: true })
      .catch(() => {});
  }
}
