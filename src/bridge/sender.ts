/** Who sent a message, by what the browser says of the sender. */
import { type Browser, browser } from "wxt/browser";

type Sender = Browser.runtime.MessageSender;

/** Whether a message comes from this extension. */
export function isOwn(sender: Sender | undefined): boolean {
  return sender?.id === browser.runtime.id;
}

/** Whether a message comes from a page of the extension, and not from a content script. */
export function isExtensionPage(sender: Sender): boolean {
  return sender.url?.startsWith(`${location.origin}/`) === true;
}

/** Host of the page that a content script runs in, for people to read. Empty when it is unknown. */
export function hostOf(sender: Sender | undefined): string {
  return hostsOf(sender)[0] ?? "";
}

/** Hosts of the sites that a content script belongs to: its frame's own, and its tab's. */
export function hostsOf(sender: Sender | undefined): string[] {
  const hosts = [sender?.origin, sender?.tab?.url, sender?.url].map((url) =>
    url && URL.canParse(url) ? new URL(url).host : "",
  );
  return [...new Set(hosts.filter(Boolean))];
}
