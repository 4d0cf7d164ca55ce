/** What the popup shows and what it can ask for: plain data and functions, which `start.tsx` hands in. */
import type { Settings } from "../../bridge/settings.ts";
import { type SiteRule, siteRule } from "../../bridge/site-rules.ts";
import type { Status } from "../../bridge/status.ts";
import type { ClosedPage, Page } from "./current-page.ts";

/** The page in front of the person. */
export type SiteState =
  | ClosedPage
  | (SiteRule & {
      readonly kind: "open";
      /** Host name of the page. */
      readonly host: string;
      /** Whether the browser lets the extension run there. */
      readonly permitted: boolean;
      /** Whether the person was asked for permission just now and did not give it. */
      readonly denied?: boolean;
    });

/** A network that stands for all those a scraper may train, as the person may choose it. */
export interface SurrogateChoice {
  readonly id: string;
  readonly name: string;
  /** One or two plain sentences. */
  readonly description: string;
}

export interface PopupModel {
  readonly settings: Settings;
  readonly site: SiteState;
  /** Sites of parts of the page in which the browser does not let the extension run, largest part first. */
  readonly closedFrames: readonly string[];
  readonly status: Status;
  readonly surrogates: readonly SurrogateChoice[];
  /** How many files Penumbra remembers to have protected. */
  readonly protectedFiles: number;
  /** Milliseconds since the epoch; ages are told from here. */
  readonly now: number;
}

export interface PopupActions {
  /** Stores some settings and keeps the others. */
  change(patch: Partial<Settings>): void;
  /** Switches the page's site on or off. Called directly from the click, so that it may ask the browser for permission. */
  switchSite(enabled: boolean): void;
  /** Switches a site on, by its name. As `switchSite`. Resolves with whether the browser allowed it. */
  addSite(site: string): Promise<boolean>;
  /** Forgets what the person chose for a site. */
  removeSite(site: string): void;
  /** Forgets which files Penumbra protected. */
  forgetFiles(): void;
}

/** The state of the page's site, from the settings and from what the browser allows. */
export function siteState(
  page: Page,
  settings: Settings,
  { permitted, denied }: { readonly permitted: boolean; readonly denied: boolean },
): SiteState {
  if (page.kind === "closed") return page;
  return { kind: "open", host: page.host, permitted, denied, ...siteRule(settings, page.host) };
}
