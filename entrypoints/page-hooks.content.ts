/** In the page's own world, beside the uploads script, which cannot see all from its own. */
import { defineContentScript } from "wxt/utils/define-content-script";
import { listedPatterns } from "../src/bridge/sites.ts";
import { hookPage } from "../src/page-world/hooks.ts";

export default defineContentScript({
  matches: listedPatterns(import.meta.env.MODE),
  runAt: "document_start",
  allFrames: true,
  matchAboutBlank: true,
  matchOriginAsFallback: true,
  world: "MAIN",
  main: hookPage,
});
