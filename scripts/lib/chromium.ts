/**
 * Finds a browser of the Chromium family that can run an unpacked extension, on Linux, macOS and Windows. On Debian and
 * Ubuntu, as root, it installs Chromium; elsewhere it says what to install.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { canInstall, install } from "./apt.ts";

export interface FoundBrowser {
  /** Absolute path of the program. */
  readonly path: string;
  /** e.g. "Chromium". */
  readonly name: string;
  /** Google's own Chrome ignores `--load-extension` since 137; the extension then has to be loaded over the debugging pipe. */
  readonly branded: boolean;
}

interface Candidate {
  readonly name: string;
  readonly branded?: boolean;
  /** Names looked up in PATH. */
  readonly commands: readonly string[];
  /** Below /Applications and ~/Applications. */
  readonly mac: string;
  /** Below the program folders of Windows. */
  readonly windows: string;
}

/** In order of preference: browsers that take the extension from the command line come before Google Chrome. */
const CANDIDATES: readonly Candidate[] = [
  {
    name: "Chromium",
    commands: ["chromium", "chromium-browser"],
    mac: "Chromium.app/Contents/MacOS/Chromium",
    windows: "Chromium\\Application\\chrome.exe",
  },
  {
    name: "Microsoft Edge",
    commands: ["microsoft-edge", "microsoft-edge-stable"],
    mac: "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    windows: "Microsoft\\Edge\\Application\\msedge.exe",
  },
  {
    name: "Brave",
    commands: ["brave-browser", "brave", "brave-browser-stable"],
    mac: "Brave Browser.app/Contents/MacOS/Brave Browser",
    windows: "BraveSoftware\\Brave-Browser\\Application\\brave.exe",
  },
  {
    name: "Chrome for Testing",
    commands: ["chrome-for-testing"],
    mac: "Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
    windows: "Google\\Chrome for Testing\\Application\\chrome.exe",
  },
  {
    name: "Google Chrome",
    branded: true,
    commands: ["google-chrome", "google-chrome-stable", "chrome"],
    mac: "Google Chrome.app/Contents/MacOS/Google Chrome",
    windows: "Google\\Chrome\\Application\\chrome.exe",
  },
];

/** Whether there is a program at this path. */
export function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Absolute path of a command of PATH. */
export function inPath(command: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, command))
    .find(runnable);
}

function placesOf(candidate: Candidate): (string | undefined)[] {
  if (process.platform === "darwin")
    return ["/Applications", join(process.env.HOME ?? "", "Applications")].map((folder) =>
      join(folder, candidate.mac),
    );
  if (process.platform === "win32")
    return ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"]
      .map((name) => process.env[name])
      .map((folder) => folder && join(folder, candidate.windows));
  return [...candidate.commands.map(inPath), ...candidate.commands.map((name) => `/snap/bin/${name}`)];
}

/** Whether a program is Google's own Chrome: its version line says so; on Windows, where asking would open it, its path does. */
export function isBranded(path: string): boolean {
  if (process.platform === "win32") return /\\Google\\Chrome\\/i.test(path);
  try {
    const line = execFileSync(path, ["--version"], { stdio: ["ignore", "pipe", "ignore"], timeout: 20_000 });
    return /^Google Chrome \d/.test(line.toString().trim());
  } catch {
    return false;
  }
}

/** The program named by CHROME_PATH, or the best of the usual places; undefined when there is none. */
export function findBrowser(): FoundBrowser | undefined {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (!existsSync(given) || !runnable(given))
      throw new Error(`CHROME_PATH is ${given}, but there is no program that can be started.`);
    return { path: given, name: "the browser of CHROME_PATH", branded: isBranded(given) };
  }
  for (const candidate of CANDIDATES) {
    const path = placesOf(candidate).find((place) => place !== undefined && runnable(place));
    if (path) return { path, name: candidate.name, branded: candidate.branded === true };
  }
  return undefined;
}

/** What to do when there is no browser, for the system at hand. */
function howToInstall(): string {
  const way: Partial<Record<NodeJS.Platform, string>> = {
    darwin: "brew install --cask chromium      (or install Microsoft Edge, Brave or Google Chrome)",
    win32: "winget install Hibbiki.Chromium    (or use Microsoft Edge, Brave or Google Chrome)",
    linux: existsSync("/usr/bin/apt-get")
      ? "sudo apt-get install chromium      (on Ubuntu: sudo snap install chromium)"
      : "your distribution's package `chromium`, e.g. `sudo dnf install chromium`, `sudo pacman -S chromium`",
  };
  return `No Chromium, Chrome, Edge or Brave was found. Install one:\n\n    ${way[process.platform] ?? "Chromium"}\n\nor set CHROME_PATH to the program of one that is elsewhere.`;
}

/** Debian and Ubuntu as root: Chromium from the distribution's own packages, and a font so that pages have letters. */
async function installWithApt(): Promise<void> {
  console.log("No browser found; installing the package `chromium` with apt-get (this takes a minute) ...");
  await install("chromium", "fonts-liberation");
}

/** The browser to use, installed if need be. Rejects with a plain message that says what to install. */
export async function ensureBrowser(): Promise<FoundBrowser> {
  const found = findBrowser();
  if (found) return found;
  if (canInstall()) {
    await installWithApt().catch((error: Error) => {
      throw new Error(`${error.message}\n\n${howToInstall()}`);
    });
    const installed = findBrowser();
    if (installed) return installed;
  }
  throw new Error(howToInstall());
}
