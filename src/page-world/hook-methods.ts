/**
 * Replaces methods and getters by proxies that look like the browser's own, down to their source text and
 * stack traces.
 */
import { type Native, type Natives, privateMap } from "./natives.ts";

/** A window with its interfaces. */
export type Realm = Window & typeof globalThis;

/** The result of a hook whose native is not to run. */
export const HELD = {};

/** The result of a hook that returns `null`. */
export const NOTHING = {};

export interface Hook {
  /** The interface, or the window for a method of its own. Not every window has each of them. */
  readonly owner: { readonly prototype: object } | undefined;
  readonly name: string;
  /** Which part of the property is replaced: a method by default. */
  readonly part?: "value" | "get";
  /**
   * Runs before the native.
   *
   * @returns `undefined` to call the native, {@link HELD} to return `undefined` without it, or the result in
   * its place
   */
  readonly before: (self: object, native: Native, args: ArrayLike<unknown>) => unknown;
}

/**
 * Makes a function that replaces these properties, and `Function.prototype.toString` of a window, which would
 * show the replacements there and in the other windows.
 */
export function createHookMethods(natives: Natives): (hooks: readonly Hook[], realm: Realm) => void {
  const { apply, captureStackTrace, defineProperty, getOwnPropertyDescriptor } = natives;
  const originals = privateMap<object, Native>();

  function replace({ owner, name, part = "value", before }: Hook) {
    const descriptor = owner && getOwnPropertyDescriptor(owner.prototype, name);
    if (!descriptor) return;
    const native = descriptor[part] as Native;
    const trap = (_: Native, self: object, args: ArrayLike<unknown>): unknown => {
      try {
        const result = before(self, native, args);
        if (result === undefined) return apply(native, self, args);
        return result === HELD ? undefined : result === NOTHING ? null : result;
      } catch (error) {
        // The stack of an error that a native throws would name this script.
        captureStackTrace?.(error as object, trap);
        throw error;
      }
    };
    // Without a prototype: a trap that the page puts on Object.prototype would receive the native.
    const handler = { __proto__: null, apply: trap } as ProxyHandler<Native>;
    const proxy = new Proxy(native, handler);
    originals.set(proxy, native);
    defineProperty(owner.prototype, name, { ...descriptor, [part]: proxy });
  }

  return (hooks, realm) => {
    for (const hook of hooks) replace(hook);
    replace({
      owner: realm.Function,
      name: "toString",
      before: (self, native, args) => apply(native, originals.get(self) ?? self, args as []),
    });
  };
}
