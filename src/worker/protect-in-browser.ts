/** Protects in a browser: codecs from the bundle, tensors on WebGL, or on WASM where there is no real GPU. */
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setScriptLoader, setWasmLoader } from "../core/codecs/index.ts";
import { Problem } from "../core/contract/problem.ts";
import type { Protect } from "../core/contract/protected-picture.ts";
import { createModelLoader } from "../core/protect/loaded-models.ts";
import { createProtect } from "../core/protect/protect.ts";
import { orGpuLoss, startBackend } from "./backend.ts";
import { importFromPackage, loadFromBundle } from "./codec-binaries.ts";

export interface BrowserProtect {
  readonly protect: Protect;
  /** Loads what a surrogate needs, so that the first picture need not wait for it. A failure shows when a picture comes. */
  warmUp(surrogateId: string): void;
}

/**
 * Makes what protects pictures in this document. When the GPU is lost, the running and all
 * further calls reject with a `Problem` of kind `backend`: the document must then end, and the next one will
 * choose another backend.
 *
 * @param readAsset reads a file of the package, by a path such as "models/name.safetensors"
 */
export function createBrowserProtect(readAsset: (path: string) => Promise<ArrayBuffer>): BrowserProtect {
  setWasmLoader(loadFromBundle);
  setScriptLoader(importFromPackage);
  const loadModel = createModelLoader({ readAsset, startBackend });
  const protectPicture = createProtect(loadModel);
  const protect: Protect = async (...args) => {
    try {
      return await orGpuLoss(protectPicture(...args));
    } catch (error) {
      // tfjs reports the consequences of a lost context in many words, and none of them help a person.
      if (
        error instanceof Error &&
        !(error instanceof Problem) &&
        /WebGL|shader|texture|framebuffer|context/i.test(error.message)
      )
        throw new Problem({ code: "backend/gpu-stopped" }, { cause: error });
      throw error;
    }
  };
  return { protect, warmUp: (id) => void loadModel(id).catch(() => {}) };
}
