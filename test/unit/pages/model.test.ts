import { expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../src/bridge/settings.ts";
import { siteState } from "../../../src/pages/popup/model.ts";

const allowed = { permitted: true, denied: false };

it("the state of an open site names the rule that decides and what the browser allows", () => {
  expect(siteState({ kind: "site", host: "old.reddit.com" }, DEFAULT_SETTINGS, allowed)).toEqual({
    kind: "open",
    host: "old.reddit.com",
    site: "reddit.com",
    decidedBy: "list",
    enabled: true,
    ...allowed,
  });
  const settings = { ...DEFAULT_SETTINGS, sites: { "example.org": false } };
  expect(siteState({ kind: "site", host: "www.example.org" }, settings, allowed)).toMatchObject({
    site: "example.org",
    decidedBy: "person",
    enabled: false,
  });
});

it("a closed page stays closed, whatever is allowed", () => {
  expect(siteState({ kind: "closed", reason: "store" }, DEFAULT_SETTINGS, allowed)).toEqual({
    kind: "closed",
    reason: "store",
  });
});
