/** The popup as a whole: a pure view of a model, which asks for everything through its actions. */
import { name } from "../../bridge/strings/extension.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { Eclipse } from "../components/eclipse.tsx";
import { Switch } from "../components/switch.tsx";
import { Advanced } from "./advanced.tsx";
import { Frames } from "./frames.tsx";
import type { PopupActions, PopupModel } from "./model.ts";
import { Result } from "./result.tsx";
import { Running } from "./running.tsx";
import { SiteCard } from "./site-card.tsx";
import { Sites } from "./sites.tsx";
import { Strength } from "./strength.tsx";
import "./popup.css";

export interface PopupProps {
  readonly model: PopupModel;
  readonly actions: PopupActions;
}

export function Popup({ model, actions }: PopupProps) {
  const { settings, site, closedFrames, status, surrogates, protectedFiles, now } = model;
  const { change } = actions;
  const idle = status.running.length === 0 && status.last === undefined;
  return (
    <div class="popup">
      <header class="head">
        <Eclipse size={20} light={settings.enabled ? 0.6 : 0} />
        <h1 class="name">{name}</h1>
        <span class="head-state" aria-hidden="true">
          {settings.enabled ? popup.master.on : popup.master.off}
        </span>
        <Switch
          checked={settings.enabled}
          label={popup.master.label}
          onChange={(enabled) => change({ enabled })}
        />
      </header>
      <main class="body">
        <SiteCard site={site} enabled={settings.enabled} actions={actions} />
        {settings.enabled && site.kind === "open" && site.enabled && site.permitted && (
          <Frames sites={closedFrames} actions={actions} />
        )}
        {status.running.length > 0 && <Running jobs={status.running} />}
        {status.last && <Result job={status.last} now={now} />}
        {idle && <Empty enabled={settings.enabled} />}
        <Strength value={settings.strength} onChange={(strength) => change({ strength })} />
        <Sites sites={settings.sites} actions={actions} />
        <Advanced {...{ settings, surrogates, protectedFiles, actions }} />
        <footer class="foot">
          {popup.footer.limit} {popup.footer.privacy}
        </footer>
      </main>
    </div>
  );
}

/** Before the first picture. */
function Empty({ enabled }: { readonly enabled: boolean }) {
  return (
    <section class="empty">
      <Eclipse size={40} light={enabled ? 1 : 0} />
      <h2 class="empty-title">{popup.empty.title}</h2>
      <p class="note">{enabled ? popup.empty.text : popup.empty.off}</p>
    </section>
  );
}
