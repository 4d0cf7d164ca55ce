/** The walls of the house: who may import whom (the linter's rules, tried out), and who may name the browser's API. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { bin, ROOT } from "../../scripts/lib/root.ts";

function sourceFiles(...folders: string[]): string[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...folders], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return listed.split("\n").filter((path) => /\.(ts|tsx|js|mjs)$/.test(path));
}

const FORBIDDEN = [
  ["src/shared", "preact"],
  ["src/shared", "../engine/quality.ts"],
  ["src/engine", "@tensorflow/tfjs"],
  ["src/engine", "node:fs"],
  ["src/engine", "../surrogates/registry.ts"],
  ["src/codecs", "../engine/quality.ts"],
  ["src/surrogates", "../protect/protect.ts"],
  ["src/protect", "../jobs/queue.ts"],
  ["src/uploads/sources", "../../engine/quality.ts"],
  ["src/uploads", "../platform/messages.ts"],
  ["src/ui", "webextension-polyfill"],
  ["src/platform", "../jobs/queue.ts"],
  ["src/jobs", "../../entrypoints/background.ts"],
  ["test/unit", "../../entrypoints/background.ts"],
] as const;

const ALLOWED = [
  ["src/engine", "@tensorflow/tfjs-core"],
  ["src/engine", "./budget.ts"],
  ["src/engine", "../shared/pixels.ts"],
  ["src/surrogates", "../engine/quality.ts"],
  ["src/protect", "../codecs/decode.ts"],
  ["src/jobs", "../protect/protect.ts"],
  ["src/uploads/sources", "../replace.ts"],
  ["src/platform", "webextension-polyfill"],
  ["entrypoints", "../src/platform/messages.ts"],
] as const;

/** Lints small files in a folder of their own, with the project's rules, and returns the paths that break an import rule. */
function breaking(sources: ReadonlyMap<string, string>): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), "penumbra-imports-"));
  try {
    cpSync(join(ROOT, "biome.json"), join(folder, "biome.json"));
    for (const [path, source] of sources) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    const { stdout } = spawnSync(
      process.execPath,
      [
        bin("biome"),
        "lint",
        "--vcs-enabled=false",
        "--only=style/noRestrictedImports",
        "--only=suspicious/noImportCycles",
        "--max-diagnostics=none",
        "--reporter=json",
        ".",
      ],
      { cwd: folder, encoding: "utf8" },
    );
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { severity: string; location: { path: string } }[];
    };
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    return new Set(errors.map(({ location }) => location.path.replaceAll("\\", "/")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("imports", () => {
  const values = (target: string) => `import "${target}";`;
  const types = (target: string) => `import type { X } from "${target}";\nexport type Y = X;`;
  const forbidden = FORBIDDEN.flatMap(([folder, target], i) => [
    [`${folder}/no-${i}.ts`, values(target)] as const,
    [`${folder}/no-${i}-types.ts`, types(target)] as const,
  ]);
  const allowed = ALLOWED.map(([folder, target], i) => [`${folder}/yes-${i}.ts`, values(target)] as const);

  it("go in one direction", () => {
    expect([...breaking(new Map([...forbidden, ...allowed]))].sort()).toEqual(
      forbidden.map(([path]) => path).sort(),
    );
  });

  it("do not go round", () => {
    const cycle = new Map([
      ["src/jobs/a.ts", 'export { b } from "./b.ts";\nexport const a = 1;\n'],
      ["src/jobs/b.ts", 'export { a } from "./a.ts";\nexport const b = 2;\n'],
      ["src/jobs/c.ts", 'export { a } from "./a.ts";\n'],
    ]);
    expect([...breaking(cycle)].sort()).toEqual(["src/jobs/a.ts", "src/jobs/b.ts"]);
  });
});

describe("the extension API", () => {
  it("is named only in src/platform and entrypoints", () => {
    const files = sourceFiles("src").filter((path) => !path.startsWith("src/platform/"));
    expect(files.length).toBeGreaterThan(10);
    const naming = files.filter((path) =>
      /(?<![\w.$'"`/-])(?:globalThis\.)?(?:browser|chrome)\s*\??\.\s*[a-z]/.test(
        withoutComments(readFileSync(join(ROOT, path), "utf8")),
      ),
    );
    expect(naming).toEqual([]);
  });
});

/** Comments may speak of the API; strings with `//` in them lose their tail, which hides no identifier. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
