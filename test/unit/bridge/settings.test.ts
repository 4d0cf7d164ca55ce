import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";
import {
  DEFAULT_SETTINGS,
  parseSettings,
  SETTINGS_VERSION,
  type Settings,
} from "../../../src/bridge/settings.ts";
import { SETTINGS_KEY } from "../../../src/bridge/settings-record.ts";
import { getSettings, updateSettings, watchSettings } from "../../../src/bridge/settings-storage.ts";
import {
  isSiteEnabled,
  listedSite,
  siteRule,
  withoutSite,
  withSite,
} from "../../../src/bridge/site-rules.ts";
import { getSiteSettings, watchSiteSettings } from "../../../src/bridge/site-storage.ts";
import { normaliseHost } from "../../../src/bridge/sites.ts";
import { STRENGTHS } from "../../../src/core/contract/protection-request.ts";

// Storage as browsers have it, in memory.
vi.mock("wxt/browser", async () => ({ browser: (await import("wxt/testing/fake-browser")).fakeBrowser }));

const { local } = fakeBrowser.storage;

beforeEach(() => fakeBrowser.reset());

describe("stored settings", () => {
  it("are the defaults while nothing is stored", async () => {
    expect(await getSettings()).toEqual(DEFAULT_SETTINGS);
  });

  it("keep what was changed and leave the rest", async () => {
    await updateSettings({ strength: "strong" });
    expect(await updateSettings({ sites: { "example.org": true } })).toEqual({
      ...DEFAULT_SETTINGS,
      strength: "strong",
      sites: { "example.org": true },
    });
    expect(await getSettings()).toMatchObject({ strength: "strong", sites: { "example.org": true } });
    expect((await local.get(SETTINGS_KEY))[SETTINGS_KEY]).toMatchObject({ version: SETTINGS_VERSION });
  });

  it("lose no update of several made at once", async () => {
    const hosts = Array.from({ length: 20 }, (_, i) => `site${i}.org`);
    await Promise.all(
      hosts.map((host) => updateSettings(({ sites }) => ({ sites: { ...sites, [host]: true } }))),
    );
    expect(Object.keys((await getSettings()).sites)).toHaveLength(20);
  });

  it("refuse to store what is not valid", async () => {
    await updateSettings({ strength: "enormous" as never });
    expect((await local.get(SETTINGS_KEY))[SETTINGS_KEY]).toMatchObject({ strength: "balanced" });
  });

  it("fall back field by field", async () => {
    await local.set({
      [SETTINGS_KEY]: {
        version: 1,
        enabled: "yes",
        budget: "strong",
        surrogate: "<script>",
        objective: 7,
        sites: { "Example.ORG": true, "two words": true, "x.com": "off", "reddit.com": false },
      },
    });
    expect(await getSettings()).toEqual({
      ...DEFAULT_SETTINGS,
      strength: "strong",
      sites: { "example.org": true, "reddit.com": false },
    });
  });

  it("of the first version go on to the new default where they have the old one", async () => {
    const objectiveOf = async (objective: string, version: number) => {
      await local.set({ [SETTINGS_KEY]: { version, budget: "strong", objective } });
      return getSettings();
    };
    expect(await objectiveOf("overlap", 1)).toEqual({ ...DEFAULT_SETTINGS, strength: "strong" });
    expect(await objectiveOf("bayes-error", 1)).toMatchObject({ objective: "bayes-error" });
    expect(await objectiveOf("overlap", 2)).toMatchObject({ objective: "overlap" });
  });

  it("are valid whatever was stored", () => {
    const field = fc.oneof(fc.anything(), fc.constantFrom("invisible", "overlap", true));
    const junk = fc.oneof(
      fc.anything(),
      fc.record(
        {
          version: field,
          enabled: field,
          strength: field,
          surrogate: field,
          objective: field,
          shrinkFirst: field,
          steps: field,
          sites: field,
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(junk, (stored) => {
        const { steps, ...settings } = parseSettings(stored);
        expect(Object.keys(settings).sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
        if (steps !== undefined) expect(steps).toBeGreaterThanOrEqual(1);
        expect(typeof settings.enabled).toBe("boolean");
        expect(typeof settings.shrinkFirst).toBe("boolean");
        expect(Object.keys(STRENGTHS)).toContain(settings.strength);
        expect(["features", "cosine", "overlap", "bayes-error"]).toContain(settings.objective);
        expect(settings.surrogate).toMatch(/^[a-z0-9]/i);
        for (const [host, value] of Object.entries(settings.sites)) {
          expect(normaliseHost(host)).toBe(host);
          expect(typeof value).toBe("boolean");
        }
        // What was read can be stored and read again as it is.
        expect(parseSettings({ version: SETTINGS_VERSION, ...settings })).toEqual(settings);
      }),
    );
  });

  it("of the second version keep their strength, which has another name", () => {
    const strengthOf = (version: number, budget: unknown) => parseSettings({ version, budget }).strength;
    expect(strengthOf(2, "subtle")).toBe("invisible");
    expect(strengthOf(1, "strong")).toBe("strong");
    expect(strengthOf(2, 7)).toBe(DEFAULT_SETTINGS.strength);
  });

  it("are taken through every migration from their version on", () => {
    const migrations = [
      ({ power, ...rest }: Record<string, unknown>) => ({ ...rest, strength: power }),
      ({ strength, ...rest }: Record<string, unknown>) => ({
        ...rest,
        strength: strength === "max" ? "strong" : strength,
      }),
    ];
    expect(parseSettings({ version: 1, power: "max" }, migrations).strength).toBe("strong");
    expect(parseSettings({ power: "max" }, migrations).strength).toBe("strong");
    expect(parseSettings({ version: 2, strength: "max" }, migrations).strength).toBe("strong");
    expect(parseSettings({ version: 3, strength: "max" }, migrations).strength).toBe("balanced");
    expect(parseSettings({ version: 99, strength: "invisible", more: 1 }, migrations).strength).toBe(
      "invisible",
    );
  });

  it("are told to watchers until these stop", async () => {
    const seen: Settings[] = [];
    const stop = watchSettings((settings) => seen.push(settings));
    await updateSettings({ enabled: false });
    await local.set({ other: 1 });
    await fakeBrowser.storage.session.set({ [SETTINGS_KEY]: { enabled: true } });
    await local.remove(SETTINGS_KEY);
    stop();
    await updateSettings({ strength: "invisible" });
    expect(seen).toEqual([{ ...DEFAULT_SETTINGS, enabled: false }, DEFAULT_SETTINGS]);
  });
});

describe("what content scripts read of the settings", () => {
  it("is where uploads are protected, as all settings have it", async () => {
    const seen: unknown[] = [];
    watchSiteSettings((settings) => seen.push(settings));
    expect(await getSiteSettings()).toEqual({ enabled: true, sites: {} });
    await updateSettings({ enabled: false, sites: { "example.org": true } });
    const { enabled, sites } = await getSettings();
    expect(await getSiteSettings()).toEqual({ enabled, sites });
    expect(seen).toEqual([{ enabled, sites }]);
  });
});

describe("sites", () => {
  const withSites = (sites: Settings["sites"]): Settings => ({ ...DEFAULT_SETTINGS, sites });

  it.each([
    ["x.com", true],
    ["mobile.x.com", true],
    ["X.COM", true],
    ["x.com:443", true],
    ["x.com.", true],
    ["netflix.com", false],
    ["x.com.evil.org", false],
    ["example.org", false],
    ["127.0.0.1", false],
    ["localhost:8080", false],
    ["not a host", false],
  ])("by default %s is %s", (host, enabled) => {
    expect(isSiteEnabled(DEFAULT_SETTINGS, host)).toBe(enabled);
  });

  it("are protected where the host is unknown, unless Penumbra is off everywhere", () => {
    expect(isSiteEnabled(DEFAULT_SETTINGS, "")).toBe(true);
    expect(isSiteEnabled({ ...DEFAULT_SETTINGS, enabled: false }, "")).toBe(false);
  });

  it("follow the nearest entry of the person's", () => {
    const settings = withSites({ "reddit.com": false, "old.reddit.com": true, "example.org": true });
    expect(isSiteEnabled(settings, "www.reddit.com")).toBe(false);
    expect(isSiteEnabled(settings, "old.reddit.com")).toBe(true);
    expect(isSiteEnabled(settings, "very.old.reddit.com")).toBe(true);
    expect(isSiteEnabled(settings, "shop.example.org")).toBe(true);
    expect(isSiteEnabled(settings, "otherexample.org")).toBe(false);
  });

  it("are all on once the person says so, but for those switched off; the list still counts as such", () => {
    const settings = withSites({ "*": true, "reddit.com": false });
    expect(siteRule(settings, "photos.example.org")).toEqual({
      site: "photos.example.org",
      decidedBy: "everywhere",
      enabled: true,
    });
    expect(isSiteEnabled(settings, "old.reddit.com")).toBe(false);
    expect(siteRule(settings, "x.com").decidedBy).toBe("list");
    expect(isSiteEnabled({ ...settings, enabled: false }, "example.org")).toBe(false);
    const without = withSite(settings, "example.org", false);
    expect(without).toEqual({ "*": true, "reddit.com": false, "example.org": false });
    expect(withSite(withSites(without), "example.org", true)).toEqual(settings.sites);
    expect(withoutSite(withSites(without), "*")).toEqual({ "reddit.com": false, "example.org": false });
  });

  it("are all off with the master switch", () => {
    expect(isSiteEnabled({ ...withSites({ "example.org": true }), enabled: false }, "example.org")).toBe(
      false,
    );
    expect(isSiteEnabled({ ...DEFAULT_SETTINGS, enabled: false }, "x.com")).toBe(false);
  });

  it("are not confused by names that every object has", () => {
    for (const host of ["constructor", "__proto__", "toString"])
      expect(isSiteEnabled(DEFAULT_SETTINGS, host)).toBe(false);
  });

  it("treat an address as one site", () => {
    const settings = withSites({ "10.0.0.1": true, "0.1": true, "[::1]": true });
    expect(isSiteEnabled(settings, "10.0.0.1:3000")).toBe(true);
    expect(isSiteEnabled(settings, "10.9.0.1")).toBe(false);
    expect(isSiteEnabled(settings, "[::1]:3000")).toBe(true);
  });

  it("tell what decides", () => {
    expect(siteRule(DEFAULT_SETTINGS, "old.reddit.com")).toEqual({
      site: "reddit.com",
      decidedBy: "list",
      enabled: true,
    });
    expect(siteRule(DEFAULT_SETTINGS, "www.example.org")).toEqual({
      site: "example.org",
      decidedBy: "none",
      enabled: false,
    });
    expect(siteRule(withSites({ "example.org": true }), "shop.example.org")).toEqual({
      site: "example.org",
      decidedBy: "person",
      enabled: true,
    });
  });

  it("keep an entry only where it says something", () => {
    const on = withSite(DEFAULT_SETTINGS, "example.org", true);
    expect(on).toEqual({ "example.org": true });
    expect(withSite(withSites(on), "example.org", false)).toEqual({});
    const off = withSite(DEFAULT_SETTINGS, "x.com", false);
    expect(off).toEqual({ "x.com": false });
    expect(withSite(withSites(off), "x.com", true)).toEqual({});
    expect(withSite(withSites({ "example.org": true }), "old.example.org", false)).toEqual({
      "example.org": true,
      "old.example.org": false,
    });
  });

  it("include the loopback host in a build for the demo only", async () => {
    expect(listedSite("localhost")).toBeUndefined();
    vi.stubEnv("MODE", "demo");
    vi.resetModules();
    const demo = await import("../../../src/bridge/site-rules.ts");
    vi.unstubAllEnvs();
    expect(demo.isSiteEnabled(DEFAULT_SETTINGS, "127.0.0.1:4321")).toBe(true);
    expect(demo.isSiteEnabled(DEFAULT_SETTINGS, "localhost")).toBe(true);
    expect(demo.isSiteEnabled({ ...DEFAULT_SETTINGS, sites: { localhost: false } }, "localhost")).toBe(false);
    expect(demo.isSiteEnabled(DEFAULT_SETTINGS, "x.com")).toBe(true);
    expect(demo.isSiteEnabled(DEFAULT_SETTINGS, "10.0.0.1")).toBe(false);
  });
});
