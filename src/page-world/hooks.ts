/**
 * In the page's own world: what cannot be seen from ours. Inputs outside of the document whose dialog a script opens are
 * made known to our world, `submit()` waits where it has to, our world reads the files of handles in the page's stead, and
 * what was dropped or chosen as a folder keeps its places in there, which scripts cannot give to files.
 *
 * The page may change every prototype after us, so that all that is used later is taken now.
 */
import {
  ASK,
  OFFER,
  OPENED,
  PICK,
  type Picked,
  PLACES,
  SUBMIT,
  WATCH,
  type Whereabouts,
} from "../bridge/page-channel.ts";
import { createEntry, type Entry } from "./entries.ts";

const { apply, getOwnPropertyDescriptor, defineProperty } = Reflect;

type Native = (...args: never[]) => unknown;
/** What runs before a native, or instead of it: `undefined` leaves it to the native. */
type Before = (self: object, native: Native, args: ArrayLike<unknown>) => unknown;

/** Puts the hooks into this window. */
export function hookPage(): void {
  const { get: isConnected } = accessor(Node, "isConnected");
  const { get: typeOfEvent } = accessor(Event, "type");
  const { get: kindOf } = accessor(globalThis.FileSystemHandle ?? Text, "kind");
  const { set: setOnMessage } = accessor(MessagePort, "onmessage");
  const { get: dataOf } = accessor(MessageEvent, "data");
  const { get: typeOfInput } = accessor(HTMLInputElement, "type");
  const { get: relatedTarget } = accessor(MouseEvent, "relatedTarget");
  const { get: dataTransfer } = accessor(DragEvent, "dataTransfer");
  const { getAsFile } = DataTransferItem.prototype;
  const { addEventListener, dispatchEvent } = EventTarget.prototype;
  const { preventDefault } = Event.prototype;
  const { postMessage } = MessagePort.prototype;
  const own = { MouseEvent, MessageChannel, Promise, DOMException };
  const { captureStackTrace } = Error as { captureStackTrace?: (error: object, from: object) => void };
  const natives = new WeakMap<object, Native>();
  const nativeOf = natives.get.bind(natives);
  const entries = new WeakMap<File, Entry>();
  const entryOf = entries.get.bind(entries);
  const relativePaths = new WeakMap<File, string>();
  const relativePathOf = relativePaths.get.bind(relativePaths);

  let port: EventTarget | undefined;
  addEventListener.call(
    window,
    OFFER,
    (event) => {
      port = apply(relatedTarget, event, []) as EventTarget;
      apply(addEventListener, port, [PLACES, onPlaces]);
      apply(preventDefault, event, []);
    },
    { once: true },
  );
  window.dispatchEvent(new Event(ASK));

  /** @returns whether our world has nothing against it */
  const tell = (type: string, node: object): boolean => {
    const init = { __proto__: null, cancelable: true, relatedTarget: node } as MouseEventInit;
    return !port || (apply(dispatchEvent, port, [new own.MouseEvent(type, init)]) as boolean);
  };

  /** Our world sees by itself what happens to an input of the document, unless its dialog opens without a click. */
  const watch = (node: object, always: boolean) => {
    try {
      if (always || !apply(isConnected, node, [])) tell(WATCH, node);
    } catch {
      // Not a node: the native will say so.
    }
  };

  hook(HTMLElement, "click", (self) => watch(self, false));
  hook(HTMLInputElement, "showPicker", (self) => {
    try {
      if (apply(typeOfInput, self, []) === "file") watch(self, true);
    } catch {
      // As above.
    }
  });
  hook(EventTarget, "dispatchEvent", (self, _, args) => {
    try {
      if (apply(typeOfEvent, args[0], []) === "click") watch(self, false);
    } catch {
      // As above.
    }
  });
  hook(HTMLFormElement, "submit", (self) => {
    try {
      return tell(SUBMIT, self) ? undefined : HELD;
    } catch {
      return undefined;
    }
  });
  // It takes all listeners of the window away, ours with them.
  hook(Document, "open", (self, native, args) => {
    const result = apply(native, self, args);
    tell(OPENED, document);
    return result;
  });
  // So does writing into a document that is complete. Nothing, written first, opens it just as well, but runs no script yet.
  const { write } = Document.prototype;
  const nothing = (globalThis as { trustedTypes?: { emptyHTML: string } }).trustedTypes?.emptyHTML ?? "";
  for (const name of ["write", "writeln"])
    hook(Document, name, (self) => {
      try {
        apply(write, self, [nothing]);
        tell(OPENED, document);
      } catch {
        // Not a document to write into: the native will say so.
      }
    });
  if (globalThis.FileSystemFileHandle) hook(FileSystemFileHandle, "getFile", getFile);
  hook(DataTransferItem, "webkitGetAsEntry", (self) => {
    try {
      return entryOf(apply(getAsFile, self, []) as File);
    } catch {
      // As above.
      return undefined;
    }
  });
  hook(File, "webkitRelativePath", (self) => relativePathOf(self as File), "get");
  hook(Function, "toString", (self, native, args) => apply(native, nativeOf(self) ?? self, args));

  function onPlaces(event: Event) {
    const transfer = apply(dataTransfer, event, []) as DataTransfer;
    const paths = JSON.parse(transfer.getData("text/plain")) as Whereabouts;
    const places = [...transfer.files].map((file, i) => [paths[i] as string, file] as const);
    const files = new Map(places.filter(([path]) => !path.endsWith("/")));
    for (const [path, file] of places) {
      if (!path.startsWith("/")) relativePaths.set(file, path);
      const fullPath = path.replace(/\/$/, "");
      if (fullPath.lastIndexOf("/") === 0) entries.set(file, createEntry(fullPath, files));
    }
  }

  /** Our world reads the file: on its way to a promise of this one, any `then` of a prototype would get it. */
  function getFile(handle: object): unknown {
    try {
      apply(kindOf, handle, []);
    } catch {
      return undefined;
    }
    const { port1, port2 } = new own.MessageChannel();
    if (tell(PICK, port2)) return undefined;
    return new own.Promise((resolve, reject) => {
      apply(setOnMessage, port1, [
        (event: Event) => {
          const { file, name, message } = apply(dataOf, event, []) as Picked;
          if (file) resolve(file);
          else reject(new own.DOMException(message, name));
        },
      ]);
      apply(postMessage, port1, [handle]);
    });
  }

  /** Replaces a method or a getter by one that looks like it, down to its source text. */
  function hook(owner: { prototype: object }, name: string, before: Before, part: "value" | "get" = "value") {
    const descriptor = getOwnPropertyDescriptor(owner.prototype, name);
    if (!descriptor) return;
    const native = descriptor[part] as Native;
    const trap = (_: Native, self: object, args: ArrayLike<unknown>): unknown => {
      try {
        const result = before(self, native, args);
        return result === undefined ? apply(native, self, args) : result === HELD ? undefined : result;
      } catch (error) {
        // The trace of a native's error would name us.
        captureStackTrace?.(error as object, trap);
        throw error;
      }
    };
    // Without a prototype, or a page could add traps.
    const proxy = new Proxy(native, { ...({ __proto__: null } as object), apply: trap });
    natives.set(proxy, native);
    defineProperty(owner.prototype, name, { ...descriptor, [part]: proxy });
  }
}

/** Instead of the result of a native that was not called. */
const HELD = {};

function accessor(owner: { prototype: object }, name: string): { get: Native; set: Native } {
  return (getOwnPropertyDescriptor(owner.prototype, name) ?? {}) as { get: Native; set: Native };
}
