/**
 * The hooks in the page's own world. They report what the isolated world cannot see: inputs outside of the
 * document whose dialog a script opens, calls of `submit()` and `getFile()`, and documents that are opened
 * anew. They also give protected files the paths that the originals had.
 */
import {
  type ClipboardAnswer,
  type Failure,
  type HandleAnswer,
  OPENED,
  REACHED,
  READ_CLIPBOARD,
  READ_HANDLE,
  SUBMIT,
  WATCH,
} from "../bridge/page-channel.ts";
import { filterCallSites } from "./call-sites.ts";
import { type Channel, openChannel } from "./channel.ts";
import { createFilePaths, type FilePaths } from "./file-paths.ts";
import { createHookMethods, HELD, type Hook, NOTHING, type Realm } from "./hook-methods.ts";
import { type Natives, privateMap, takeNatives } from "./natives.ts";

/** Puts the hooks into this window, before any script of the page runs, and into those that the page reaches. */
export function hookPage(): void {
  const natives = takeNatives();
  const paths = createFilePaths();
  const effects = privateMap<object, readonly string[]>();
  const channel = openChannel(natives, paths.accept, (transfer, text) =>
    effects.set(transfer, text.split(" ")),
  );
  const hookMethods = createHookMethods(natives);
  const known = privateMap<Document, true>();

  function hook(realm: Realm) {
    known.set(realm.document, true);
    filterCallSites(realm, natives);
    hookMethods(
      [
        ...dialogHooks(realm, natives, channel),
        ...formHooks(realm, natives, channel),
        ...documentHooks(realm, natives, channel),
        ...fileHooks(realm, natives, channel, paths),
        ...clipboardHooks(realm, natives, channel),
        ...transferHooks(realm, effects.get),
        ...windowHooks(realm, natives, reach),
      ],
      realm,
    );
  }

  /** Of another origin, a window is out of reach for the page too. */
  function reach(reached: Realm | null) {
    try {
      if (!reached || known.get(reached.document)) return;
      hook(reached);
      channel.report(REACHED, reached);
    } catch {}
  }

  hook(window);
}

/**
 * Ways in which a script opens the dialog of an input. Events of a script may stay where they are, so that the
 * isolated world hears nothing of them even where the input is in the document.
 */
function dialogHooks(realm: Realm, natives: Natives, { report }: Channel): Hook[] {
  const { eventType, inputType } = natives;
  return [
    {
      owner: realm.HTMLElement,
      name: "click",
      before: orNative((self) => {
        if (isInWindow(natives, self)) report(WATCH, self);
      }),
    },
    {
      owner: realm.EventTarget,
      name: "dispatchEvent",
      before: orNative((self, _, args) => {
        if (eventType(args[0] as object) === "click" && isInWindow(natives, self)) report(WATCH, self);
      }),
    },
    {
      owner: realm.HTMLInputElement,
      name: "showPicker",
      // Opens the dialog without a click.
      before: orNative((self) => {
        if (inputType(self) === "file" && isInWindow(natives, self)) report(WATCH, self);
      }),
    },
  ];
}

/**
 * Whether a node can open a dialog or post anything: those of a document without a window do neither. (Chromium 156 crashes at an
 * event about a node whose frame has been removed.)
 */
function isInWindow({ defaultView, ownerDocument }: Natives, node: object): boolean {
  return defaultView(ownerDocument(node) ?? node) !== null;
}

function formHooks(realm: Realm, natives: Natives, { report }: Channel): Hook[] {
  return [
    {
      owner: realm.HTMLFormElement,
      name: "submit",
      before: orNative((self) => (!isInWindow(natives, self) || report(SUBMIT, self) ? undefined : HELD)),
    },
  ];
}

/** Methods that remove all listeners of the window, ours included. */
function documentHooks(
  realm: Realm,
  { apply, write, isTrustedHtml, emptyHtml }: Natives,
  { report }: Channel,
): Hook[] {
  const scratch = document.implementation.createHTMLDocument("");
  // Writing opens a document that is complete. Writing nothing first opens it too, before a script can run.
  const before = orNative((self, _, args) => {
    // A policy may refuse strings. Then this throws, and the native too, before it changes anything.
    for (let i = 0; i < args.length; i++) if (!isTrustedHtml(args[i])) write(scratch, "");
    write(self, emptyHtml);
    report(OPENED, document);
  });
  return [
    {
      owner: realm.Document,
      name: "open",
      before(self, native, args) {
        const result = apply(native, self, args as []);
        report(OPENED, document);
        return result;
      },
    },
    { owner: realm.Document, name: "write", before },
    { owner: realm.Document, name: "writeln", before },
  ];
}

