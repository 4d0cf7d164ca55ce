/**
 * The codecs' WASM binaries, found by a loader that whoever wires the program sets: `node.ts` and `browser.ts` have one
 * each. Every picture gets a fresh instance, because WASM memory never shrinks and a failed run leaves it dirty;
 * compiling is done once.
 */

/** The binaries there are. */
export type WasmName = "jpeg-decode" | "jpeg-encode" | "png-decode" | "webp-decode" | "webp-encode";

/** Compiles a binary. Called at most once for each name. */
export type WasmLoader = (name: WasmName) => Promise<WebAssembly.Module>;

let load: WasmLoader | undefined;
const compiled = new Map<WasmName, Promise<WebAssembly.Module>>();

/** Says where the binaries are; to be called before the first `decode` or `encode`. */
export function setWasmLoader(loader: WasmLoader): void {
  load = loader;
  compiled.clear();
}

/** The compiled binary. A failed load is tried again the next time. */
export function wasmModule(name: WasmName): Promise<WebAssembly.Module> {
  const known = compiled.get(name);
  if (known) return known;
  if (!load) throw new Error("setWasmLoader has not been called");
  const loading = load(name);
  compiled.set(name, loading);
  loading.catch(() => compiled.delete(name));
  return loading;
}

/** The part of an Emscripten module factory that is used here. */
export type EmscriptenFactory<Instance> = (options: {
  noInitialRun: boolean;
  instantiateWasm: (
    imports: WebAssembly.Imports,
    ready: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports | Record<string, never>;
  print: (line: string) => void;
  printErr: (line: string) => void;
}) => Promise<Instance>;

/** A fresh instance of an Emscripten codec. What its C code prints as warnings and errors goes to `onMessage`. */
export async function instantiate<Instance>(
  name: WasmName,
  factory: EmscriptenFactory<Instance>,
  onMessage: (line: string) => void = () => {},
): Promise<Instance> {
  const module = await wasmModule(name);
  return new Promise((resolve, reject) => {
    factory({
      noInitialRun: true,
      instantiateWasm: (imports, ready) => {
        WebAssembly.instantiate(module, imports).then(ready, reject);
        return {};
      },
      print: () => {},
      printErr: onMessage,
    }).then(resolve, reject);
  });
}
