/**
 * The architecture as one table: which folder may import which folders and packages. Read with docs/architecture.md. The walls
 * count for types as much as for values, and for every way of importing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, posix, relative, sep } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";

interface Row {
  /** Folders of this repository, each with all that is in it, or single files. */
  readonly own: readonly string[];
  /** Packages, with all of their files; `node:` stands for all of Node's own. */
  readonly packages?: readonly string[];
}

const CORE = [
  "src/core/contract",
  "src/core/codecs",
  "src/core/engine",
  "src/core/models",
  "src/core/protect",
];
const SHARED = ["src/bridge", "src/core/contract"];
const EXTENSION_API = "wxt/browser";
/** A dynamic import whose target is not written where it is imported: a program that is packed as it is. */
const COMPUTED = "(computed)";

/** A file belongs to the longest of these folders that it is in; a folder may always import itself. */
const MATRIX: Readonly<Record<string, Row>> = {
  // The library: bytes in, protected bytes out.
  "src/core/contract": { own: [], packages: ["valibot"] },
  "src/core/codecs": { own: ["src/core/contract"], packages: ["@jsquash", "jpeg-js"] },
  "src/core/engine": { own: ["src/core/contract"], packages: ["@tensorflow/tfjs-core"] },
  "src/core/models": {
    own: ["src/core/contract", "src/core/engine", "assets/models"],
    packages: ["@tensorflow/tfjs-core"],
  },
  "src/core/protect": {
    own: ["src/core/contract", "src/core/codecs", "src/core/engine", "src/core/models"],
  },

  // What the places say to each other and share.
  "src/bridge": { own: ["src/core/contract"], packages: ["valibot", EXTENSION_API] },

  // The places: a folder is where code runs. None imports another.
  "src/page": { own: SHARED, packages: [EXTENSION_API] },
  "src/page-world": { own: SHARED },
  "src/background": { own: SHARED, packages: [EXTENSION_API] },
  "src/worker": {
    own: [...SHARED, ...CORE],
    packages: [EXTENSION_API, "@jsquash", "@tensorflow", COMPUTED],
  },
  "src/pages": {
    own: [...SHARED, "src/core/models/registry.ts"],
    packages: [EXTENSION_API, "preact"],
  },
  "src/cli": { own: ["src/bridge", ...CORE], packages: ["node:", "@tensorflow", COMPUTED] },

  // One function of a place each.
  entrypoints: { own: ["src"], packages: ["wxt"] },
};

interface Import {
  readonly file: string;
  readonly target: string;
}

const inFolder = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

const rowOf = (file: string) =>
  Object.keys(MATRIX)
    .filter((folder) => inFolder(file, folder))
    .sort((a, b) => b.length - a.length)[0];

/** What a file imports, by every kind of import and export; its own files by their path in the repository. */
function importsOf(file: string, source: string): Import[] {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} could not be parsed: ${errors[0]?.message}`);
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => {
      const expression = source.slice(moduleRequest.start, moduleRequest.end);
      return /^["'`]/.test(expression) ? expression.slice(1, -1) : COMPUTED;
    }),
    // Types that are named in place; the parser does not list these.
    ...[...source.matchAll(/\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map(
      ([, specifier]) => specifier as string,
    ),
  ];
  return [...new Set(specifiers)].map((specifier) => {
    const path = specifier.replace(/\?.*$/, "");
    return { file, target: path.startsWith(".") ? posix.join(posix.dirname(file), path) : path };
  });
}

/** @returns why an import is not allowed; undefined when it is */
function wrongWith({ file, target }: Import): string | undefined {
  const folder = rowOf(file);
  if (folder === undefined) return `${file} is in no row of the table`;
  const { own, packages = [] } = MATRIX[folder] as Row;
  const isNode = target.startsWith("node:") || builtinModules.includes(target);
  const allowed =
    inFolder(target, folder) ||
    own.some((other) => inFolder(target, other)) ||
    (isNode ? packages.includes("node:") : packages.some((name) => inFolder(target, name)));
  return allowed ? undefined : `${file} imports ${target}`;
}

