import { expect, it, vi } from "vitest";
import { describePage } from "../../../src/pages/popup/current-page.ts";

vi.mock("wxt/browser", () => ({ browser: {} }));

it.each([
  ["https://photos.example.org/upload?x=1", { kind: "site", host: "photos.example.org" }],
  ["http://127.0.0.1:8080/", { kind: "site", host: "127.0.0.1" }],
  [undefined, { kind: "closed", reason: "browser" }],
  ["", { kind: "closed", reason: "browser" }],
  ["chrome://extensions", { kind: "closed", reason: "browser" }],
  ["about:blank", { kind: "closed", reason: "browser" }],
  ["moz-extension://5b3c/popup.html", { kind: "closed", reason: "browser" }],
  ["file:///home/me/page.html", { kind: "closed", reason: "file" }],
  ["https://chromewebstore.google.com/detail/1", { kind: "closed", reason: "store" }],
  ["https://addons.mozilla.org/", { kind: "closed", reason: "store" }],
])("%s", (address, page) => expect(describePage(address)).toEqual(page));
