/**
 * The WASM binaries and separate programs of the codecs in Node, from node_modules:
 * `setWasmLoader(loadFromNodeModules)`, `setScriptLoader(importFromNodeModules)`.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { ScriptLoader, WasmLoader } from "../core/codecs/index.ts";

const { resolve } = createRequire(import.meta.url);

export const loadFromNodeModules: WasmLoader = async (path) =>
  WebAssembly.compile(new Uint8Array(await readFile(resolve(path))));

export const importFromNodeModules: ScriptLoader = (path) => import(path);
