/**
 * Whether uploads on this page are to be protected: `unknown` until the settings have been read, and until then uploads are
 * held back rather than let through. The person can change it at any time without reloading the page.
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
