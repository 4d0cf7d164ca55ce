/** Bytes to pixels and back: what a file is, its pixels upright, and a file like the original from changed pixels. */
export { decode } from "./decode.ts";
export { encode, encodeJpegAt, type Original } from "./encode.ts";
export { isGrey } from "./grey.ts";
export type { Orientation, PictureInfo, PictureType, Subsampling } from "./picture-info.ts";
export { sniff } from "./sniff.ts";
export { setWasmLoader, type WasmLoader, type WasmName } from "./wasm.ts";
