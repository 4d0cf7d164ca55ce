/** The sites that a person added or switched off, and the way to add more by name or pattern. Folded away. */

import { useState } from "preact/hooks";
import type { Settings } from "../../bridge/settings.ts";
import { EVERYWHERE, siteOfPattern } from "../../bridge/sites.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { Disclosure } from "../components/disclosure.tsx";
import "../components/fields.css";
import type { PopupActions } from "./model.ts";
import "./sites.css";

const text = popup.sites;

export interface SitesProps {
  readonly sites: Settings["sites"];
  readonly actions: Pick<PopupActions, "addSite" | "removeSite">;
}

export function Sites({ sites, actions }: SitesProps) {
  const [problem, setProblem] = useState("");

  async function add(event: SubmitEvent) {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const site = siteOfPattern(new FormData(form).get("site") as string);
    if (site === "") return setProblem(text.invalid);
    // The question to the browser needs the click itself: nothing may be awaited before it.
    const allowed = actions.addSite(site);
    setProblem("");
    if (await allowed) form.reset();
    else setProblem(text.denied);
  }

  return (
    <Disclosure title={text.heading}>
      <div class="sites">
        <p class="note">{text.text}</p>
        <form class="site-form" onSubmit={add}>
          <input
            class="text-field"
            name="site"
            aria-label={text.name}
            aria-describedby="site-problem"
            placeholder={text.placeholder}
            autocomplete="off"
            spellcheck={false}
            required
          />
          <button type="submit" class="button">
            {text.add}
          </button>
        </form>
        <p id="site-problem" class="note problem-note" role="alert" hidden={problem === ""}>
          {problem}
        </p>
        {Object.keys(sites).length > 0 && (
          <ul class="site-list">
            {Object.entries(sites).map(([site, enabled]) => {
              const name = site === EVERYWHERE ? text.everywhere : site;
              return (
                <li key={site} class="site-entry">
                  <span class="site-entry-name" title={name}>
                    {name}
                  </span>
                  <span class="note">{enabled ? text.on : text.off}</span>
                  <button
                    type="button"
                    class="button"
                    aria-label={text.removeLabel(name)}
                    onClick={() => actions.removeSite(site)}
                  >
                    {text.remove}
                  </button>
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </Disclosure>
  );
}
