/**
 * The WASM binaries and separate programs of the codecs in a bundle: files beside the program, loaded when the
 * first picture needs them. `setWasmLoader(loadFromBundle)`, `setScriptLoader(importFromPackage)`.
 */
import avifDecoder from "@jsquash/avif/codec/dec/avif_dec.wasm?url";
import avifEncoder from "@jsquash/avif/codec/enc/avif_enc.wasm?url";
import jpegDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url";
import jpegEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm?url";
import pngDecoder from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url";
import webpDecoder from "@jsquash/webp/codec/dec/webp_dec.wasm?url";
import webpEncoder from "@jsquash/webp/codec/enc/webp_enc_simd.wasm?url";
import type { CodecBinary, CodecScript, ScriptLoader, WasmLoader } from "../core/codecs/index.ts";

const URLS: Readonly<Record<CodecBinary, string>> = {
  "@jsquash/avif/codec/dec/avif_dec.wasm": avifDecoder,
  "@jsquash/avif/codec/enc/avif_enc.wasm": avifEncoder,
  "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm": jpegDecoder,
  "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm": jpegEncoder,
  "@jsquash/png/codec/pkg/squoosh_png_bg.wasm": pngDecoder,
  "@jsquash/webp/codec/dec/webp_dec.wasm": webpDecoder,
  "@jsquash/webp/codec/enc/webp_enc_simd.wasm": webpEncoder,
};

/** Reads and compiles a binary of the extension's own package. */
export const loadFromBundle: WasmLoader = async (path) => {
  // Not compiled while streaming: some browsers serve extension files without the MIME type that it asks for.
  const response = await fetch(URLS[path as CodecBinary]);
  return WebAssembly.compile(await response.arrayBuffer());
};

/** Where wxt.config.ts packs them. */
const SCRIPTS: Readonly<Record<CodecScript, string>> = {
  "libheif-js/libheif-wasm/libheif-bundle.mjs": "/codecs/libheif.js",
};

/** Imports a program of the extension's own package. */
export const importFromPackage: ScriptLoader = (path) => import(/* @vite-ignore */ SCRIPTS[path]);
