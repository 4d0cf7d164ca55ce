/** What a person can choose, and its defaults. Stored by `platform/settings.ts`. */
import type { ObjectiveId } from "../core/contract/protected-picture.ts";

export type BudgetId = "subtle" | "balanced" | "strong";

/** What decides about a site; see `platform/settings.ts`. */
export type SiteSource = "person" | "list" | "everywhere" | "none";

/** L-infinity budgets, in 255ths of a channel's range. */
export const BUDGETS: Readonly<Record<BudgetId, number>> = { subtle: 4, balanced: 8, strong: 16 };

export interface Settings {
  /** Master switch. */
  readonly enabled: boolean;
  readonly budget: BudgetId;
  /** Id of a surrogate in `surrogates/registry.ts`. */
  readonly surrogate: string;
  readonly objective: ObjectiveId;
  /** Make pictures as small as the site would, before they are protected. */
  readonly shrinkFirst: boolean;
  /** Gradient steps; the engine's own number where absent. Not shown to people: fewer make tests quick. */
  readonly steps?: number;
  /** Hosts the person switched on (true) or off (false), `*` for all; all others follow the list of social sites. */
  readonly sites: Readonly<Record<string, boolean>>;
}

export const DEFAULT_SETTINGS: Settings = {
  enabled: true,
  budget: "balanced",
  surrogate: "efficientnet-lite0",
  objective: "features",
  shrinkFirst: false,
  sites: {},
};
