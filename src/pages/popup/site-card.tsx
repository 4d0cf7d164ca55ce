/** The site in front of the person: its name, whether pictures are protected there and why, and the switch. */

import { popup } from "../../bridge/strings/popup.ts";
import { Switch } from "../components/switch.tsx";
import type { PopupActions, SiteState } from "./model.ts";
import "./site-card.css";

const text = popup.site;

export interface SiteCardProps {
  readonly site: SiteState;
  /** Master switch. */
  readonly enabled: boolean;
  readonly actions: Pick<PopupActions, "switchSite">;
}

export function SiteCard({ site, enabled, actions }: SiteCardProps) {
  if (site.kind === "closed") {
    const { title, text: reason } = text.closed[site.reason];
    return (
      <section class="card site" aria-labelledby="site-name">
        <div class="site-text">
          <h2 id="site-name" class="site-name">
            {title}
          </h2>
          <p class="note">{reason}</p>
        </div>
      </section>
    );
  }

  return (
    <section class="card site" aria-labelledby="site-name">
      <div class="site-text">
        <h2 id="site-name" class="site-name" title={site.host}>
          {site.host}
        </h2>
        <p id="site-state" class="note" role="status">
          {describe(site, enabled)}
          {enabled && site.site !== site.host && ` ${text.covers(site.site)}`}
        </p>
        {enabled && site.enabled && !site.permitted && (
          <button type="button" class="button" onClick={() => actions.switchSite(true)}>
            {text.allow}
          </button>
        )}
      </div>
      <Switch
        checked={site.enabled && site.permitted}
        disabled={!enabled}
        label={text.switchLabel(site.site)}
        describedBy="site-state"
        onChange={actions.switchSite}
      />
    </section>
  );
}

function describe(site: Extract<SiteState, { kind: "open" }>, enabled: boolean): string {
  if (!enabled) return text.paused;
  if (site.denied) return text.denied;
  if (site.enabled && !site.permitted) return text.unpermitted;
  if (site.decidedBy === "everywhere") return text.onEverywhere;
  if (site.enabled) return site.decidedBy === "list" ? text.onList : text.onPerson;
  return site.decidedBy === "person" ? text.offPerson : text.offNone;
}
