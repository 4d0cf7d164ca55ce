/**
 * The hooks in the page's own world. They report what the isolated world cannot see: inputs outside of the
 * document whose dialog a script opens, calls of `submit()` and `getFile()`, and documents that are opened
 * anew. They also give protected files the paths that the originals had.
 */
import { type HandleAnswer, OPENED, READ_HANDLE, SUBMIT, WATCH } from "../bridge/page-channel.ts";
import { type Channel, openChannel } from "./channel.ts";
import { createFilePaths, type FilePaths } from "./file-paths.ts";
import { HELD, type Hook, hookMethods } from "./hook-methods.ts";
import { type Natives, takeNatives } from "./natives.ts";

/** Puts the hooks into this window, before any script of the page runs. */
export function hookPage(): void {
  const natives = takeNatives();
  const paths = createFilePaths();
  const channel = openChannel(natives, paths.accept);
  hookMethods(
    [
      ...dialogHooks(natives, channel),
      ...formHooks(channel),
      ...documentHooks(natives, channel),
      ...fileHooks(natives, channel, paths),
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
function handleReader(natives: Natives, { report }: Channel): Hook["before"] {
  const isHandle = orNative((self) => natives.handleKind(self));
  return (self, native, args) => {
    if (isHandle(self, native, args) === undefined) return undefined;
    const { port1, port2 } = new natives.MessageChannel();
    if (report(READ_HANDLE, port2)) return undefined;
    return new natives.Promise((resolve, reject) => {
      natives.setOnMessage(port1, (event) => {
        const { file, name, message } = natives.messageData(event) as HandleAnswer;
        if (file) resolve(file);
        else reject(new natives.DOMException(message, name));
      });
      natives.postMessage(port1, self);
    });
  };
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
