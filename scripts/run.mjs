#!/usr/bin/env node
/**
 * The front door of every command: `node scripts/run.mjs scripts/test.ts ...`, `node scripts/run.mjs wxt
 * build`. Plain JavaScript, because it runs under whatever Node the machine has (18 or newer): it installs
 * the packages of the lockfile when they are missing or not those of the lockfile, and then runs the script,
 * or the program of a package, under the Node that the lockfile brings.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findNode, OLDEST_NODE } from "./lib/find-node.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const windows = process.platform === "win32";

/** Says what is wrong in plain words and ends. */
function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function packagesOf(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

/** Compares contents rather than dates: a checkout touches files without changing them. */
function installed() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const found = packagesOf(join(root, "node_modules/.package-lock.json"));
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const there = found[path];
    return there ? there.version === entry.version : entry.optional === true || entry.peer === true;
  });
}

function install() {
  console.log("Installing the packages of package-lock.json (once; about 1.4 GB) ...");
  const cli = process.env.npm_execpath;
  const args = ["ci", "--loglevel=error", "--no-audit", "--no-fund"];
  const options = { cwd: root, stdio: "inherit" };
  const done =
    cli && /npm-cli\.c?js$/.test(cli)
      ? spawnSync(process.execPath, [cli, ...args], options)
      : spawnSync("npm", args, { ...options, shell: windows });
  if (done.error)
    fail(`npm could not be started: ${done.error.message}\nInstall Node (with npm) from nodejs.org.`);
  if (done.status !== 0)
    fail("The packages could not be installed (see above). Is this machine connected to the npm registry?");
}

if (Number(process.versions.node.split(".")[0]) < 18)
  fail(`Penumbra needs Node 18 or newer to start with; this is ${process.version}.`);

const [what, ...rest] = process.argv.slice(2);
if (!what) fail("Usage: node scripts/run.mjs SCRIPT.ts|PROGRAM [ARGUMENTS...]");
if (!installed()) install();
const node = findNode(root);
if (!node)
  fail(
    `Penumbra needs Node ${OLDEST_NODE} or newer; this is ${process.version}. Install it from nodejs.org.`,
  );

const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
const options = { stdio: "inherit", env: { ...process.env, PATH: path } };
const child = what.endsWith(".ts")
  ? spawn(node, [join(root, what), ...rest], options)
  : spawn(what, rest, { ...options, shell: windows });
child.on("error", (error) => fail(`${what} could not be started: ${error.message}`));
// A terminal interrupts the child as well. This process only has to outlive it, and to pass on other signals.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
