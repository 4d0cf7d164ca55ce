/** What the popup shows and what it can ask for: plain data and functions, handed in by the entrypoint. */

import type { Settings } from "../../bridge/settings.ts";
import type { SiteSource } from "../../bridge/site-rules.ts";
import type { Status } from "../../bridge/status.ts";
import type { BudgetId, ObjectiveId } from "../../core/contract/protection-request.ts";

/** The page in front of the person. */
export type SiteState =
  /** No extension runs here: the browser's own pages, extension stores, files on this computer. */
  | { readonly kind: "closed"; readonly reason: "browser" | "store" | "file" }
  | {
      readonly kind: "open";
      /** Host name of the page. */
      readonly host: string;
      /** The site that the switch stands for; `host` or a parent of it. */
      readonly site: string;
      /** What decides. */
      readonly source: SiteSource;
      /** Whether the site is switched on, the master switch left aside. */
      readonly enabled: boolean;
      /** Whether the browser lets the extension run there. */
      readonly permitted: boolean;
      /** Whether the person was asked for permission just now and did not give it. */
      readonly denied?: boolean;
    };

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
  readonly status: Status;
  readonly surrogates: readonly SurrogateChoice[];
  /** Milliseconds since the epoch; ages are told from here. */
  readonly now: number;
}

export interface PopupActions {
  setEnabled(enabled: boolean): void;
  /** Called directly from the click, so that it may ask the browser for permission. */
  setSite(enabled: boolean): void;
  /** As `setSite`. Resolves with whether the browser allowed it. */
  addSite(site: string): Promise<boolean>;
  /** Forgets what the person chose for a site. */
  removeSite(site: string): void;
  setBudget(budget: BudgetId): void;
  setObjective(objective: ObjectiveId): void;
  setSurrogate(id: string): void;
  setShrinkFirst(shrinkFirst: boolean): void;
}
