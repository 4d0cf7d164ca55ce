/** The small sign on the toolbar button: how many pictures are being protected, or how the last one ended. */
import { browser } from "wxt/browser";
import { badgeColours } from "../bridge/badge-colours.ts";
import type { Status } from "../bridge/status.ts";

/** Milliseconds that a success is shown; a failure stays until the next picture. */
const STAY = 6000;

/** Shows a status on the toolbar button. */
export async function showBadge({ running, last }: Status): Promise<void> {
  if (running.length > 0) return await show(String(running.length), badgeColours.working);
  if (!last) return await show("", badgeColours.working);
  if (!last.outcome.ok) return await show("!", badgeColours.failed);
  await show("✓", badgeColours.done);
  setTimeout(async () => {
    if ((await browser.action.getBadgeText({})) === "✓") await show("", badgeColours.working);
  }, STAY);
}

async function show(text: string, color: string): Promise<void> {
  await browser.action.setBadgeText({ text });
  await browser.action.setBadgeBackgroundColor({ color });
  await browser.action.setBadgeTextColor({ color: badgeColours.text });
}