function fileHooks(
  realm: Realm,
  natives: Natives,
  channel: Channel,
  { entryOf, relativePathOf }: FilePaths,
): Hook[] {
  return [
    { owner: realm.FileSystemFileHandle, name: "getFile", before: handleReader(natives, channel) },
    {
      owner: realm.DataTransferItem,
      name: "webkitGetAsEntry",
      before: orNative((self) => entryOf(natives.getAsFile(self) as File)),
    },
    {
      owner: realm.File,
      name: "webkitRelativePath",
      part: "get",
      before: (self) => relativePathOf(self as File),
    },
  ];
}

/**
 * Has the isolated world read a handle. Read here, the original would pass through promises of this world,
 * and a `then` that the page put on a prototype would receive it.
 */
function handleReader(natives: Natives, channel: Channel): Hook["before"] {
  const isHandle = orNative((self) => natives.handleKind(self));
  return (self, native, args) =>
    isHandle(self, native, args) === undefined
      ? undefined
      : ask(natives, channel, READ_HANDLE, self, ({ file }: HandleAnswer) => file);
}

/** The clipboard is read there for the same reason. */
function clipboardHooks(realm: Realm, natives: Natives, channel: Channel): Hook[] {
  const before: Hook["before"] = (self, _, args) =>
    natives.objectToString(self) === "[object Clipboard]"
      ? ask(natives, channel, READ_CLIPBOARD, args[0], ({ items }: ClipboardAnswer) =>
          items.map((forms) => new natives.ClipboardItem(Object.fromEntries(forms))),
        )
      : undefined;
  return [{ owner: realm.Clipboard, name: "read", before: orNative(before) }];
}

/** A transfer that a script made has no effects of its own. */
function transferHooks(realm: Realm, effectsOf: (transfer: object) => readonly string[] | undefined): Hook[] {
  return ["effectAllowed", "dropEffect"].map((name, i) => ({
    ...{ owner: realm.DataTransfer, name, part: "get" },
    before: (self) => effectsOf(self)?.[i],
  }));
}

/** Ways in which a page gets hold of another window. Where scripts run later in it, or never, the page comes first. */
function windowHooks(
  realm: Realm,
  { apply, contentWindows }: Natives,
  reach: (reached: Realm | null) => void,
): Hook[] {
  const before = orNative((self) => {
    for (const contentWindow of contentWindows)
      try {
        reach(contentWindow(self));
      } catch {
        // It is an element of another kind.
      }
  });
  return [
    ...[realm.HTMLIFrameElement, realm.HTMLFrameElement, realm.HTMLObjectElement].flatMap((owner) =>
      ["contentWindow", "contentDocument"].map((name): Hook => ({ ...{ owner, name, part: "get" }, before })),
    ),
    {
      owner: { prototype: realm },
      name: "open",
      before(self, native, args) {
        const opened = apply(native, self, args as []) as Realm | null;
        reach(opened);
        return opened ?? NOTHING;
      },
    },
  ];
}

/**
 * Has the isolated world answer a call, whose result it makes of the answer.
 *
 * @returns `undefined` if the native is to answer
 */
function ask<Answer>(
  natives: Natives,
  { report }: Channel,
  type: string,
  question: unknown,
  toResult: (answer: Answer) => unknown,
): Promise<unknown> | undefined {
  const { port1, port2 } = new natives.MessageChannel();
  if (report(type, port2)) return undefined;
  return new natives.Promise((resolve, reject) => {
    natives.setOnMessage(port1, (event) => {
      const answer = natives.messageData(event) as Answer & Partial<Failure>;
      if (answer.name) reject(new natives.DOMException(answer.message, answer.name));
      else resolve(toResult(answer));
    });
    natives.postMessage(port1, question);
  });
}

/** Leaves a wrong `this` or argument to the native, which throws the browser's own error. */
function orNative(before: Hook["before"]): Hook["before"] {
  return (self, native, args) => {
    try {
      return before(self, native, args);
    } catch {
      return undefined;
    }
  };
}
