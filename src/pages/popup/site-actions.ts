/**
 * What a click on a site does: which entry is stored, and what the browser is asked. The entry is stored while the browser asks,
 * because some browsers close the popup for their question.
 */
import { releaseSite, requestSite } from "../../bridge/permissions.ts";
import type { Settings } from "../../bridge/settings.ts";
import { updateSettings } from "../../bridge/settings-storage.ts";
import { withoutSite, withSite } from "../../bridge/site-rules.ts";

/**
 * Switches a site on. Must be called directly from a click, since browsers take their question for an answer to that only.
 * @returns whether the browser allowed it; otherwise the site is off again
 */
export async function switchSiteOn(site: string): Promise<boolean> {
  const asked = requestSite(site);
  await updateSettings((current) => ({ sites: withSite(current, site, true) }));
  const allowed = await asked;
  if (!allowed) await updateSettings((current) => ({ sites: withSite(current, site, false) }));
  return allowed;
}

/** Switches a site off, and gives its permission back. */
export async function switchSiteOff(site: string): Promise<void> {
  await storeAndRelease(site, (current) => withSite(current, site, false));
}

/** Forgets what the person chose for a site, and gives its permission back. */
export async function forgetSite(site: string): Promise<void> {
  await storeAndRelease(site, (current) => withoutSite(current, site));
}

async function storeAndRelease(site: string, sites: (current: Settings) => Settings["sites"]): Promise<void> {
  await updateSettings((current) => ({ sites: sites(current) }));
  await releaseSite(site);
}
