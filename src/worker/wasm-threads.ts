/** Threads of tfjs's WASM backend, as an extension may start them. */

const WORKER = "tfjs-backend-wasm-threaded-simd.worker.js";
const MODULE = "tfjs-backend-wasm-threaded-simd.js";

/** Fewer than this would leave the second core of a small machine idle. */
const LEAST_THREADS = 2;

/**
 * Runs what starts the backend. It gets a thread for each two of the browser's cores, which are often two halves of one
 * core, but at least two and at most eight. The scripts of the threads are taken from the package: tfjs makes them up as
 * blob: URLs, which the policy of extension pages forbids.
 * @param folder of the package that holds both scripts, e.g. "/wasm/"
 */
export async function withThreads<T>(folder: string, start: () => Promise<T>): Promise<T> {
  takeScriptsFrom(folder);
  // tfjs takes half as many threads as it sees cores, whatever it is told, and would take a single one of two (tfjs#6081).
  const cores = Math.max(2 * LEAST_THREADS, navigator.hardwareConcurrency);
  Object.defineProperty(navigator, "hardwareConcurrency", { value: cores, configurable: true });
  try {
    return await start();
  } finally {
    Reflect.deleteProperty(navigator, "hardwareConcurrency");
  }
}

function takeScriptsFrom(folder: string): void {
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
