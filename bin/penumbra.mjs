#!/usr/bin/env node
// Runs the command line under the project's own Node (the sources are TypeScript, which Node reads from 22.18 on).
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode } from "../scripts/lib/find-node.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const node = findNode(root);
if (!existsSync(join(root, "node_modules")) || !node) {
  console.error(
    `penumbra needs its packages (\`npm ci\` in ${root}) and Node 22.18 or newer (this is ${process.version}).`,
  );
  process.exit(2);
}
if (realpathSync(node) === realpathSync(process.execPath)) {
  const { main } = await import("../src/cli/main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const run = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  process.exit(run.status ?? 1);
}
