/**
 * Programs of codecs that must stay files of their own, since their licence (LGPL) lets people replace them.
 * Each place where the library runs sets a loader of its own (codec-binaries.ts there).
 */

/** Path of such a program in node_modules. */
export type CodecScript = "libheif-js/libheif-wasm/libheif-bundle.mjs";

/** Loads a module, once. @returns what it exports */
export type ScriptLoader = (path: CodecScript) => Promise<object>;

let load: ScriptLoader | undefined;

/** Must be called before the first `decode`. */
export function setScriptLoader(loader: ScriptLoader): void {
  load = loader;
}

export function loadScript(path: CodecScript): Promise<object> {
  if (!load) throw new Error("setScriptLoader has not been called");
  return load(path);
}
