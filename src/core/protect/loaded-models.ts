/** Starts the backend once and loads each surrogate once, however many pictures need it. */
import { Problem } from "../contract/problem.ts";
import type { Surrogate } from "../engine/surrogate.ts";
import { findSurrogate, SURROGATES } from "../models/registry.ts";

/** A surrogate on a running backend. */
export interface LoadedModel {
  readonly surrogate: Surrogate;
  /** By class index. */
  readonly classNames: readonly string[];
  /** tfjs backend: `webgl`, `wasm` or `cpu`. */
  readonly backend: string;
}

/** Gives a surrogate by its id; rejects with a `Problem` when it is unknown or no backend starts. */
export type LoadModel = (surrogateId: string) => Promise<LoadedModel>;

/** What loading needs of the place where it runs. */
export interface ModelSources {
  /** Reads a file of `assets/`, by a path such as "models/name.safetensors". */
  readonly readAsset: (path: string) => Promise<ArrayBuffer>;
  /** Starts a tfjs backend and gives its name; rejects with a `Problem` of code `backend`. */
  readonly startBackend: () => Promise<string>;
}

export function createModelLoader({ readAsset, startBackend }: ModelSources): LoadModel {
  let backend: Promise<string> | undefined;
  const models = new Map<string, Promise<LoadedModel>>();
  return (id) => {
    const entry = findSurrogate(id);
    if (!entry) {
      const known = SURROGATES.map((surrogate) => surrogate.id);
      return Promise.reject(new Problem({ code: "internal/surrogate", id, known }));
    }
    let model = models.get(id);
    if (!model) {
      backend ??= startBackend();
      model = backend.then(async (name) => ({
        surrogate: await entry.load(readAsset),
        classNames: entry.classNames,
        backend: name,
      }));
      // A later call may try again.
      model.catch(() => {
        models.delete(id);
        backend = undefined;
      });
      models.set(id, model);
    }
    return model;
  };
}

/** The name of a class, for people. */
export function className({ classNames }: LoadedModel, label: number): string {
  return classNames[label] ?? `class ${label}`;
}
