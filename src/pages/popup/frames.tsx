/** Says in which parts of the page pictures are not protected, and offers to ask the browser for each. */
import { useState } from "preact/hooks";
import { popup } from "../../bridge/strings/popup.ts";
import type { PopupActions } from "./model.ts";
import "./sites.css";

const text = popup.frames;

/** A page may hold any number of advertisements, which have no upload form. */
const MOST = 3;

export interface FramesProps {
  readonly sites: readonly string[];
  readonly actions: Pick<PopupActions, "addSite">;
}

export function Frames({ sites, actions }: FramesProps) {
  const [added, setAdded] = useState(false);
  if (sites.length === 0 && !added) return null;
  return (
    <section class="card frames" aria-label={text.label}>
      {sites.length > 0 && <p class="note">{text.text}</p>}
      {added && (
        <p class="note" role="status">
          {text.reload}
        </p>
      )}
      <ul class="site-list">
        {sites.slice(0, MOST).map((site) => (
          <li key={site} class="site-entry">
            <span class="site-entry-name" title={site}>
              {site}
            </span>
            <button
              type="button"
              class="button"
              aria-label={text.allowLabel(site)}
              onClick={async () => setAdded((await actions.addSite(site)) || added)}
            >
              {text.allow}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
