/** The WASM binaries of the codecs in Node: read from node_modules. `setWasmLoader(loadFromNodeModules)`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { WasmLoader } from "../core/codecs/index.ts";

const { resolve } = createRequire(import.meta.url);

export const loadFromNodeModules: WasmLoader = async (path) =>
  WebAssembly.compile(new Uint8Array(await readFile(resolve(path))));
