/**
 * The browser's own functions, taken before any script of the page runs. The page may replace each method and
 * each getter on the prototypes afterwards, so that everything that is used later is called through these.
 */

export type Native = (...args: never[]) => unknown;

/** Takes all natives. To be called before the page's first script. */
export function takeNatives() {
  const { apply, getOwnPropertyDescriptor, defineProperty } = Reflect;

  const accessor = (owner: { prototype: object }, name: string, part: "get" | "set" = "get") =>
    getOwnPropertyDescriptor(owner.prototype, name)?.[part] as Native;

  /**
   * A native as a plain function whose first argument takes the place of `this`. Throws as the native does.
   */
  const unbound =
    <Result, Args extends readonly unknown[] = []>(native: Native) =>
    (self: object, ...args: Args) =>
      apply(native, self, args) as Result;

  const { trustedTypes } = globalThis as {
    trustedTypes?: { readonly emptyHTML: string; isHTML(value: unknown): boolean };
  };

  return {
    apply,
    getOwnPropertyDescriptor,
    defineProperty,
    captureStackTrace: (Error as { captureStackTrace?: (error: object, from: object) => void })
      .captureStackTrace,

    MouseEvent,
    MessageChannel,
    Promise,
    DOMException,
    // Not every page may use the clipboard.
    ClipboardItem: globalThis.ClipboardItem,
    objectToString: unbound<string>(Object.prototype.toString),

    ownerDocument: unbound<Document | null>(accessor(Node, "ownerDocument")),
    defaultView: unbound<Window | null>(accessor(Document, "defaultView")),
    inputType: unbound<string>(accessor(HTMLInputElement, "type")),
    eventType: unbound<string>(accessor(Event, "type")),
    relatedTarget: unbound<EventTarget>(accessor(MouseEvent, "relatedTarget")),
    inputData: unbound<string>(accessor(InputEvent, "data")),
    inputTransfer: unbound<DataTransfer>(accessor(InputEvent, "dataTransfer")),
    messageData: unbound<unknown>(accessor(MessageEvent, "data")),
    setOnMessage: unbound<void, [listener: (event: Event) => void]>(
      accessor(MessagePort, "onmessage", "set"),
    ),
    contentWindows: [HTMLIFrameElement, HTMLFrameElement, HTMLObjectElement].map((owner) =>
      unbound<Window & typeof globalThis>(accessor(owner, "contentWindow")),
    ),
    // Not every browser has handles.
    handleKind: unbound<string>(accessor(globalThis.FileSystemHandle ?? Text, "kind")),
    getAsFile: unbound<File | null>(DataTransferItem.prototype.getAsFile),
    addEventListener: unbound<void, [type: string, listener: (event: Event) => void, options?: object]>(
      EventTarget.prototype.addEventListener,
    ),
    dispatchEvent: unbound<boolean, [event: Event]>(EventTarget.prototype.dispatchEvent),
    preventDefault: unbound<void>(Event.prototype.preventDefault),
    postMessage: unbound<void, [message: unknown]>(MessagePort.prototype.postMessage),
    write: unbound<void, [text: string]>(Document.prototype.write),
    // Not every browser has Trusted Types.
    emptyHtml: trustedTypes?.emptyHTML ?? "",
    isTrustedHtml: trustedTypes?.isHTML.bind(trustedTypes) ?? (() => false),
  };
}

export type Natives = ReturnType<typeof takeNatives>;

/** A WeakMap whose methods are its own properties: a page that patches the prototype cannot look into it. */
export function privateMap<Key extends WeakKey, Value>() {
  const map = new WeakMap<Key, Value>();
  return { get: map.get.bind(map), set: map.set.bind(map) };
}
