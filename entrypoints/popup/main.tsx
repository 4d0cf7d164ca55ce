/** The popup: reads storage and the tab, draws, and draws again when anything changes. It wakes nobody. */
import { render } from "preact";
import { hasSite, releaseSite, requestSite, watchSites } from "../../src/platform/permissions.ts";
import {
  getSettings,
  siteRule,
  updateSettings,
  watchSettings,
  withSite,
} from "../../src/platform/settings.ts";
import { getStatus, watchStatus } from "../../src/platform/status.ts";
import { currentPage } from "../../src/platform/tabs.ts";
import { SURROGATES } from "../../src/surrogates/registry.ts";
import type { PopupActions, SiteState } from "../../src/ui/model.ts";
import { Popup } from "../../src/ui/popup.tsx";

const root = document.getElementById("app") as HTMLElement;
const page = await currentPage();
const host = page.kind === "site" ? page.host : "";
let settings = await getSettings();
let status = await getStatus();
let permitted = await hasSite(siteRule(settings, host).site);
let denied = false;

const actions: PopupActions = {
  setEnabled: (enabled) => updateSettings({ enabled }),
  setBudget: (budget) => updateSettings({ budget }),
  setObjective: (objective) => updateSettings({ objective }),
  setSurrogate: (surrogate) => updateSettings({ surrogate }),
  async setSite(enabled) {
    const { site } = siteRule(settings, host);
    // The question needs the click itself. Some browsers close the popup to ask it, so the choice is stored meanwhile.
    const asked = enabled && !permitted ? requestSite(site) : Promise.resolve(true);
    await updateSettings((current) => ({ sites: withSite(current, site, enabled) }));
    denied = !(await asked);
    if (denied) await updateSettings((current) => ({ sites: withSite(current, site, false) }));
    if (!enabled) await releaseSite(site);
    draw();
  },
};

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
  const model = { settings, site: siteState(), status, surrogates: SURROGATES, now: Date.now() };
  render(<Popup model={model} actions={actions} />, root);
}

function siteState(): SiteState {
  if (page.kind === "closed") return page;
  return { kind: "open", host, permitted, denied, ...siteRule(settings, host) };
}
