/**
 * A small social site to upload to: its page has an ordinary form with an ordinary file input, and shows what was posted. It
 * knows nothing of Penumbra.
 */
import { join } from "node:path";
import { ROOT } from "./root.ts";
import { type Answer, type ReceivedPart, startUploadServer, type Upload } from "./upload-server.ts";

/** A file as it came over the wire. */
export interface ReceivedFile extends ReceivedPart {
  readonly id: string;
  readonly caption: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** SHA-256 of every file that the page's script found in the input, in any event or by polling. */
  readonly seenByPage: readonly string[];
  /** How often the page's script looked into the input. */
  readonly looks: number;
}

/** What is known about a received file by now, to be shown beside it; any JSON. */
export type Notes = Readonly<Record<string, unknown>>;

export interface UploadSite {
  /** e.g. "http://127.0.0.1:41234/". */
  readonly url: string;
  /** Adds to what the page shows under a received file. */
  note(id: string, notes: Notes): void;
  /** Makes a file available to the page and returns its path. */
  show(name: string, type: string, bytes: Uint8Array): string;
  close(): Promise<void>;
}

const FILES: Readonly<Record<string, string>> = {
  "/": "demo/site/index.html",
  "/site.css": "demo/site/site.css",
  "/site.js": "demo/site/site.js",
  "/theme.css": "src/bridge/theme.css",
};

/** Starts the site on a free port. `onFile` is called with each file of each post. */
export async function startUploadSite(onFile: (file: ReceivedFile) => void): Promise<UploadSite> {
  const files: ReceivedFile[] = [];
  const notes = new Map<string, Notes>();

  function receive(upload: Upload): Answer {
    const text = (field: string) =>
      new TextDecoder().decode(upload.find((part) => part.field === field)?.bytes);
    const witness = JSON.parse(text("witness") || "{}") as { seen?: string[]; looks?: number };
    for (const part of upload) {
      if (part.field !== "photo" || part.bytes.length === 0) continue;
      const file: ReceivedFile = {
        ...part,
        id: String(files.length + 1),
        caption: text("caption"),
        receivedAt: Date.now(),
        seenByPage: witness.seen ?? [],
        looks: witness.looks ?? 0,
      };
      files.push(file);
      server.publish(`/media/${file.id}`, file.type, file.bytes);
      onFile(file);
    }
    return { status: 303, headers: { location: "/" } };
  }

  const posts = () =>
    files.toReversed().map(({ bytes, seenByPage, ...file }) => ({
      ...file,
      size: bytes.length,
      notes: notes.get(file.id),
    }));

  const server = await startUploadServer({
    fileFor: (path) => FILES[path] && join(ROOT, FILES[path]),
    route: (_, path) =>
      path === "/posts.json" ? { type: "application/json", body: JSON.stringify(posts()) } : undefined,
    onUpload: receive,
  });

  return {
    url: server.otherUrl,
    note: (id, more) => notes.set(id, { ...notes.get(id), ...more }),
    show(name, type, bytes) {
      server.publish(`/shown/${name}`, type, bytes);
      return `/shown/${name}`;
    },
    close: server.close,
  };
}
