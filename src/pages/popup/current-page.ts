/** The page in front of the person, as far as the browser tells: opening the popup grants its address for that moment. */
import { browser } from "wxt/browser";

/** A page that no extension runs on: the browser's own pages, extension stores, files on this computer. */
export interface ClosedPage {
  readonly kind: "closed";
  readonly reason: "browser" | "store" | "file";
}

export type Page = { readonly kind: "site"; readonly host: string } | ClosedPage;

const STORES = [
  "chromewebstore.google.com",
  "chrome.google.com",
  "addons.mozilla.org",
  "microsoftedge.microsoft.com",
];

/** The page of the active tab in the current window. */
export async function currentPage(): Promise<Page> {
  return describePage((await activeTab())?.url);
}

/** The active tab in the current window. */
export async function activeTab() {
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  return tab;
}

/** What an address means for the extension; `undefined` is how browsers give the addresses they keep to themselves. */
export function describePage(address: string | undefined): Page {
  if (address === undefined || !URL.canParse(address)) return { kind: "closed", reason: "browser" };
  const { protocol, hostname } = new URL(address);
  if (protocol === "file:") return { kind: "closed", reason: "file" };
  if (protocol !== "http:" && protocol !== "https:") return { kind: "closed", reason: "browser" };
  return STORES.includes(hostname) ? { kind: "closed", reason: "store" } : { kind: "site", host: hostname };
}