interface Sized {
  readonly name: string;
  /** From the first line to the last. */
  readonly lines: number;
}

/** Every function of a file, nested ones too, by the name that it or its variable or property has. */
function functionsOf(file: string, source: string): Sized[] {
  const found: Sized[] = [];
  const visit = (value: unknown, nameOfParent: string) => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one, nameOfParent);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const node = value as { type?: string; start: number; end: number; [part: string]: unknown };
    const name = (node.id ?? node.key) as { name?: string } | null | undefined;
    const known = name?.name ?? nameOfParent;
    if (/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type ?? ""))
      found.push({ name: known, lines: source.slice(node.start, node.end).split("\n").length });
    for (const part of Object.values(node)) visit(part, known);
  };
  visit(parseSync(file, source).program.body, "(no name)");
  return found;
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

const files = [...filesBelow("src"), ...filesBelow("entrypoints")];
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), "utf8")));

describe("imports", () => {
  it("are only those that the table allows, in every folder of src and in entrypoints", () => {
    expect(imports.length).toBeGreaterThan(300);
    expect(imports.flatMap((one) => wrongWith(one) ?? [])).toEqual([]);
  });

  it("of a folder that the table does not know are refused", () => {
    expect(wrongWith({ file: "src/elsewhere/a.ts", target: "src/bridge/sites.ts" })).toContain("no row");
    expect(wrongWith({ file: "src/core/a.ts", target: "valibot" })).toContain("no row");
  });

  it.each([
    ["src/core/contract/a.ts", 'import "../engine/budget.ts"'],
    ["src/core/engine/a.ts", 'import "@tensorflow/tfjs"'],
    ["src/core/engine/a.ts", 'import { readFile } from "node:fs/promises"'],
    ["src/core/engine/a.ts", 'export * from "fs"'],
    ["src/core/engine/a.ts", 'export { sniff } from "../codecs/sniff.ts"'],
    ["src/core/codecs/a.ts", 'import type { Budget } from "../engine/budget.ts"'],
    ["src/core/models/a.ts", 'import { decode } from "../codecs/decode.ts"'],
    ["src/core/protect/a.ts", 'import { browser } from "wxt/browser"'],
    ["src/core/protect/a.ts", 'import { browser } from "../../bridge/settings-storage.ts"'],
    ["src/bridge/a.ts", 'import { SURROGATES } from "../core/models/registry.ts"'],
    ["src/bridge/a.ts", 'import { h } from "preact"'],
    ["src/page/sources/a.ts", 'import { createQueue } from "../../worker/queue.ts"'],
    ["src/page/a.ts", 'let x: import("../worker/queue.ts").Queue'],
    ["src/page/a.ts", 'const x = await import("../core/protect/protect.ts")'],
    ["src/page-world/a.ts", 'import { browser } from "wxt/browser"'],
    ["src/pages/popup/a.ts", 'import { findPerturbations } from "../../core/engine/perturb.ts"'],
    ["src/background/a.ts", 'import { createPanel } from "../page/panel/panel.ts"'],
    ["src/worker/a.ts", 'import "../../entrypoints/background.ts"'],
    ["src/worker/a.ts", 'import "../../scripts/demo.ts"'],
    ["src/cli/a.ts", 'import { browser } from "wxt/browser"'],
  ])("that cross a wall are found: %s: %s", (file, source) => {
    expect(importsOf(file, source).flatMap((one) => wrongWith(one) ?? [])).toHaveLength(1);
  });

  it.each([
    ["src/core/engine/a.ts", 'import * as tf from "@tensorflow/tfjs-core"'],
    [
      "src/core/models/a.ts",
      'import names from "../../../assets/models/imagenet-classes.json" with { type: "json" }',
    ],
    ["src/worker/a.ts", 'import url from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url"'],
    ["src/page/sources/a.ts", 'import type { Progress } from "../../core/contract/protected-picture.ts"'],
    ["src/page/a.ts", 'import { type Browser, browser } from "wxt/browser"'],
    ["src/pages/popup/a.tsx", 'import { useState } from "preact/hooks"'],
    ["src/cli/a.ts", 'import { join } from "node:path"'],
  ])("that the table allows pass: %s: %s", (file, source) => {
    expect(importsOf(file, source).flatMap((one) => wrongWith(one) ?? [])).toEqual([]);
  });

  it("of entrypoints are nowhere", () => {
    const others = [...filesBelow("scripts"), ...filesBelow("test")];
    const naming = others.filter((file) =>
      importsOf(file, readFileSync(join(ROOT, file), "utf8")).some(({ target }) =>
        inFolder(target, "entrypoints"),
      ),
    );
    expect(naming).toEqual([]);
  });
});

