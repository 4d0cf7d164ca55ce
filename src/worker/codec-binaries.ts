/** The codecs in a bundle: their WASM binaries are files beside the program. `setWasmLoader(loadFromBundle)`. */
import jpegDecode from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url";
import jpegEncode from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm?url";
import pngDecode from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url";
import webpDecode from "@jsquash/webp/codec/dec/webp_dec.wasm?url";
import webpEncode from "@jsquash/webp/codec/enc/webp_enc_simd.wasm?url";
import type { WasmLoader, WasmName } from "../core/codecs/wasm.ts";

const URLS: Readonly<Record<WasmName, string>> = {
  "jpeg-decode": jpegDecode,
  "jpeg-encode": jpegEncode,
  "png-decode": pngDecode,
  "webp-decode": webpDecode,
  "webp-encode": webpEncode,
};

/** Reads and compiles a binary of the extension's own package. */
export const loadFromBundle: WasmLoader = async (name) => {
  // Not compiled while streaming: some browsers serve extension files without the MIME type that it asks for.
  const response = await fetch(URLS[name]);
  return WebAssembly.compile(await response.arrayBuffer());
};
