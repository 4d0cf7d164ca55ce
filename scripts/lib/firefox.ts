/**
 * Finds Firefox on Linux, macOS and Windows, not older than the extension takes; on Debian, as root, installs it. The tests can do
 * without it.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { canInstall, install } from "./apt.ts";
import { inPath, runnable } from "./chromium.ts";

/**
 * The oldest Firefox that the extension runs in. In 140, the ESR before, a page could take an original: it let a person choose in an
 * input that it clicked by the method of a frame made at that moment (test/e2e/hidden.test.ts).
 */
export const OLDEST_FIREFOX = 153;

/** Absolute path of the program named by FIREFOX_PATH, or found in the usual places; undefined when there is none. */
function findFirefox(): string | undefined {
  const { FIREFOX_PATH, HOME = "", PROGRAMFILES = "" } = process.env;
  if (FIREFOX_PATH) {
    if (!runnable(FIREFOX_PATH))
      throw new Error(`FIREFOX_PATH is ${FIREFOX_PATH}, but there is no program that can be started.`);
    return FIREFOX_PATH;
  }
  const mac = "Applications/Firefox.app/Contents/MacOS/firefox";
  const places = [
    ...["firefox-esr", "firefox"].map(inPath),
    join("/", mac),
    join(HOME, mac),
    join(PROGRAMFILES, "Mozilla Firefox", "firefox.exe"),
  ];
  return places.find((place) => place !== undefined && runnable(place) && !isTooOld(place));
}

/** Whether a program says that it is an older Firefox, which on Windows it does not say. */
function isTooOld(path: string): boolean {
  if (process.platform === "win32") return false;
  try {
    const line = execFileSync(path, ["--version"], { stdio: ["ignore", "pipe", "ignore"], timeout: 20_000 });
    const [, version] = /Firefox (\d+)/.exec(line.toString()) ?? [];
    return Number(version) < OLDEST_FIREFOX;
  } catch {
    return true;
  }
}

/** Firefox, installed if need be and possible; undefined when it is neither there nor to be had. */
export async function ensureFirefox(): Promise<string | undefined> {
  const found = findFirefox();
  if (found || !canInstall()) return found;
  console.log(
    `No Firefox ${OLDEST_FIREFOX} or newer found; installing the package \`firefox-esr\` with apt-get (this takes a minute) ...`,
  );
  await install("firefox-esr").catch((error: Error) => console.warn(error.message));
  return findFirefox();
}