describe("the extension API", () => {
  it("is reached by importing it, so that the table sees who does", () => {
    expect(files.length).toBeGreaterThan(100);
    const naming = files.filter((file) => {
      const source = withoutComments(readFileSync(join(ROOT, file), "utf8"));
      return (
        /(?<![\w.$'"`/-])(?:globalThis\.)?(?:browser|chrome)\s*\??\.\s*[a-z]/.test(source) &&
        !source.includes('from "wxt/browser"')
      );
    });
    expect(naming).toEqual([]);
  });
});

describe("entrypoints", () => {
  it("only call a function of a place", () => {
    const long = filesBelow("entrypoints").filter(
      (file) => readFileSync(join(ROOT, file), "utf8").trimEnd().split("\n").length > 15,
    );
    expect(long).toEqual([]);
  });
});

describe("functions", () => {
  const MOST_LINES = 80;

  it("of src, entrypoints and scripts have at most 80 lines, those that return an object of methods too", () => {
    const long = [...files, ...filesBelow("scripts")].flatMap((file) =>
      functionsOf(file, readFileSync(join(ROOT, file), "utf8"))
        .filter(({ lines }) => lines > MOST_LINES)
        .map(({ name }) => `${file}: ${name}`),
    );
    expect(long).toEqual([]);
  });

  it("are counted from the first line to the last, nested ones too", () => {
    const source = "const outer = () => {\n  function inner() {\n    return 1;\n  }\n  return { inner };\n};";
    expect(functionsOf("src/core/a.ts", source)).toEqual([
      { name: "outer", lines: 6 },
      { name: "inner", lines: 3 },
    ]);
  });
});

describe("folders", () => {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => [join(folder, entry.name), ...below(join(folder, entry.name))]);

  it.each(["src", ...below("src")])("%s says in a README what is in it", (folder) => {
    const lines = readFileSync(join(ROOT, folder, "README.md"), "utf8")
      .trim()
      .split("\n");
    expect(lines.length).toBeGreaterThanOrEqual(5);
    expect(lines.length).toBeLessThanOrEqual(25);
  });

  const places = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it.each(places)("src/%s is compiled with its own globals", (place) => {
    expect(readFileSync(join(ROOT, "src", place, "tsconfig.json"), "utf8")).toContain('"lib"');
  });
});

/** Comments may speak of the API; strings with `//` in them lose their tail, which hides no identifier. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

// Kept so that a moved file is noticed here and not by a table that silently matches nothing.
describe("the table", () => {
  it("names only folders that exist", () => {
    const named = new Set(Object.entries(MATRIX).flatMap(([folder, { own }]) => [folder, ...own]));
    const missing = [...named].filter((path) => {
      const siblings = readdirSync(join(ROOT, dirname(path)));
      return !siblings.includes(path.slice(path.lastIndexOf("/") + 1));
    });
    expect(missing).toEqual([]);
  });
});
