/** In every frame of the pages that a person protects. */
import { defineContentScript } from "wxt/utils/define-content-script";
import { listedPatterns } from "../src/bridge/sites.ts";
import { startPage } from "../src/page/start.ts";

export default defineContentScript({
  matches: listedPatterns(import.meta.env.MODE),
  runAt: "document_start",
  allFrames: true,
  matchAboutBlank: true,
  matchOriginAsFallback: true,
  main: startPage,
});
