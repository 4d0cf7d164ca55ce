/**
 * A small social site on the loopback address, to upload to: its page has an ordinary form with an ordinary file input,
 * and the server keeps every byte that arrives. It knows nothing of Penumbra.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { ROOT } from "./root.ts";

/** A file as it came over the wire. */
export interface ReceivedFile {
  readonly id: string;
  readonly name: string;
  /** As the browser declared it in the form. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
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

const LIMIT = 256 * 1024 * 1024;

const STATIC: Readonly<Record<string, string>> = {
  "/": "demo/site/index.html",
  "/site.css": "demo/site/site.css",
  "/site.js": "demo/site/site.js",
  "/theme.css": "src/bridge/theme.css",
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Starts the site on a free port. `onFile` is called with each file of each post. */
export async function startUploadSite(onFile: (file: ReceivedFile) => void): Promise<UploadSite> {
  const files: ReceivedFile[] = [];
  const notes = new Map<string, Notes>();
  const shown = new Map<string, { type: string; bytes: Uint8Array }>();

  async function receive(request: IncomingMessage): Promise<void> {
    const form = await new Response(await bodyOf(request), {
      headers: { "content-type": request.headers["content-type"] ?? "" },
    }).formData();
    const witness = JSON.parse(String(form.get("witness") || "{}")) as { seen?: string[]; looks?: number };
    for (const photo of form.getAll("photo")) {
      if (typeof photo === "string" || photo.size === 0) continue;
      const bytes = new Uint8Array(await photo.arrayBuffer());
      const file: ReceivedFile = {
        id: String(files.length + 1),
        name: photo.name,
        type: photo.type,
        bytes,
        sha256: sha256(bytes),
        caption: String(form.get("caption") ?? ""),
        receivedAt: Date.now(),
        seenByPage: witness.seen ?? [],
        looks: witness.looks ?? 0,
      };
      files.push(file);
      shown.set(`/media/${file.id}`, { type: file.type, bytes });
      onFile(file);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST" && pathname === "/post") {
      await receive(request);
      response.writeHead(303, { location: "/" }).end();
      return;
    }
    const fixed = STATIC[pathname];
    if (fixed) {
      send(response, TYPES[extname(fixed)] ?? "text/plain", await readFile(join(ROOT, fixed)));
      return;
    }
    const picture = shown.get(pathname);
    if (picture) {
      send(response, picture.type, picture.bytes);
      return;
    }
    if (pathname === "/posts.json") {
      const posts = files.toReversed().map(({ bytes, seenByPage, ...file }) => ({
        ...file,
        size: bytes.length,
        notes: notes.get(file.id),
      }));
      send(response, "application/json", JSON.stringify(posts));
      return;
    }
    response.writeHead(404).end("Not found");
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(400, { "content-type": "text/plain" });
      response.end(`The upload could not be read: ${error.message}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    note: (id, more) => notes.set(id, { ...notes.get(id), ...more }),
    show(name, type, bytes) {
      shown.set(`/shown/${name}`, { type, bytes });
      return `/shown/${name}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function send(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LIMIT) throw new Error("more than 256 MiB");
    chunks.push(chunk as Buffer);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
