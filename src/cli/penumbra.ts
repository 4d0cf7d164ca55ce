/**
 * The library in Node: assets from the disk, tensors on WASM. For the command line, tests and measurements.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { setScriptLoader, setWasmLoader } from "../core/codecs/index.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Protect } from "../core/contract/protected-picture.ts";
import { createModelLoader, type LoadModel } from "../core/protect/loaded-models.ts";
import { createProtect, createProtectAll, type ProtectAll } from "../core/protect/protect.ts";
import { importFromNodeModules, loadFromNodeModules } from "./codec-binaries.ts";
import { createMeasure, type Measure } from "./measure.ts";
import { createProtectSet, type ProtectSet } from "./protect-set/protect-set.ts";

const ASSETS = new URL("../../assets/", import.meta.url);

export interface Penumbra {
  readonly protect: Protect;
  readonly protectAll: ProtectAll;
  readonly protectSet: ProtectSet;
  readonly measure: Measure;
  readonly loadModel: LoadModel;
}

export function createPenumbra(): Penumbra {
  setWasmLoader(loadFromNodeModules);
  setScriptLoader(importFromNodeModules);
  const loadModel = createModelLoader({ readAsset, startBackend: startWasm });
  return {
    protect: createProtect(loadModel),
    protectAll: createProtectAll(loadModel),
    protectSet: createProtectSet(loadModel),
    measure: createMeasure(loadModel),
    loadModel,
  };
}

async function startWasm(): Promise<string> {
  const require = createRequire(import.meta.url);
  setWasmPaths(join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")), "/"));
  if (!(await tf.setBackend("wasm"))) throw new Problem({ code: "backend/none" });
  return tf.getBackend();
}

async function readAsset(path: string): Promise<ArrayBuffer> {
  const bytes = await readFile(new URL(path, ASSETS));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
