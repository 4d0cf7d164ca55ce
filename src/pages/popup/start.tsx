/** The popup's start: reads storage and the tab, draws, and draws again when anything changes. It wakes nobody. */
import { render } from "preact";
import { hasSite, watchSites } from "../../bridge/permissions.ts";
import { getSettings, updateSettings, watchSettings } from "../../bridge/settings-storage.ts";
import { siteRule } from "../../bridge/site-rules.ts";
import { getStatus, watchStatus } from "../../bridge/status-storage.ts";
import "../../bridge/theme.css";
import { SURROGATES } from "../../core/models/registry.ts";
import "../components/base.css";
import { currentPage } from "./current-page.ts";
import type { PopupActions } from "./model.ts";
import { siteState } from "./model.ts";
import { Popup } from "./popup.tsx";
import { forgetSite, switchSiteOff, switchSiteOn } from "./site-actions.ts";

const root = document.getElementById("app") as HTMLElement;
const page = await currentPage();
const host = page.kind === "site" ? page.host : "";
const surrogates = SURROGATES.filter(({ cliOnly }) => !cliOnly);
let settings = await getSettings();
let status = await getStatus();
let permitted = await hasSite(siteRule(settings, host).site);
let denied = false;

const actions: PopupActions = {
  change: updateSettings,
  async switchSite(enabled) {
    const { site } = siteRule(settings, host);
    if (enabled) denied = !(await switchSiteOn(site));
    else await switchSiteOff(site);
    draw();
  },
  addSite: switchSiteOn,
  removeSite: forgetSite,
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
  const site = siteState(page, settings, { permitted, denied });
  render(<Popup model={{ settings, site, status, surrogates, now: Date.now() }} actions={actions} />, root);
}
