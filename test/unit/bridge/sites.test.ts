import { describe, expect, it } from "vitest";
import { siteOfPattern } from "../../../src/bridge/sites.ts";

describe("the site of a pattern", () => {
  it.each([
    ["example.org", "example.org"],
    ["  WWW.Example.org  ", "example.org"],
    ["*.example.org", "example.org"],
    ["*://*.example.org/*", "example.org"],
    ["https://photos.example.org/upload?to=me#now", "photos.example.org"],
    ["http://localhost:8080/", "localhost"],
    ["192.168.1.4", "192.168.1.4"],
    ["http://[::1]:3000/", "[::1]"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["*", "*"],
    ["*://*/*", "*"],
    ["https://*/*", "*"],
    ["<all_urls>", "*"],
    ["", ""],
    ["com", ""],
    ["*.com", ""],
    ["face*.com", ""],
    ["example.*", ""],
    ["not a site.org", ""],
    ["user@example.org", ""],
  ])("%s is %j", (pattern, site) => expect(siteOfPattern(pattern)).toBe(site));
});
