/**
 * `npm run types`: checks the project folder by folder, each with the globals that exist where its code runs, so that "no DOM" and
 * "no Node" are the compiler's word. See the tsconfig.json of each folder of `src`.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { bin, ROOT } from "./lib/root.ts";
import { run } from "./lib/terminal.ts";

const places = readdirSync(join(ROOT, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => join("src", name));

for (const folder of [".", ...places]) {
  const { code } = await run(process.execPath, [bin("tsc"), "--noEmit", "--project", folder], { cwd: ROOT });
  if (code !== 0) process.exitCode = 1;
}
