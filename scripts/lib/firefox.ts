/** Finds Firefox on Linux, macOS and Windows; on Debian, as root, installs it. The tests can do without it. */
import { join } from "node:path";
import { canInstall, install } from "./apt.ts";
import { inPath, runnable } from "./chromium.ts";

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
  return places.find((place) => place !== undefined && runnable(place));
}

/** Firefox, installed if need be and possible; undefined when it is neither there nor to be had. */
export async function ensureFirefox(): Promise<string | undefined> {
  const found = findFirefox();
  if (found || !canInstall()) return found;
  console.log(
    "No Firefox found; installing the package `firefox-esr` with apt-get (this takes a minute) ...",
  );
  await install("firefox-esr").catch((error: Error) => console.warn(error.message));
  return findFirefox();
}
