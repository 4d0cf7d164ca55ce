/** The use case in Node: assets from the disk, tensors on WASM. For the command line, tests and benchmarks. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { setWasmLoader } from "../core/codecs/index.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Protect } from "../core/contract/protected-picture.ts";
import { createWorkbenches } from "../core/protect/loaded-models.ts";
import {
  createProtect,
  createProtectAll,
  type OpenWorkbench,
  type ProtectAll,
} from "../core/protect/protect.ts";
import { loadFromNodeModules } from "./codec-binaries.ts";
import { createMeasure, type Measure } from "./measure.ts";
import { createProtectSet, type ProtectSet } from "./protect-set.ts";

const ASSETS = new URL("../../assets/", import.meta.url);

export interface NodeProtect {
  readonly protect: Protect;
  readonly protectAll: ProtectAll;
  readonly protectSet: ProtectSet;
  readonly measure: Measure;
  readonly openWorkbench: OpenWorkbench;
}

/** Protecting and measuring on this machine's processor. */
export function createNodeProtect(): NodeProtect {
  setWasmLoader(loadFromNodeModules);
  const openWorkbench = createWorkbenches({ readAsset, startBackend: startWasm });
  return {
    protect: createProtect(openWorkbench),
    protectAll: createProtectAll(openWorkbench),
    protectSet: createProtectSet(openWorkbench),
    measure: createMeasure(openWorkbench),
    openWorkbench,
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
