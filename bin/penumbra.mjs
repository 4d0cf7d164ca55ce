#!/usr/bin/env node
// Runs the command line under the project's own Node (the sources are TypeScript, which Node reads from 22.18 on).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import("../src/cli/main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const name = process.platform === "win32" ? "node.cmd" : "node";
  const node = join(root, "node_modules", ".bin", name);
  if (!existsSync(node)) {
    console.error(
      `penumbra needs Node 22.18 or newer (this is ${process.version}), or \`npm ci\` in ${root}.`,
    );
    process.exit(2);
  }
  const run = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exit(run.status ?? 1);
}
