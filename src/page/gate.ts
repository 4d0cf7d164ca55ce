/**
 * Whether uploads on this page are protected. The gate is `unknown` until the settings have been read, and
 * uploads are held for that long. The person can change it at any time without reloading the page.
 */
export interface Gate {
  readonly state: "unknown" | "on" | "off";
  /** Resolves with the first decision. */
  readonly decided: Promise<void>;
  set(on: boolean): void;
}

/** Makes a gate that is `unknown`. */
export function createGate(): Gate {
  const { promise: decided, resolve } = Promise.withResolvers<void>();
  let state: Gate["state"] = "unknown";
  return {
    get state() {
      return state;
    },
    decided,
    set(on) {
      state = on ? "on" : "off";
      resolve();
    },
  };
}
