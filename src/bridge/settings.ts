/**
 * What a person can choose: the one schema of the settings, with each default beside its check, and what the settings ask of
 * the engine. Stored by `settings-storage.ts`. A new setting that the engine needs is an entry here under its name in
 * `ProtectionRequest`; it then passes through {@link requestFor} by itself.
 */
import * as v from "valibot";
import {
  BUDGETS,
  type BudgetId,
  DEFAULT_REQUEST,
  type ProtectionRequest,
  protectionRequestSchema,
} from "../core/contract/protection-request.ts";
import { siteProfile } from "./site-profiles.ts";
import { EVERYWHERE, normaliseHost } from "./sites.ts";

const request = protectionRequestSchema.entries;

/** A field that does not hold what it should falls back to its default, alone, so that one bad value never costs the others. */
const settingsSchema = v.object({
  /** Master switch. */
  enabled: v.fallback(v.boolean(), true),
  budget: v.fallback(v.picklist(Object.keys(BUDGETS) as BudgetId[]), "balanced"),
  surrogate: v.fallback(request.surrogate, DEFAULT_REQUEST.surrogate),
  objective: v.fallback(request.objective, DEFAULT_REQUEST.objective),
  /** Make pictures as small as the site would, before they are protected. */
  shrinkFirst: v.fallback(v.boolean(), false),
  /** Not shown to people: fewer steps make tests quick. */
  steps: v.fallback(v.optional(request.steps.wrapped), undefined),
  /** Hosts that the person switched on (true) or off (false), `*` for all; all others follow the list of social sites. */
  sites: v.fallback(v.pipe(v.unknown(), v.transform(parseSites)), {}),
});

export type Settings = Readonly<v.InferOutput<typeof settingsSchema>>;

export const DEFAULT_SETTINGS: Settings = v.parse(settingsSchema, {});

/** Takes a record from one version to the next. */
export type Migration = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** `MIGRATIONS[n]` leads from version n + 1 to n + 2; append only. Version 1 is the first. */
const MIGRATIONS: readonly Migration[] = [
  // Records hold the objective also of people who never chose one, and `overlap` was what they had then.
  (record) => ({ ...record, ...(record.objective === "overlap" && { objective: "features" }) }),
];

/** Version of the records written now. */
export const SETTINGS_VERSION = MIGRATIONS.length + 1;

/** Turns whatever storage held into valid settings. A record from a newer version is read as far as it is understood. */
export function parseSettings(stored: unknown, migrations: readonly Migration[] = MIGRATIONS): Settings {
  return v.parse(settingsSchema, migrate(stored, migrations));
}

/** What the settings ask of the engine, for a picture that goes to a page of `host`, if to any. */
export function requestFor(settings: Settings, host = ""): ProtectionRequest {
  const { enabled, sites, budget, shrinkFirst, steps, ...others } = settings;
  const longestSide = shrinkFirst ? siteProfile(host)?.longestSide : undefined;
  return {
    ...others,
    epsilon: BUDGETS[budget] / 255,
    ...(steps && { steps }),
    ...(longestSide && { longestSide }),
  };
}

function migrate(stored: unknown, migrations: readonly Migration[]): Readonly<Record<string, unknown>> {
  if (!isRecord(stored)) return {};
  const version = Number.isInteger(stored.version) ? Math.max(1, stored.version as number) : 1;
  return migrations
    .slice(version - 1)
    .reduce<Record<string, unknown>>((record, step) => step(record), stored);
}

function parseSites(sites: unknown): Readonly<Record<string, boolean>> {
  if (!isRecord(sites)) return {};
  return Object.fromEntries(
    Object.entries(sites).flatMap(([key, value]) => {
      const host = key === EVERYWHERE ? key : normaliseHost(key);
      return host !== "" && typeof value === "boolean" ? [[host, value] as const] : [];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
