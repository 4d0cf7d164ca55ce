import { beforeEach, expect, it, vi } from "vitest";
import { fakeBrowser } from "wxt/testing/fake-browser";
import { restoreSites } from "../../../src/background/restore-sites.ts";
import { getSettings } from "../../../src/bridge/settings-storage.ts";
import { listedPatterns } from "../../../src/bridge/sites.ts";

const granted = vi.hoisted(() => ({ origins: [] as string[] }));

vi.mock("wxt/browser", async () => {
  const { fakeBrowser } = await import("wxt/testing/fake-browser");
  return { browser: { storage: fakeBrowser.storage, permissions: { getAll: async () => granted } } };
});

const store = (settings: unknown) => fakeBrowser.storage.local.set({ settings });

beforeEach(() => {
  fakeBrowser.reset();
  granted.origins = [...listedPatterns(import.meta.env.MODE), "*://*.example.org/*"];
});

it.each([undefined, 7, "settings", null])(
  "switches on what was granted where the settings are lost: %s",
  async (lost) => {
    if (lost !== undefined) await store(lost);
    await restoreSites();
    expect((await getSettings()).sites).toEqual({ "example.org": true });
  },
);

it("switches everything on where that was granted", async () => {
  granted.origins = ["*://*/*"];
  await restoreSites();
  expect((await getSettings()).sites).toEqual({ "*": true });
});

it("leaves settings that are there as they are", async () => {
  await store({ version: 2, sites: { "example.org": false } });
  await restoreSites();
  expect((await getSettings()).sites).toEqual({ "example.org": false });
});

it("stores nothing where nothing was granted beside the listed sites", async () => {
  granted.origins = listedPatterns(import.meta.env.MODE);
  await restoreSites();
  expect(await fakeBrowser.storage.local.get()).toEqual({});
});
