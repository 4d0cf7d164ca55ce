/**
 * The one web server of demo, tests and scripts: on the loopback address it serves files and takes uploads, of which it keeps
 * every byte. It knows nothing of Penumbra.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

/** One part of a form that arrived, in the order of the form. */
export interface ReceivedPart {
  readonly field: string;
  /** Empty for a field that is not a file. */
  readonly name: string;
  /** As the browser declared it in the form. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Lower-case hexadecimal SHA-256 of the bytes. */
  readonly sha256: string;
  /** Address of the page that sent it, as its browser says; empty if it says nothing. */
  readonly page: string;
}

export type Upload = readonly ReceivedPart[];

/** What a browser gets back: a body with its type, another page to go to, or nothing but a status. */
export interface Answer {
  /** HTTP status; 200 unless said otherwise. */
  readonly status?: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface UploadServerOptions {
  /** Absolute path of the file that stands for a path of the server, e.g. `/index.html`; undefined where there is none. */
  readonly fileFor?: (path: string) => string | undefined;
  /** Headers beside those of the type, for files. */
  readonly headersFor?: (path: string) => Readonly<Record<string, string>>;
  /** Answers what is neither a file nor a form; undefined leaves it to the server. */
  readonly route?: (
    request: IncomingMessage,
    path: string,
  ) => Promise<Answer | undefined> | Answer | undefined;
  /** Called with each form that arrived, before it is answered; what it returns is the answer. */
  readonly onUpload?: (upload: Upload, path: string) => Answer | undefined;
}

export interface UploadServer {
  /** Base addresses with a trailing slash; `localhost` and `127.0.0.1` are two hosts to a browser. */
  readonly url: string;
  readonly otherUrl: string;
  /** All uploads so far, oldest first. */
  readonly uploads: readonly Upload[];
  /** Resolves with the next upload that has not been taken yet. */
  nextUpload(): Promise<Upload>;
  /** Keeps an upload that did not come as a form. */
  keep(upload: Upload): void;
  /** Serves some bytes under a path, from now on. */
  publish(path: string, type: string, bytes: string | Uint8Array): void;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".xhtml": "application/xhtml+xml",
  ".svg": "image/svg+xml",
  ".xml": "application/xml",
  ".xsl": "text/xsl",
};

/** Bytes of the largest upload. */
const LIMIT = 256 * 1024 * 1024;

/** Milliseconds after which nobody waits for an upload any more, so that a test does not take the upload of the next one. */
const LATE = 120_000;

const RECEIVED: Answer = { type: "text/html", body: "<title>Received</title>Received" };

/** Starts a server on a free port. */
export async function startUploadServer(options: UploadServerOptions = {}): Promise<UploadServer> {
  const published = new Map<string, Answer>();
  const { keep, ...uploads } = createInbox();

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    const answer = published.get(path) ?? (await options.route?.(request, path));
    if (answer) return answer;
    if (request.method === "POST") {
      const upload = await formOf(request);
      keep(upload);
      return options.onUpload?.(upload, path) ?? RECEIVED;
    }
    const file = options.fileFor?.(path);
    const type = file && TYPES[extname(file)];
    const body = type && (await readFile(file).catch(() => undefined));
    return body
      ? { type, body, headers: options.headersFor?.(path) ?? {} }
      : { status: 404, type: "text/plain", body: "Not found" };
  }

  const server = createServer((request, response) => {
    answerTo(request).then(
      (answer) => send(response, answer),
      (error: Error) =>
        send(response, { status: 400, body: `The request could not be answered: ${error.message}` }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://localhost:${port}/`,
    otherUrl: `http://127.0.0.1:${port}/`,
    ...uploads,
    keep,
    publish: (path, type, body) => published.set(path, { type, body }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Keeps uploads in their order for whoever waits for one. */
function createInbox(): Pick<UploadServer, "uploads" | "nextUpload" | "keep"> {
  const uploads: Upload[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  let taken = 0;
  return {
    uploads,
    keep(upload) {
      uploads.push(upload);
      for (const { resolve } of waiting.splice(0)) resolve();
    },
    async nextUpload() {
      while (uploads.length <= taken) {
        const next = Promise.withResolvers<void>();
        waiting.push(next);
        const late = setTimeout(() => next.reject(new Error(`no upload within ${LATE} ms`)), LATE);
        await next.promise.finally(() => clearTimeout(late));
      }
      return uploads[taken++] as Upload;
    },
  };
}

function send(response: ServerResponse, { status = 200, type, body, headers }: Answer): void {
  response
    .writeHead(status, {
      ...(type && { "content-type": type }),
      // Not `no-store`, under which a page would not come back as it was when a person goes back to it.
      "cache-control": "no-cache",
      ...headers,
    })
    .end(body);
}

async function formOf(request: IncomingMessage): Promise<Upload> {
  const form = await new Response(await bodyOf(request), {
    headers: { "content-type": request.headers["content-type"] ?? "" },
  }).formData();
  return await Promise.all([...form].map(([field, value]) => partOf(request, field, value)));
}

/** Makes a part from what a request brought. */
export async function partOf(
  { headers }: IncomingMessage,
  field: string,
  value: string | File,
): Promise<ReceivedPart> {
  const bytes =
    typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(await value.arrayBuffer());
  const { name, type } = typeof value === "string" ? { name: "", type: "" } : value;
  return { field, name, type, bytes, sha256: sha256(bytes), page: headers.referer ?? "" };
}

/** All bytes of a request. @throws Error when there are too many */
export async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > LIMIT) throw new Error(`more than ${LIMIT / 2 ** 20} MiB`);
    chunks.push(chunk as Buffer);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
