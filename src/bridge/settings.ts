/**
 * What a person can choose: the schema of the settings, with each default beside its check, and the request
 * that they make. Stored by `settings-storage.ts`; where uploads are protected is in `site-rules.ts`. A new
 * setting that the library needs is an entry here under its name in `ProtectionRequest`; it then passes
 * through {@link requestFor} by itself.
 */
import * as v from "valibot";
import {
  DEFAULT_REQUEST,
  DEFAULT_STRENGTH,
  limitsOf,
  type ProtectionRequest,
  protectionRequestSchema,
  STRENGTHS,
  type StrengthId,
} from "../core/contract/protection-request.ts";
import { siteProfile } from "./site-profiles.ts";
import { parseSiteSettings, type SiteSettings } from "./site-rules.ts";

const request = protectionRequestSchema.entries;

/** A field with a bad value falls back to its default, so that one bad value never costs the others. */
const settingsSchema = v.object({
  strength: v.fallback(v.picklist(Object.keys(STRENGTHS) as StrengthId[]), DEFAULT_STRENGTH),
  surrogate: v.fallback(request.surrogate, DEFAULT_REQUEST.surrogate),
  objective: v.fallback(request.objective, DEFAULT_REQUEST.objective),
  /** Make pictures as small as the site would, before they are protected. */
  shrinkFirst: v.fallback(v.boolean(), false),
  /** Not shown to people: fewer steps make tests quick. */
  steps: v.fallback(v.optional(request.steps.wrapped), undefined),
});

export type Settings = SiteSettings & Readonly<v.InferOutput<typeof settingsSchema>>;

/** Takes a record from one version to the next. */
export type Migration = (record: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** `MIGRATIONS[n]` leads from version n + 1 to n + 2; append only. Version 1 is the first. */
const MIGRATIONS: readonly Migration[] = [
  // Records hold the objective also of people who never chose one, and `overlap` was what they had then.
  (record) => ({ ...record, ...(record.objective === "overlap" && { objective: "features" }) }),
  ({ budget, ...record }) => ({ ...record, strength: budget === "subtle" ? "invisible" : budget }),
];

/** Version of the records written now. */
export const SETTINGS_VERSION = MIGRATIONS.length + 1;

/** Turns whatever was stored into valid settings. Of a newer version it reads the fields that it knows. */
export function parseSettings(stored: unknown, migrations: readonly Migration[] = MIGRATIONS): Settings {
  const record = migrate(stored, migrations);
  return { ...parseSiteSettings(record), ...v.parse(settingsSchema, record) };
}

/** What a person has who never chose anything. */
export const DEFAULT_SETTINGS: Settings = parseSettings({});

/**
 * The request that the settings make for a picture.
 *
 * @param host of the page that it is uploaded to; empty if it is not uploaded
 */
export function requestFor(settings: Settings, host: string): ProtectionRequest {
  const { enabled, sites, strength, shrinkFirst, steps, ...others } = settings;
  const longestSide = shrinkFirst ? siteProfile(host)?.longestSide : undefined;
  return {
    ...others,
    ...limitsOf(strength),
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
