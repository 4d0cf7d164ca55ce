/**
 * Leaves calls of extensions out of structured stack traces. In Chromium each call site names the file that it is in, and with it
 * the id of the extension, whatever `sourceURL` says; https://v8.dev/docs/stack-trace-api
 */
import type { Realm } from "./hook-methods.ts";
import { type Natives, privateMap } from "./natives.ts";

interface CallSite {
  getFileName(): string | null | undefined;
}

/** What a page sets, to be called with the call sites of an error. */
type PrepareStackTrace = (error: unknown, sites: readonly CallSite[]) => unknown;

const SCHEME = "chrome-extension:";

/** Does so in a window, before any script of the page has its `Error`. */
export function filterCallSites({ Error: errors }: Realm, { apply, defineProperty }: Natives): void {
  // Other browsers have no call sites.
  if (!("stackTraceLimit" in errors)) return;
  const wrappers = privateMap<object, true>();
  let prepare: unknown;

  // The browser takes no proxy here.
  function wrap(original: PrepareStackTrace): PrepareStackTrace {
    const wrapper: PrepareStackTrace = (error, sites) => {
      const others: CallSite[] = [];
      // Whatever a page may have replaced, methods of arrays and strings, would get the call sites that are left out.
      for (let i = 0; i < sites.length; i++) {
        const value = sites[i] as CallSite;
        const descriptor = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
        if (!isOfExtension(value.getFileName()))
          defineProperty(others, others.length, descriptor as PropertyDescriptor);
      }
      return apply(original, errors, [error, others]);
    };
    wrappers.set(wrapper, true);
    return wrapper;
  }

  // For good: a page could else delete it. Where the page around a frame was first, nothing changes.
  defineProperty(errors, "prepareStackTrace", {
    __proto__: null,
    get: () => prepare,
    set(value: unknown) {
      // What a page puts back, as it was, is one already.
      const isNew = typeof value === "function" && !wrappers.get(value);
      prepare = isNew ? wrap(value as PrepareStackTrace) : value;
    },
  } as PropertyDescriptor);
}

function isOfExtension(file: string | null | undefined): boolean {
  if (!file) return false;
  for (let i = 0; i < SCHEME.length; i++) if (file[i] !== SCHEME[i]) return false;
  return true;
}
