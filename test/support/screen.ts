/** A screen that nobody sees, and its mouse: Xvfb and xdotool. Firefox drags, and copies pictures, only on a screen. */
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { canInstall, install } from "../../scripts/lib/apt.ts";
import { inPath } from "../../scripts/lib/chromium.ts";

export interface Screen {
  /** For the variable DISPLAY. */
  readonly display: string;
  /** Moves, presses and holds as `xdotool` is told, e.g. `mousemove 10 10 mousedown 1`. */
  mouse(...words: (string | number)[]): Promise<void>;
  close(): Promise<void>;
}

const PROGRAMS = ["Xvfb", "xdotool"] as const;

const areThere = () => PROGRAMS.every(inPath);

/** Whether {@link openScreen} can be used here, after the programs for it are installed where that is possible. */
export async function ensureScreen(): Promise<boolean> {
  if (process.platform !== "linux") return false;
  if (!areThere() && canInstall())
    await install("xvfb", "xdotool").catch((error: Error) => console.warn(error.message));
  return areThere();
}

export async function openScreen(): Promise<Screen> {
  const size = ["-screen", "0", "1400x1200x24"];
  const server = spawn("Xvfb", ["-displayfd", "3", ...size, "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const display = await new Promise<string>((resolve, reject) => {
    server.stdio[3]?.once("data", (number: Buffer) => resolve(`:${String(number).trim()}`));
    server.once("error", reject);
    server.once("exit", () => reject(new Error("Xvfb ended at once")));
  });
  return {
    display,
    async mouse(...words) {
      await promisify(execFile)("xdotool", words.map(String), { env: { ...process.env, DISPLAY: display } });
    },
    async close() {
      server.kill();
      await ended;
    },
  };
}
