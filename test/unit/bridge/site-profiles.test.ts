import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, requestFor } from "../../../src/bridge/settings.ts";
import { SITE_PROFILES, siteProfile } from "../../../src/bridge/site-profiles.ts";
import { SOCIAL_SITES } from "../../../src/bridge/sites.ts";

describe("what is known of sites", () => {
  it("is of sites on the list, and within reason", () => {
    for (const [site, { longestSide = 1000, quality = 80 }] of Object.entries(SITE_PROFILES)) {
      expect(SOCIAL_SITES).toContain(site);
      expect(longestSide).toBeGreaterThanOrEqual(1000);
      expect(longestSide).toBeLessThanOrEqual(4096);
      expect(quality).toBeGreaterThan(50);
      expect(quality).toBeLessThanOrEqual(100);
    }
  });

  it.each([
    ["x.com", 4096],
    ["mobile.twitter.com", 4096],
    ["www.facebook.com:443", 2048],
    ["bsky.app", 4000],
    ["netflix.com", undefined],
    ["x.com.example.org", undefined],
    ["www.reddit.com", undefined],
    ["", undefined],
  ])("covers the host %j", (host, longestSide) => {
    expect(siteProfile(host)?.longestSide).toBe(longestSide);
  });

  it("is asked for only by those who want pictures shrunk first", () => {
    const settings = { ...DEFAULT_SETTINGS, shrinkFirst: true };
    expect(requestFor(settings, "bsky.app").longestSide).toBe(4000);
    expect(requestFor(settings, "www.reddit.com")).not.toHaveProperty("longestSide");
    expect(requestFor(settings, "")).not.toHaveProperty("longestSide");
    expect(requestFor(DEFAULT_SETTINGS, "bsky.app")).not.toHaveProperty("longestSide");
  });
});
