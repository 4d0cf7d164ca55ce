/** Builds the extension in a mode of its own for demo and tests, which also protects uploads to the loopback host. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bin, ROOT } from "./root.ts";
import { run } from "./terminal.ts";

/** Folder of the unpacked extension that `buildExtension` writes. */
export const EXTENSION_DIR = join(ROOT, ".output", "chrome-mv3-demo");

/** Builds the extension and returns its folder. Rejects with the builder's own words when it fails. */
export async function buildExtension(): Promise<string> {
  const { code, output } = await run(process.execPath, [bin("wxt"), "build", "--mode", "demo"], {
    cwd: ROOT,
    quiet: true,
  });
  if (code !== 0) throw new Error(`The extension could not be built:\n\n${output.trim()}`);
  if (!existsSync(join(EXTENSION_DIR, "manifest.json")))
    throw new Error(`The build ended, but there is no extension in ${EXTENSION_DIR}.\n\n${output.trim()}`);
  return EXTENSION_DIR;
}
