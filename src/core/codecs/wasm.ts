/**
 * The WASM binaries of the codecs. Each place where the library runs sets a loader of its own
 * (codec-binaries.ts there). Binaries are compiled once, but each picture gets a fresh instance, because WASM
 * memory never shrinks and a failed run leaves it in an unknown state.
 */

/**
 * Loads and compiles a binary. Called once for each path, unless it fails.
 * @param path in node_modules, one of `Format.binaries`
 */
export type WasmLoader = (path: string) => Promise<WebAssembly.Module>;

let load: WasmLoader | undefined;
const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Must be called before the first `decode` or `encode`. */
export function setWasmLoader(loader: WasmLoader): void {
  load = loader;
  compiled.clear();
}

/** The compiled binary. After a failure, the next call tries again. */
export function wasmModule(path: string): Promise<WebAssembly.Module> {
  const known = compiled.get(path);
  if (known) return known;
  if (!load) throw new Error("setWasmLoader has not been called");
  const loading = load(path);
  compiled.set(path, loading);
  loading.catch(() => compiled.delete(path));
  return loading;
}

/** An Emscripten module factory, as far as it is used here. */
export type EmscriptenFactory<Instance> = (options: {
  noInitialRun: boolean;
  instantiateWasm: (
    imports: WebAssembly.Imports,
    ready: (instance: WebAssembly.Instance) => void,
  ) => WebAssembly.Exports | Record<string, never>;
  print: (line: string) => void;
  printErr: (line: string) => void;
}) => Promise<Instance>;

/**
 * A fresh instance of an Emscripten codec.
 * @param onMessage gets the warnings and errors that its C code prints
 */
export async function instantiate<Instance>(
  path: string,
  factory: EmscriptenFactory<Instance>,
  onMessage: (line: string) => void = () => {},
): Promise<Instance> {
  const module = await wasmModule(path);
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
