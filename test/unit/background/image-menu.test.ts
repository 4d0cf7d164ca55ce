import { describe, expect, it, vi } from "vitest";
import { accessFor } from "../../../src/background/image-menu.ts";

vi.mock("wxt/browser", () => ({ browser: {} }));

describe("how a picture of a click is read", () => {
  const pageUrl = "https://x.com/home";

  it.each([
    ["of the page's own site", { srcUrl: "https://x.com/a.jpg" }, { frameId: 0, readHere: true }],
    [
      "of another site",
      { srcUrl: "https://pbs.twimg.com/media/a?format=jpg" },
      { frameId: 0, readHere: false, ask: "https://pbs.twimg.com/*" },
    ],
    [
      "of another port: permission is given by host",
      { srcUrl: "https://x.com:8443/a.jpg" },
      { frameId: 0, readHere: false, ask: "https://x.com/*" },
    ],
    ["made by the page", { srcUrl: "blob:https://x.com/1234" }, { frameId: 0, readHere: true }],
    ["in its address", { srcUrl: "data:image/png;base64,AAAA" }, { frameId: 0, readHere: true }],
    [
      "in a frame of the same site",
      { srcUrl: "https://x.com/a.jpg", frameUrl: "https://x.com/frame", frameId: 7 },
      { frameId: 7, readHere: true },
    ],
    [
      "in a frame of another site, out of reach of the click",
      { srcUrl: "https://ads.example/a.jpg", frameUrl: "https://ads.example/", frameId: 7 },
      { frameId: 0, readHere: false, ask: "https://ads.example/*" },
    ],
    [
      "of the page's site in a frame of another site",
      { srcUrl: "https://x.com/a.jpg", frameUrl: "https://ads.example/", frameId: 7 },
      { frameId: 0, readHere: false, ask: "https://x.com/*" },
    ],
    [
      "made by a frame of another site, which nobody else can read",
      { srcUrl: "blob:https://ads.example/1", frameUrl: "https://ads.example/", frameId: 7 },
      { frameId: 0, readHere: false },
    ],
  ])("%s", (_, click, access) => {
    expect(accessFor({ pageUrl, ...click })).toEqual(access);
  });
});
