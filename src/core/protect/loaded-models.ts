/** Starts the backend once and loads each surrogate once, however many jobs ask. */
import { Problem } from "../contract/problem.ts";
import { findSurrogate, SURROGATES } from "../models/registry.ts";
import type { OpenWorkbench, Workbench } from "./protect.ts";

export interface WorkbenchPorts {
  /** Reads a file of `assets/`, by a path such as "models/name.safetensors". */
  readonly readAsset: (path: string) => Promise<ArrayBuffer>;
  /** Starts a tfjs backend and gives its name; rejects with a `Problem` of code `backend`. */
  readonly startBackend: () => Promise<string>;
}

export function createWorkbenches({ readAsset, startBackend }: WorkbenchPorts): OpenWorkbench {
  let backend: Promise<string> | undefined;
  const open = new Map<string, Promise<Workbench>>();
  return (id) => {
    const entry = findSurrogate(id);
    if (!entry) {
      const known = SURROGATES.map((surrogate) => surrogate.id);
      return Promise.reject(new Problem({ code: "internal/surrogate", id, known }));
    }
    let workbench = open.get(id);
    if (!workbench) {
      backend ??= startBackend();
      workbench = backend.then(async (name) => ({
        surrogate: await entry.load(readAsset),
        classNames: entry.classNames,
        backend: name,
      }));
      // A failed start may be tried again.
      workbench.catch(() => {
        open.delete(id);
        backend = undefined;
      });
      open.set(id, workbench);
    }
    return workbench;
  };
}
