/** The codecs on Node: their WASM binaries are read from node_modules. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setWasmLoader, type WasmName } from "./wasm.ts";

const FILES: Readonly<Record<WasmName, string>> = {
  "jpeg-decode": "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm",
  "jpeg-encode": "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm",
  "png-decode": "@jsquash/png/codec/pkg/squoosh_png_bg.wasm",
  "webp-decode": "@jsquash/webp/codec/dec/webp_dec.wasm",
  "webp-encode": "@jsquash/webp/codec/enc/webp_enc_simd.wasm",
};

/** Makes `decode` and `encode` ready for use in Node. Nothing is read before the first picture. */
export function useNodeCodecs(): void {
  const { resolve } = createRequire(import.meta.url);
  setWasmLoader(async (name) => WebAssembly.compile(new Uint8Array(await readFile(resolve(FILES[name])))));
}
