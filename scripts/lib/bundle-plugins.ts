/** What the bundler does here beyond its own: plugins for `wxt.config.ts`. */

/** In a build for Firefox, `name.firefox.ts` takes the place of `name.chrome.ts`: same exports. */
export function filesOfBrowser(browser: string) {
  return {
    name: "files-of-the-browser",
    enforce: "pre" as const,
    resolveId(
      this: { resolve: (...id: unknown[]) => unknown },
      source: string,
      importer: string | undefined,
    ) {
      if (browser !== "firefox" || !source.endsWith(".chrome.ts")) return undefined;
      return this.resolve(source.replace(/\.chrome\.ts$/, ".firefox.ts"), importer);
    },
  };
}

/** Errors in a page's world show in their stack where code comes from, which must not be the extension. */
export function namelessScript() {
  return {
    name: "nameless-script",
    enforce: "post" as const,
    generateBundle(_: unknown, bundle: Record<string, { type: string; code?: string }>) {
      for (const chunk of Object.values(bundle))
        if (chunk.type === "chunk") chunk.code += "\n//# sourceURL=native\n";
    },
  };
}

/** Resolves one module to a file. */
export function replaceModule(module: string, file: string) {
  return {
    name: `replace-${module}`,
    enforce: "pre" as const,
    resolveId: (source: string) => (source === module ? file : undefined),
  };
}
