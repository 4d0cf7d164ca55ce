/** The browsers that every case of `inEachBrowser` runs in. Another browser is another entry here. */
import { describe, inject } from "vitest";
import type { Settings } from "../../src/bridge/settings.ts";
import { type Bench, useBench } from "./bench.ts";
import type { Ability, Browser, PlainBrowser } from "./browser.ts";
import { openChromium, openPlainChromium } from "./chromium.ts";
import { openFirefox, openPlainFirefox } from "./firefox.ts";

export interface BrowserKind {
  readonly name: string;
  readonly cannot: readonly Ability[];
  /** Why there is none on this machine. */
  readonly missing?: string;
  open(): Promise<Browser>;
  /** The same browser without the extension. */
  openPlain(): Promise<PlainBrowser>;
}

const firefox = inject("firefox");

/** Some tables are tried in Firefox as a whole only by `ALL_IN_FIREFOX=1 npm test`, which takes minutes longer. */
export const allInFirefox = Boolean(process.env.ALL_IN_FIREFOX);

const BROWSERS: readonly BrowserKind[] = [
  { name: "Chromium", cannot: [], open: () => openChromium(), openPlain: openPlainChromium },
  {
    name: "Firefox",
    // Without a screen there is no drag and drop, and a clipboard that carries no pictures.
    cannot: inject("hasScreen") ? ["detached label"] : ["drop", "paste", "detached label"],
    ...(!firefox && { missing: "which was not found: set FIREFOX_PATH" }),
    open: () => openFirefox(),
    openPlain: openPlainFirefox,
  },
];

/**
 * Runs the same cases in each browser, each with a bench of its own. A browser that is missing shows as skipped.
 * @param needs what a browser must be able to do; the others are left out
 */
export function inEachBrowser(
  cases: (bench: Bench, kind: BrowserKind) => void,
  { needs = [], settings }: { needs?: readonly Ability[]; settings?: Partial<Settings> } = {},
): void {
  for (const kind of BROWSERS.filter(({ cannot }) => !needs.some((ability) => cannot.includes(ability)))) {
    const { name, missing } = kind;
    describe.skipIf(missing)(missing ? `in ${name}, ${missing}` : `in ${name}`, () =>
      cases(useBench(kind, settings), kind),
    );
  }
}
