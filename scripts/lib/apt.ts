/** Packages of the distribution, on Debian and Ubuntu as root. */
import { existsSync } from "node:fs";
import { run } from "./terminal.ts";

/** Whether packages can be installed here. */
export function canInstall(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/** Installs packages. Rejects with the last lines of what apt-get said. */
export async function install(...packages: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const steps = [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", ...packages],
  ];
  for (const args of steps) {
    const { code, output } = await run("apt-get", args, { env, quiet: true });
    if (code !== 0)
      throw new Error(`apt-get ${args[0]} failed:\n${output.trim().split("\n").slice(-8).join("\n")}`);
  }
}
