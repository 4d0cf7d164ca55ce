/**
 * `npm run applications`: gets the applications that test/e2e/applications drives, programs of other people, into a folder outside of
 * git: those in Python from the Python package index, those in PHP, with a PHP and a database, from packages of Debian 12, unpacked
 * and not installed. Tests run without them; where they are, they are tested too.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { APPLICATIONS_FOLDER, hasApplications } from "./lib/applications.ts";
import { fail, run } from "./lib/terminal.ts";

/** With the versions that docs/uploads.md speaks of. */
const PYTHON = [
  "gradio==6.31.0",
  "streamlit==1.67.0",
  "jupyterlab==4.6.6",
  "django==5.2.19",
  "wagtail==8.0.1",
  "pillow==12.3.0",
];

const DEBIAN = [
  "dokuwiki",
  ...["php-geshi", "php-phpseclib", "php-constant-time", "php-random-compat", "libphp-simplepie"],
  "wordpress",
  ...["php-getid3", "libjs-cropper", "libjs-prototype", "libjs-scriptaculous", "libjs-underscore"],
  ...["libjs-jquery", "libjs-jquery-cookie", "libjs-jquery-ui"],
  ...["php8.2-cli", "php8.2-common", "php8.2-curl", "php8.2-gd", "php8.2-intl", "php8.2-mbstring"],
  ...["php8.2-mysql", "php8.2-xml"],
  ...["mariadb-server-core", "mariadb-server", "mariadb-client-core", "mariadb-common", "mysql-common"],
  ...["libmariadb3", "libaio1", "liburing2", "libpmem1", "libsnappy1v5"],
  ...["libgd3", "libonig5", "libxslt1.1", "libsodium23", "libargon2-1", "libedit2"],
];

type Step = readonly [program: string, ...args: string[]];

async function runAll(steps: readonly Step[], cwd: string, hint: string): Promise<void> {
  for (const [program, ...args] of steps) {
    const { code } = await run(program, args, { cwd });
    if (code !== 0) fail(`${program} ended with ${code}. ${hint}`);
  }
}

async function installPython(): Promise<void> {
  const folder = join(APPLICATIONS_FOLDER, "python");
  if (hasApplications("python")) return;
  await runAll(
    [
      ["python3", "-m", "venv", folder],
      [join(folder, "bin/pip"), "install", "--quiet", ...PYTHON],
    ],
    APPLICATIONS_FOLDER,
    "Python 3.10 or newer with venv is needed (in Debian: python3-venv).",
  );
}

async function unpackDebian(): Promise<void> {
  const folder = join(APPLICATIONS_FOLDER, "debian");
  if (hasApplications("debian")) return;
  const unfinished = `${folder}.part`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  const hint = "DokuWiki and WordPress come from the packages of Debian 12; elsewhere they are not tested.";
  await runAll([["apt-get", "download", "-q", ...DEBIAN]], unfinished, hint);
  const archives = (await readdir(unfinished)).filter((name) => name.endsWith(".deb"));
  await runAll(
    archives.map((name): Step => ["dpkg-deb", "-x", name, "."]),
    unfinished,
    hint,
  );
  for (const name of archives) await rm(join(unfinished, name));
  await relink(unfinished, folder);
  await rename(unfinished, folder);
}

/** Turns links to places of the system into links to the same places in what was unpacked; those to nowhere go. */
async function relink(unpacked: string, folder: string): Promise<void> {
  for (const entry of await readdir(unpacked, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = await readlink(path);
    if (!target.startsWith("/")) continue;
    await rm(path);
    if (existsSync(join(unpacked, target))) await symlink(join(folder, target), path);
  }
}

await mkdir(APPLICATIONS_FOLDER, { recursive: true });
await installPython();
await unpackDebian();
console.log(`Installed in ${APPLICATIONS_FOLDER}.`);
