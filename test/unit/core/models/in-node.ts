/** The WASM backend and the package's files, in Node. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { ReadAsset } from "../../../../src/core/models/surrogate-entry.ts";

export async function startWasm(): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  setWasmPaths(join(dirname(resolve("@tensorflow/tfjs-backend-wasm")), "/"));
  if (!(await tf.setBackend("wasm"))) throw new Error("no WASM backend");
}

export const readAsset: ReadAsset = async (path) => {
  const bytes = await readFile(new URL(`../../../../assets/${path}`, import.meta.url));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
