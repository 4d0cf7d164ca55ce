/** Serves the upload pages of this folder on the loopback address and keeps what arrives, with its SHA-256. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

/** One part of a form that arrived, in the order of the form. */
export interface ReceivedPart {
  readonly field: string;
  /** Empty for a field that is not a file. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** Address of the page that sent it, as its browser says; empty if it says nothing. */
  readonly page: string;
}

export interface PageServer {
  /** Base address with a trailing slash; `localhost` and `127.0.0.1` are two hosts to the extension. */
  readonly url: string;
  readonly otherUrl: string;
  /** All uploads so far, oldest first. */
  readonly uploads: readonly (readonly ReceivedPart[])[];
  /** Resolves with the next upload that has not been taken yet. */
  nextUpload(): Promise<readonly ReceivedPart[]>;
  /** Serves some bytes under a path. */
  publish(path: string, type: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
};

/** Milliseconds after which nobody waits for an upload any more, so that a test does not take the upload of the next one. */
const LATE = 120_000;

/** Starts a server on a free port. */
export async function startPageServer(): Promise<PageServer> {
  const uploads: ReceivedPart[][] = [];
  const published = new Map<string, { type: string; bytes: Uint8Array }>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let taken = 0;

  function keep(upload: ReceivedPart[]) {
    uploads.push(upload);
    for (const { resolve } of waiting.splice(0)) resolve();
  }

  async function receive(request: IncomingMessage) {
    const form = await new Response(await bodyOf(request), {
      headers: { "content-type": request.headers["content-type"] ?? "" },
    }).formData();
    keep(await Promise.all([...form].map(([field, value]) => partOf(request, field, value))));
  }

  const tus = createTus(keep);

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/tus/")) return await tus(request, response);
    if (request.method === "POST") {
      await receive(request);
      if (pathname.endsWith(".json")) {
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
        return;
      }
      response.writeHead(200, { "content-type": "text/html" }).end("<title>Received</title>Received");
      return;
    }
    const known = published.get(pathname);
    const file = normalize(join(import.meta.dirname, pathname));
    const body = known?.bytes ?? (await readFile(file).catch(() => undefined));
    if (!body || (!known && !(extname(file) in TYPES))) {
      response.writeHead(404).end();
      return;
    }
    const type = known?.type ?? TYPES[extname(file)];
    // Strict enough that a panel that needs the page's leave for its style would be bare.
    const policy =
      pathname === "/strict.html"
        ? { "content-security-policy": "default-src 'self'; require-trusted-types-for 'script'" }
        : {};
    response.writeHead(200, { "content-type": type, "cache-control": "no-cache", ...policy }).end(body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://localhost:${port}/`,
    otherUrl: `http://127.0.0.1:${port}/`,
    uploads,
    async nextUpload() {
      while (uploads.length <= taken) {
        const next = Promise.withResolvers<void>();
        waiting.push(next);
        const late = setTimeout(() => next.reject(new Error(`no upload within ${LATE} ms`)), LATE);
        await next.promise.finally(() => clearTimeout(late));
      }
      return uploads[taken++] as ReceivedPart[];
    },
    publish: (path, type, bytes) => published.set(path, { type, bytes }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As much of the tus protocol (https://tus.io/protocols/resumable-upload) as an upload that is not broken off needs. */
function createTus(keep: (upload: ReceivedPart[]) => void) {
  const begun: { readonly about: ReadonlyMap<string, string>; readonly length: number; bytes: Buffer }[] = [];

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader("tus-resumable", "1.0.0");
    const { "upload-length": length, "upload-metadata": metadata } = request.headers;
    if (request.method === "POST") {
      const pairs = String(metadata)
        .split(",")
        .map((pair) => pair.split(" ") as [string, string]);
      const about = new Map(pairs.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
      const id = begun.push({ about, length: Number(length), bytes: Buffer.alloc(0) }) - 1;
      response.writeHead(201, { location: `/tus/${id}` }).end();
      return;
    }
    const upload = begun[Number(request.url?.split("/").at(-1))];
    if (request.method !== "PATCH" || !upload) {
      response.writeHead(404).end();
      return;
    }
    upload.bytes = Buffer.concat([upload.bytes, await bodyOf(request)]);
    if (upload.bytes.length === upload.length) {
      const [name, type] = ["filename", "filetype"].map((key) => upload.about.get(key) ?? "");
      keep([
        await partOf(request, "", new File([new Uint8Array(upload.bytes)], name ?? "", { type: type ?? "" })),
      ]);
    }
    response.writeHead(204, { "upload-offset": String(upload.bytes.length) }).end();
  };
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function partOf(
  { headers }: IncomingMessage,
  field: string,
  value: FormDataEntryValue,
): Promise<ReceivedPart> {
  const bytes =
    typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(await value.arrayBuffer());
  const { name, type } = typeof value === "string" ? { name: "", type: "" } : value;
  return { field, name, type, bytes, sha256: sha256(bytes), page: headers.referer ?? "" };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}
