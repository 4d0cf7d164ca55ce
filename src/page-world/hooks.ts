/**
 * The hooks in the page's own world. They report what the isolated world cannot see: inputs outside of the
 * document whose dialog a script opens, calls of `submit()` and `getFile()`, and documents that are opened
 * anew. They also give protected files the paths that the originals had.
 */
import {
  type ClipboardAnswer,
  effectsOf,
  type Failure,
  type HandleAnswer,
  OPENED,
  READ_CLIPBOARD,
  READ_HANDLE,
  SUBMIT,
  WATCH,
} from "../bridge/page-channel.ts";
import { type Channel, openChannel } from "./channel.ts";
import { createFilePaths, type FilePaths } from "./file-paths.ts";
import { HELD, type Hook, hookMethods } from "./hook-methods.ts";
import { type Natives, privateMap, takeNatives } from "./natives.ts";

/** Puts the hooks into this window, before any script of the page runs. */
export function hookPage(): void {
  const natives = takeNatives();
  const paths = createFilePaths();
  const effects = privateMap<object, ReturnType<typeof effectsOf>>();
  const channel = openChannel(natives, paths.accept, (transfer, code) =>
    effects.set(transfer, effectsOf(code)),
  );
  hookMethods(
    [
      ...dialogHooks(natives, channel),
      ...formHooks(channel),
      ...documentHooks(natives, channel),
      ...fileHooks(natives, channel, paths),
      ...clipboardHooks(natives, channel),
      ...["effectAllowed", "dropEffect"].map(
        (name, i): Hook => ({
          ...{ owner: DataTransfer, name, part: "get" },
          before: (self) => effects.get(self)?.[i],
        }),
      ),
    ],
    natives,
  );
}

/** Ways in which a script opens the dialog of an input. */
function dialogHooks({ eventType, inputType, isConnected }: Natives, { report }: Channel): Hook[] {
  const reportDetached = (node: object) => {
    // The isolated world sees clicks in the document by itself.
    if (!isConnected(node)) report(WATCH, node);
  };
  return [
    { owner: HTMLElement, name: "click", before: orNative((self) => reportDetached(self)) },
    {
      owner: EventTarget,
      name: "dispatchEvent",
      before: orNative((self, _, args) => {
        if (eventType(args[0] as object) === "click") reportDetached(self);
      }),
    },
    {
      owner: HTMLInputElement,
      name: "showPicker",
      // Opens the dialog without a click.
      before: orNative((self) => {
        if (inputType(self) === "file") report(WATCH, self);
      }),
    },
  ];
}

function formHooks({ report }: Channel): Hook[] {
  return [
    {
      owner: HTMLFormElement,
      name: "submit",
      before: orNative((self) => (report(SUBMIT, self) ? undefined : HELD)),
    },
  ];
}

/** Methods that remove all listeners of the window, ours included. */
function documentHooks({ apply, write, isTrustedHtml, emptyHtml }: Natives, { report }: Channel): Hook[] {
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
      owner: Document,
      name: "open",
      before(self, native, args) {
        const result = apply(native, self, args as []);
        report(OPENED, document);
        return result;
      },
    },
    { owner: Document, name: "write", before },
    { owner: Document, name: "writeln", before },
  ];
}

function fileHooks(natives: Natives, channel: Channel, { entryOf, relativePathOf }: FilePaths): Hook[] {
  return [
    ...(globalThis.FileSystemFileHandle
      ? [{ owner: FileSystemFileHandle, name: "getFile", before: handleReader(natives, channel) }]
      : []),
    {
      owner: DataTransferItem,
      name: "webkitGetAsEntry",
      before: orNative((self) => entryOf(natives.getAsFile(self) as File)),
    },
    { owner: File, name: "webkitRelativePath", part: "get", before: (self) => relativePathOf(self as File) },
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
function clipboardHooks(natives: Natives, channel: Channel): Hook[] {
  if (!globalThis.Clipboard) return [];
  const before: Hook["before"] = (self, _, args) =>
    natives.objectToString(self) === "[object Clipboard]"
      ? ask(natives, channel, READ_CLIPBOARD, args[0], ({ items }: ClipboardAnswer) =>
          items.map((forms) => new natives.ClipboardItem(Object.fromEntries(forms))),
        )
      : undefined;
  return [{ owner: Clipboard, name: "read", before: orNative(before) }];
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
