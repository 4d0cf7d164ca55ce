import { afterEach, describe, expect, it, vi } from "vitest";
import { isProtectedName, protectedName } from "../../../src/page/download.ts";
import { createKnownFiles } from "../../../src/page/known-files.ts";

describe("the name of a protected copy", () => {
  it.each([
    ["cat.jpg", "cat-protected.jpg"],
    ["my.holiday.png", "my.holiday-protected.png"],
    ["noextension", "noextension-protected"],
    [".hidden", ".hidden-protected"],
  ])("of %s is %s", (name, expected) => {
    expect(protectedName(name)).toBe(expected);
    expect(isProtectedName(expected)).toBe(true);
    expect(isProtectedName(name)).toBe(false);
  });
});

describe("known files", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are those that the page got, and those that were saved, however the disk calls them", () => {
    const names: string[] = [];
    const link = { click: () => names.push((link as unknown as HTMLAnchorElement).download) };
    vi.stubGlobal("document", { createElement: () => link });
    const known = createKnownFiles();
    const given = new File(["one"], "a.jpg");
    known.add(given);
    known.save([new File(["three"], "c.jpg")]);
    expect(names).toEqual(["c-protected.jpg"]);
    expect(known.has(given)).toBe(true);
    expect(known.has(new File(["one"], "a.jpg"))).toBe(false);
    expect(known.has(new File(["three"], "c-protected (1).jpg"))).toBe(true);
    expect(known.has(new File(["three"], "c.jpg"))).toBe(false);
    expect(known.has(new File(["four"], "c-protected.jpg"))).toBe(false);
  });
});
