/**
 * Two ends of an extension in one process: what one end posts, the other gets a moment later, as a clone,
 * with the sender as browsers name it. Real messaging is tested in test/e2e.
 */
type Listener<Arguments extends unknown[]> = (...args: Arguments) => unknown;

function makeEvent<Arguments extends unknown[]>() {
  const listeners = new Set<Listener<Arguments>>();
  return {
    addListener: (listener: Listener<Arguments>) => void listeners.add(listener),
    removeListener: (listener: Listener<Arguments>) => void listeners.delete(listener),
    dispatch: (...args: Arguments) => [...listeners].map((listener) => listener(...args)),
    get size() {
      return listeners.size;
    },
  };
}

export interface Sender {
  readonly id: string;
  readonly origin?: string;
  readonly url?: string;
}

/** Clones as browsers do: a Blob stays one. Node's `structuredClone` does not know Blobs of a simulated page. */
function clone(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Blob) return value;
  if (Array.isArray(value)) return value.map(clone);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clone(inner)]));
}

/** Makes an extension API with one runtime that talks to itself. */
export function makeFakeBrowser() {
  const state = {
    sender: { id: "own", origin: "https://x.com", url: "https://x.com/home" } as Sender,
    /** Ports opened so far. */
    opened: 0,
  };

  function makePort(name: string) {
    const ends = [makeEnd(name), makeEnd(name)] as const;
    let open = true;
    const link = (own: ReturnType<typeof makeEnd>, other: ReturnType<typeof makeEnd>) => {
      // An end that has not heard yet that the other is gone posts into the void.
      let heard = false;
      own.onDisconnect.addListener(() => {
        heard = true;
      });
      own.postMessage = (message) => {
        if (heard) throw new Error("Attempting to use a disconnected port object");
        const copy = clone(message);
        queueMicrotask(() => open && other.onMessage.dispatch(copy));
      };
      own.disconnect = () => {
        if (!open) return;
        open = false;
        heard = true;
        queueMicrotask(() => other.onDisconnect.dispatch());
      };
    };
    link(ends[0], ends[1]);
    link(ends[1], ends[0]);
    return ends;
  }

  function makeEnd(name: string) {
    return {
      name,
      sender: undefined as Sender | undefined,
      onMessage: makeEvent<[unknown]>(),
      onDisconnect: makeEvent<[]>(),
      postMessage: (_message: unknown) => {},
      disconnect: () => {},
    };
  }

  const onConnect = makeEvent<[ReturnType<typeof makeEnd>]>();
  const onMessage = makeEvent<[unknown, Sender]>();

  return {
    state,
    runtime: {
      id: "own" as string | undefined,
      onConnect,
      onMessage,
      connect({ name }: { name: string }) {
        const [own, other] = makePort(name);
        other.sender = state.sender;
        state.opened++;
        queueMicrotask(() => {
          if (onConnect.size === 0) other.disconnect();
          else onConnect.dispatch(other);
        });
        return own;
      },
      async sendMessage(message: unknown) {
        const answers = onMessage
          .dispatch(clone(message), state.sender)
          .filter((answer) => answer !== undefined);
        if (answers.length === 0)
          throw new Error("Could not establish connection. Receiving end does not exist.");
        return await answers[0];
      },
    },
  };
}
