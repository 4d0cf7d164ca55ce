/** Pages that import packages, built as those of a site are. */
import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { build } from "vite";
import { ROOT } from "../../scripts/lib/root.ts";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Builds all pages in a folder of `test/pages`, and has servers deliver them under its name. */
export async function publishPages(name: string, servers: readonly UploadServer[]): Promise<void> {
  const root = join(ROOT, "test/pages", name);
  const pages = (await readdir(root)).filter((file) => extname(file) === ".html");
  const { output } = (await build({
    root,
    configFile: false,
    logLevel: "error",
    base: `/${name}/`,
    build: { write: false, minify: false, rolldownOptions: { input: pages.map((page) => join(root, page)) } },
  })) as { output: { fileName: string; code?: string; source?: string | Uint8Array }[] };
  for (const { fileName, code, source } of output)
    for (const server of servers)
      server.publish(
        `/${name}/${fileName}`,
        TYPES[extname(fileName)] ?? "",
        Buffer.from(code ?? source ?? ""),
      );
}
