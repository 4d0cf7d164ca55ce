/** The popup: reads storage and the tab, draws, and draws again when anything changes. It wakes nobody. */

import { render } from "preact";
import { hasSite, releaseSite, requestSite, watchSites } from "../../bridge/permissions.ts";
import type { Settings } from "../../bridge/settings.ts";
import { getSettings, updateSettings, watchSettings } from "../../bridge/settings-storage.ts";
import { siteRule, withoutSite, withSite } from "../../bridge/site-rules.ts";
import { getStatus, watchStatus } from "../../bridge/status-storage.ts";
import { SURROGATES } from "../../core/models/registry.ts";
import { currentPage } from "./current-page.ts";
import type { PopupActions, SiteState } from "./model.ts";
import { Popup } from "./popup.tsx";

const root = document.getElementById("app") as HTMLElement;
const page = await currentPage();
const host = page.kind === "site" ? page.host : "";
const surrogates = SURROGATES.filter(({ forMeasuring }) => !forMeasuring);
let settings = await getSettings();
let status = await getStatus();
let permitted = await hasSite(siteRule(settings, host).site);
let denied = false;

const actions: PopupActions = {
  setEnabled: (enabled) => updateSettings({ enabled }),
  setBudget: (budget) => updateSettings({ budget }),
  setObjective: (objective) => updateSettings({ objective }),
  setSurrogate: (surrogate) => updateSettings({ surrogate }),
  setShrinkFirst: (shrinkFirst) => updateSettings({ shrinkFirst }),
  async setSite(enabled) {
    const { site } = siteRule(settings, host);
    if (enabled) denied = !(await addSite(site));
    else await leaveSite(site, (current) => withSite(current, site, false));
    draw();
  },
  addSite,
  removeSite: (site) => leaveSite(site, withoutSite),
};

/** Called directly from a click. @returns whether the browser allowed it */
async function addSite(site: string): Promise<boolean> {
  // The question needs the click itself. Some browsers close the popup to ask it, so the choice is stored meanwhile.
  const asked = requestSite(site);
  await updateSettings((current) => ({ sites: withSite(current, site, true) }));
  const allowed = await asked;
  if (!allowed) await updateSettings((current) => ({ sites: withSite(current, site, false) }));
  return allowed;
}

/** Changes the entries so that a site is not protected any more, and gives back the leave to run there. */
async function leaveSite(site: string, without: (current: Settings, site: string) => Settings["sites"]) {
  await updateSettings((current) => ({ sites: without(current, site) }));
  await releaseSite(site);
}

watchSettings((next) => {
  settings = next;
  draw();
});
watchStatus((next) => {
  status = next;
  draw();
});
watchSites(async () => {
  permitted = await hasSite(siteRule(settings, host).site);
  draw();
});
draw();

function draw(): void {
  const model = { settings, site: siteState(), status, surrogates, now: Date.now() };
  render(<Popup model={model} actions={actions} />, root);
}

function siteState(): SiteState {
  if (page.kind === "closed") return page;
  return { kind: "open", host, permitted, denied, ...siteRule(settings, host) };
}
