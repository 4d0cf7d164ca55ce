/** The licences of everything that the extension carries and others wrote, as one text to put beside it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** Bundled without being a dependency of ours by name. */
const ALSO_BUNDLED = ["wxt", "seedrandom", "long"];

/** Packages whose programs contain others' code, and where its licence stands in them. */
const INSIDE = "codec/LICENSE.codec.md";

/** @returns a text with a part for each package: name, version, licence, and the licence's words where it brings them */
export function licences(): string {
  const { dependencies } = readJson(ROOT) as { dependencies: Record<string, string> };
  const parts = [...Object.keys(dependencies), ...ALSO_BUNDLED].map((name) => {
    const folder = join(ROOT, "node_modules", name);
    const { version, license } = readJson(folder) as { version: string; license: string };
    const own = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file));
    const texts = [...own, ...(existsSync(join(folder, INSIDE)) ? [INSIDE] : [])].map((file) =>
      readFileSync(join(folder, file), "utf8").trim(),
    );
    return [`${name} ${version} (${license})`, ...texts].join("\n\n");
  });
  const models = readFileSync(join(ROOT, "assets", "models", "NOTICE"), "utf8").trim();
  return [readFileSync(join(ROOT, "LICENSE"), "utf8").trim(), models, ...parts].join(
    `\n\n${"=".repeat(80)}\n\n`,
  );
}

function readJson(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
