/**
 * Permission to run on a site. The extension has it for social sites; for any other site the person gives it,
 * one by one, by a click in the popup. The background hears of it and registers the content script there.
 */

import { browser } from "wxt/browser";
import { listedSite } from "./site-rules.ts";
import { EVERYWHERE, isAddress, listedPattern, normaliseHost } from "./sites.ts";

/**
 * Match patterns that cover a site and its subdomains, over http and https; for a host on the built-in list
 * the pattern in the manifest; one for everything for {@link EVERYWHERE}; none for what cannot be a host.
 */
export function sitePatterns(host: string): string[] {
  if (host === EVERYWHERE) return ["*://*/*"];
  const site = normaliseHost(host);
  if (site === "") return [];
  const listed = listedSite(site);
  if (listed) return [listedPattern(listed)];
  return [isAddress(site) ? `*://${site}/*` : `*://*.${site}/*`];
}

/**
 * Asks for permission to run on a site and its subdomains. Must be called directly from a user gesture (no
 * `await` before it).
 *
 * @returns whether the extension may run there now; false too when the browser refuses to ask
 */
export async function requestSite(host: string): Promise<boolean> {
  const origins = sitePatterns(host);
  if (origins.length === 0) return false;
  return await browser.permissions.request({ origins }).catch(() => false);
}

/** Whether the extension may run on a site: the person granted it, or has not withdrawn a listed site. */
export async function hasSite(host: string): Promise<boolean> {
  const origins = sitePatterns(host);
  return origins.length > 0 && (await browser.permissions.contains({ origins }));
}

/** Gives back the permission to run on a site that the person had added; listed sites keep theirs. */
export async function releaseSite(host: string): Promise<void> {
  const origins = sitePatterns(host);
  if (origins.length === 0 || listedSite(host) !== undefined) return;
  await browser.permissions.remove({ origins }).catch(() => false);
}

/** Match patterns of all sites the person has granted and not taken back, as the browser gives them. */
export async function grantedPatterns(): Promise<string[]> {
  return (await browser.permissions.getAll()).origins ?? [];
}

/**
 * Calls back after permissions were given or taken back, also in the browser's own settings.
 *
 * @returns a function that stops it
 */
export function watchSites(callback: () => void): () => void {
  browser.permissions.onAdded.addListener(callback);
  browser.permissions.onRemoved.addListener(callback);
  return () => {
    browser.permissions.onAdded.removeListener(callback);
    browser.permissions.onRemoved.removeListener(callback);
  };
}
