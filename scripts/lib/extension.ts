/** Builds the extension in a mode of its own for demo and tests, which also protects uploads to the loopback host. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { bin, ROOT } from "./root.ts";
import { run } from "./terminal.ts";

/** Builds the unpacked extension and returns its folder. Rejects with the builder's own words when it fails. */
export async function buildExtension(browser: "chrome" | "firefox" = "chrome"): Promise<string> {
  const folder = join(ROOT, ".output", `${browser}-mv3-demo`);
  const args = [bin("wxt"), "build", "-b", browser, "--mode", "demo"];
  const { code, output } = await run(process.execPath, args, { cwd: ROOT, quiet: true });
  if (code !== 0) throw new Error(`The extension could not be built:\n\n${output.trim()}`);
  if (!existsSync(join(folder, "manifest.json")))
    throw new Error(`The build ended, but there is no extension in ${folder}.\n\n${output.trim()}`);
  return folder;
}
