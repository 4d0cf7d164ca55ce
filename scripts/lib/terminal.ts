/** Words on a terminal: colours where they are seen, one line that is rewritten, and the running of other programs. */
import { spawn } from "node:child_process";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Whether lines can be rewritten; false in logs and pipes. */
export const live = process.stdout.isTTY === true && process.env.CI !== "true";

/** `text` in a style, plain where standard output is not a terminal. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Rewrites the current line on a terminal, does nothing elsewhere; `""` clears it. */
export function rewrite(text: string): void {
  if (live) process.stdout.write(`\r\x1b[2K${text}`);
}

/** A bar of `width` cells for a fraction of 0..1. */
export function bar(fraction: number, width = 24): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `${"━".repeat(full)}${paint("dim", "━".repeat(width - full))}`;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps the output back and returns it instead of showing it. */
  readonly quiet?: boolean;
}

/**
 * Runs a program to its end. Resolves with its exit code (127 when it cannot be started) and, if `quiet`, with
 * everything it printed.
 */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: options.quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Ends the program with a plain message for people. */
export function fail(message: string): never {
  rewrite("");
  console.error(`\n${paint("red", "✗")} ${message}\n`);
  process.exit(1);
}
