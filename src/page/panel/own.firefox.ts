/**
 * What only Firefox's panel has. There a content script ends with the extension, and is not told before. Cards that nobody
 * looks after would stay, with buttons that do nothing, so they leave by themselves unless that is put off. It has
 * the exports of `own.chrome.ts`.
 */
import type * as chromium from "./own.chrome.ts";
import style from "./panel.firefox.css?inline";

export { style };

export const keepCards: typeof chromium.keepCards = (root) => {
  for (const animation of root.getAnimations()) animation.currentTime = 0;
};
