/**
 * Bytes to pixels and back: what a file is, its pixels upright, and a file like the original from changed
 * pixels.
 */
export { decode } from "./decode.ts";
export { encode } from "./encode.ts";
export type { Original } from "./format.ts";
export { encodeJpegAt } from "./formats/jpeg.ts";
export { type CodecBinary, keepsWithoutLoss, writtenFormat } from "./formats.ts";
export { isGrey } from "./grey.ts";
export { noticesOf } from "./notices.ts";
export type { PictureInfo } from "./picture-info.ts";
export { sampleTiles } from "./sample.ts";
export { type CodecScript, type ScriptLoader, setScriptLoader } from "./scripts.ts";
export { beginsLikePicture, checkShape, sniff } from "./sniff.ts";
export { setWasmLoader, type WasmLoader } from "./wasm.ts";
