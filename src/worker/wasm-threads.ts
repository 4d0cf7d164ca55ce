/**
 * tfjs starts the threads of its WASM backend from scripts that it makes up as blob: URLs. The policy of
 * extension pages forbids those, so here the same scripts are taken from the package instead.
 */

const WORKER = "tfjs-backend-wasm-threaded-simd.worker.js";
const MODULE = "tfjs-backend-wasm-threaded-simd.js";

/** @param folder of the package that holds both scripts, e.g. "/wasm/" */
export function startThreadsFrom(folder: string): void {
  const packaged = (name: string) => new URL(folder + name, location.href).href;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(String(url).startsWith("blob:") ? packaged(WORKER) : url, options);
    }

    override postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void {
      const isLoad = typeof message === "object" && message !== null && "urlOrBlob" in message;
      super.postMessage(
        isLoad ? { ...message, urlOrBlob: packaged(MODULE) } : message,
        options as Transferable[],
      );
    }
  };
}
