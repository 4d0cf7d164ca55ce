/** Parts of the page in front of the person that come from sites on which the browser does not let the extension run. */
import { browser } from "wxt/browser";
import { hasSite } from "../../bridge/permissions.ts";
import { type SiteSettings, siteRule } from "../../bridge/site-rules.ts";
import { activeTab } from "./current-page.ts";

/** The sites of these parts, each once, the largest part first; none where the browser does not let the popup look. */
export async function closedFrames(settings: SiteSettings): Promise<readonly string[]> {
  const tab = await activeTab();
  const looked = await browser.scripting
    .executeScript({ target: { tabId: tab?.id ?? -1 }, func: frameHosts })
    .catch(() => []);
  const hosts = (looked[0]?.result ?? []) as string[];
  const sites = [...new Set(hosts.map((host) => siteRule(settings, host).site))];
  const open = await Promise.all(sites.map(hasSite));
  return sites.filter((_, i) => !open[i]);
}

/** Runs in the page, so it uses nothing around it: hosts of frames in which a form has room. */
function frameHosts(): string[] {
  const smallest = 100 * 100;
  return [...document.querySelectorAll("iframe")]
    .map(({ src, offsetWidth, offsetHeight }) => ({ src, area: offsetWidth * offsetHeight }))
    .filter(({ src, area }) => area >= smallest && /^https?:/.test(src))
    .sort((a, b) => b.area - a.area)
    .map(({ src }) => new URL(src).hostname);
}
