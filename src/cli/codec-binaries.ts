/** The codecs in Node: their WASM binaries are read from node_modules. `setWasmLoader(loadFromNodeModules)`. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { WasmLoader, WasmName } from "../core/codecs/wasm.ts";

const FILES: Readonly<Record<WasmName, string>> = {
  "jpeg-decode": "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm",
  "jpeg-encode": "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm",
  "png-decode": "@jsquash/png/codec/pkg/squoosh_png_bg.wasm",
  "webp-decode": "@jsquash/webp/codec/dec/webp_dec.wasm",
  "webp-encode": "@jsquash/webp/codec/enc/webp_enc_simd.wasm",
};

/** Reads and compiles a binary of the installed packages. */
export const loadFromNodeModules: WasmLoader = async (name) => {
  const path = createRequire(import.meta.url).resolve(FILES[name]);
  return WebAssembly.compile(new Uint8Array(await readFile(path)));
};
