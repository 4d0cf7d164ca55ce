/**
 * Documents name tests as proof: a file in backquotes, and after a colon the titles in it, or parts of titles, in quotation marks.
 * What they name must exist.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";

interface Reference {
  /** Name of the test file, without its folder. */
  readonly file: string;
  readonly titles: readonly string[];
}

/** All tests that a text names. */
function referencesIn(text: string): Reference[] {
  return [...text.matchAll(/`([\w.-]+\.test\.tsx?)`(?::((?:[\s,;]*“[^”]+”)+))?/g)].map(
    ([, file = "", titles = ""]) => ({
      file,
      titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => title.replace(/\s+/g, " ")),
    }),
  );
}

/** All texts in a source file, the fixed parts of templates included, and those of the files of `test/` that it imports. */
function textsOf(path: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const node = value as { type?: string; value?: unknown; source?: { value?: unknown } };
    if (node.type === "Literal" && typeof node.value === "string") found.push(node.value);
    if (node.type === "TemplateElement") found.push((node.value as { cooked: string }).cooked);
    if (node.type === "ImportDeclaration") {
      const target = join(dirname(path), String(node.source?.value));
      if (target.startsWith(join(ROOT, "test")) && existsSync(target)) found.push(...textsOf(target, seen));
      return;
    }
    Object.values(node).forEach(visit);
  };
  visit(parseSync(path, readFileSync(path, "utf8")).program.body);
  return found;
}

const tests = Map.groupBy(
  readdirSync(join(ROOT, "test"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name)),
  (path) => basename(path),
);

/** What is wrong with a reference. A unit test and an end-to-end test may have the same name; then either may be meant. */
function wrongWith({ file, titles }: Reference): string[] {
  const paths = tests.get(file);
  if (!paths) return [`There is no ${file}.`];
  const texts = titles.length > 0 ? paths.flatMap((path) => textsOf(path)) : [];
  return titles
    .filter((title) => !texts.some((text) => text.includes(title)))
    .map((title) => `No test in ${file} is called “${title}”.`);
}

const documents = [
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((path) => join("docs", path)),
  ...readdirSync(ROOT),
].filter((path) => path.endsWith(".md"));

describe("a document", () => {
  it.each(documents)("%s names only tests that exist", (path) => {
    expect(referencesIn(readFileSync(join(ROOT, path), "utf8")).flatMap(wrongWith)).toEqual([]);
  });

  it("that names no test for a row of the ways into a page would be noticed", () => {
    const ways = readFileSync(join(ROOT, "docs/uploads.md"), "utf8");
    const [, table = ""] = /## The ways([\s\S]*?)\n## /.exec(ways) ?? [];
    const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
    expect(rows.length).toBeGreaterThan(25);
    const unproved = rows
      .slice(1)
      .filter((row) => referencesIn(row).every(({ titles }) => titles.length === 0));
    expect(unproved).toEqual([]);
  });

  it("that names a test which is not there is found", () => {
    const [right, wrongTitle, wrongFile] = referencesIn(
      `\`${basename(import.meta.filename)}\`: “names only tests that exist”; ` +
        `\`${basename(import.meta.filename)}\`: “names ${"nothing"} at all”; \`nowhere.test.ts\`: “x”`,
    ).map(wrongWith);
    expect([right, wrongTitle?.length, wrongFile?.length]).toEqual([[], 1, 1]);
  });
});
