import { beforeEach, expect, it, vi } from "vitest";
import { getSettings } from "../../../src/bridge/settings-storage.ts";
import { forgetSite, switchSiteOff, switchSiteOn } from "../../../src/pages/popup/site-actions.ts";

/** A browser with a storage and a person who agrees, or not; `log` has what happened, in order. */
const { browser, person } = vi.hoisted(() => {
  const stored: Record<string, unknown> = {};
  const person = { answer: Promise.resolve(true), log: [] as string[] };
  const browser = {
    storage: {
      local: {
        get: async () => ({ ...stored }),
        async set(values: Record<string, unknown>) {
          Object.assign(stored, values);
          const { sites } = values.settings as { sites: unknown };
          person.log.push(`store ${JSON.stringify(sites)}`);
        },
      },
    },
    permissions: {
      async request({ origins }: { origins: string[] }) {
        person.log.push(`ask ${origins}`);
        return await person.answer;
      },
      async remove({ origins }: { origins: string[] }) {
        person.log.push(`give back ${origins}`);
      },
    },
  };
  return { browser, person };
});
vi.mock("wxt/browser", () => ({ browser }));

beforeEach(async () => {
  person.answer = Promise.resolve(true);
  await forgetSite("example.org");
  person.log.length = 0;
});

it("switching a site on asks within the click, and stores the choice before the answer", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  person.answer = promise;
  const allowed = switchSiteOn("example.org");
  expect(person.log).toEqual(["ask *://*.example.org/*"]);
  await vi.waitFor(() => expect(person.log.at(-1)).toBe('store {"example.org":true}'));
  resolve(true);
  expect(await allowed).toBe(true);
  expect((await getSettings()).sites).toEqual({ "example.org": true });
});

it("a site that the browser does not allow is off again", async () => {
  person.answer = Promise.resolve(false);
  expect(await switchSiteOn("example.org")).toBe(false);
  expect((await getSettings()).sites).toEqual({});
});

it("switching a site off stores it, then gives the permission back", async () => {
  await switchSiteOn("example.org");
  person.log.length = 0;
  await switchSiteOff("example.org");
  expect(person.log).toEqual(["store {}", "give back *://*.example.org/*"]);
});

it("a listed site is switched off by an entry, and forgotten without one", async () => {
  await switchSiteOff("x.com");
  expect((await getSettings()).sites).toEqual({ "x.com": false });
  await forgetSite("x.com");
  expect((await getSettings()).sites).toEqual({});
  // Its permission came with the extension.
  expect(person.log.filter((line) => line.startsWith("give back"))).toEqual([]);
});
