/** PNG: decoded by the Rust crate `png`, encoded in png-encoder.ts. */
import { decode as decodeBare, initSync } from "@jsquash/png/codec/pkg/squoosh_png.js";
import { startsWith } from "../bytes.ts";
import type { Format } from "../format.ts";
import { wasmModule } from "../wasm.ts";
import { readPrintSize, withChunks } from "./png-ancillary.ts";
import { barePng, PNG, PNG_SIGNATURE, readPngHeader } from "./png-chunks.ts";
import { encodePng } from "./png-encoder.ts";

const DECODER = "@jsquash/png/codec/pkg/squoosh_png_bg.wasm";

export const png = {
  ...PNG,
  binaries: [DECODER],
  // One bit a pixel, and zlib's best ratio of 1032 to 1 (zlib.net/zlib_tech.html).
  mostPixelsPerByte: 8 * 1032,
  matches: (bytes) => startsWith(bytes, PNG_SIGNATURE),
  readHeader: (bytes) => ({ ...readPngHeader(bytes), ...readPrintSize(bytes) }),
  async decode(bytes) {
    const bare = barePng(bytes);
    initSync(await wasmModule(DECODER));
    return decodeBare(bare);
  },
  encode: async (pixels, { info }, signal) => encodePng(pixels, await withChunks(info), signal),
} as const satisfies Format;
