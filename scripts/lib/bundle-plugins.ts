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

/**
 * Starts a content script without WXT's own code around it, which announces each start by an event and a message with the
 * extension's id, and errors on the console. A page can hear both, and would know of the extension before there is an upload.
 */
export function quietEntry() {
  return {
    name: "quiet-entry",
    transform(code: string, id: string) {
      if (!id.includes("virtual:wxt-content-script-isolated-world-entrypoint")) return undefined;
      const [script] = /^import definition from .*/m.exec(code) ?? [];
      if (!script) throw new Error("WXT's entry of a content script is not as it was: see quietEntry");
      return `${script}\nexport default definition.main();`;
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

/**
 * Leaves out of a style sheet the custom properties that neither another one nor its own other properties use. The panel's
 * script is in every frame of every page, and carries only the tokens of the theme that the panel needs.
 *
 * @param theme id of the style sheet with the custom properties, as it is imported
 * @param css text of the style sheet that uses them
 */
export function onlyUsedTokens(theme: string, css: string) {
  const DECLARATION = /\s+--([\w-]+):([^;]+);/g;
  const used = (text: string) => [...text.matchAll(/var\(--([\w-]+)/g)].map(([, name]) => name as string);
  return {
    name: "only-used-tokens",
    enforce: "pre" as const,
    transform(code: string, id: string) {
      if (!id.endsWith(theme)) return undefined;
      const values = new Map(
        [...code.matchAll(DECLARATION)].map(([, name, value]) => [name, value as string]),
      );
      const needed = new Set(used(css));
      // A set visits what is added to it meanwhile.
      for (const name of needed) for (const other of used(values.get(name) ?? "")) needed.add(other);
      return code.replace(DECLARATION, (whole, name: string) => (needed.has(name) ? whole : ""));
    },
  };
}
