/** The licences of everything in the extension that others wrote, as one text that is packed with it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** Licences of programs inside of a package's WASM binaries, where it has such. */
const BINARIES = ["codec/LICENSE.codec.md", "libheif-wasm/LICENSE"];

/**
 * Finds out which packages the extension carries. The extension is bundled in several passes; a plugin of the
 * same collection goes into each.
 * @param packed names of packages that are packed as they are
 */
export function createLicenceCollector(packed: readonly string[]) {
  const folders = new Set(packed.map((name) => join(ROOT, "node_modules", name)));
  return {
    plugin: {
      name: "collect-licences",
      generateBundle(
        _: unknown,
        bundle: Readonly<Record<string, { readonly moduleIds?: readonly string[] }>>,
      ) {
        for (const { moduleIds = [] } of Object.values(bundle))
          for (const id of moduleIds) {
            const [folder] = id.match(/^.*\/node_modules\/(@[^/]+\/)?[^/]+/) ?? [];
            if (folder) folders.add(folder);
          }
      },
    },
    /** Each package with name, version and licence, and the licence's words where the package has them. */
    text(): string {
      const packages = [...folders].map(licenceOf).sort((a, b) => a.localeCompare(b, "en"));
      const own = ["LICENSE", "assets/models/NOTICE", "assets/codecs/NOTICE"].map((file) =>
        readText(ROOT, file),
      );
      return [...own, ...new Set(packages)].join(`\n\n${"=".repeat(80)}\n\n`);
    },
  };
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readText(folder, "package.json"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)(\.|$)/i.test(file));
  files.push(...BINARIES.filter((file) => existsSync(join(folder, file))));
  return [`${name} ${version} (${license})`, ...files.map((file) => readText(folder, file))].join("\n\n");
}

function readText(folder: string, file: string): string {
  return readFileSync(join(folder, file), "utf8").trim();
}
