import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  grantedPatterns,
  hasSite,
  releaseSite,
  requestSite,
  sitePatterns,
  watchSites,
} from "../../../src/bridge/permissions.ts";

/** Permissions of a browser whose person says yes, or no, to every question. Real ones: see test/e2e. */
const { permissions, person } = vi.hoisted(() => {
  const granted = new Set<string>();
  const person = { agrees: true, asked: [] as string[][], granted };
  const listeners = new Set<() => void>();
  const event = {
    addListener: (listener: () => void) => listeners.add(listener),
    removeListener: (listener: () => void) => listeners.delete(listener),
  };
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const permissions = {
    onAdded: event,
    onRemoved: event,
    contains: async ({ origins }: { origins: string[] }) => origins.every((origin) => granted.has(origin)),
    getAll: async () => ({ origins: [...granted] }),
    async request({ origins }: { origins: string[] }) {
      person.asked.push(origins);
      if (!person.agrees) return false;
      for (const origin of origins) granted.add(origin);
      changed();
      return true;
    },
    async remove({ origins }: { origins: string[] }) {
      if (origins.includes("*://*.x.com/*")) throw new Error("You cannot remove required permissions.");
      for (const origin of origins) granted.delete(origin);
      changed();
      return true;
    },
  };
  return { permissions, person };
});
vi.mock("wxt/browser", () => ({ browser: { permissions } }));

beforeEach(() => {
  person.agrees = true;
  person.asked.length = 0;
  person.granted.clear();
});

describe("patterns of a site", () => {
  it.each([
    ["example.org", ["*://*.example.org/*"]],
    ["Example.org:8080", ["*://*.example.org/*"]],
    ["192.168.0.7", ["*://192.168.0.7/*"]],
    ["x.com", ["*://*.x.com/*"]],
    ["mobile.x.com", ["*://*.x.com/*"]],
    ["netflix.com", ["*://*.netflix.com/*"]],
    ["", []],
    ["a b", []],
    ["*", ["*://*/*"]],
  ])("%s", (host, patterns) => expect(sitePatterns(host)).toEqual(patterns));
});

describe("permission for a site", () => {
  it("is asked for once, held, listed, and given back", async () => {
    expect(await hasSite("example.org")).toBe(false);
    expect(await requestSite("example.org")).toBe(true);
    expect(person.asked).toEqual([["*://*.example.org/*"]]);
    expect(await hasSite("example.org")).toBe(true);
    expect(await grantedPatterns()).toEqual(["*://*.example.org/*"]);
    await releaseSite("example.org");
    expect(await hasSite("example.org")).toBe(false);
  });

  it("stays away when the person says no", async () => {
    person.agrees = false;
    expect(await requestSite("example.org")).toBe(false);
    expect(await hasSite("example.org")).toBe(false);
  });

  it("is never asked for what is no site", async () => {
    expect(await requestSite("")).toBe(false);
    expect(await hasSite("")).toBe(false);
    expect(person.asked).toEqual([]);
  });

  it("of a listed site is not given back, but its loss is noticed", async () => {
    expect(await hasSite("x.com")).toBe(false);
    await requestSite("mobile.x.com");
    await releaseSite("x.com");
    expect(await hasSite("x.com")).toBe(true);
  });

  it("asks in the click itself", () => {
    requestSite("example.org");
    expect(person.asked).toHaveLength(1);
  });

  it("tells watchers of each change until they stop", async () => {
    const heard = vi.fn();
    const stop = watchSites(heard);
    await requestSite("example.org");
    await releaseSite("example.org");
    expect(heard).toHaveBeenCalledTimes(2);
    stop();
    await requestSite("example.org");
    expect(heard).toHaveBeenCalledTimes(2);
  });
});
