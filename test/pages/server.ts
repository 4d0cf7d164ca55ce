/** The upload pages of this folder, on a server that keeps what arrives; it also speaks tus. */
import type { IncomingMessage } from "node:http";
import { normalize } from "node:path";
import {
  type Answer,
  bodyOf,
  partOf,
  startUploadServer,
  type Upload,
  type UploadServer,
} from "../../scripts/lib/upload-server.ts";

/** Strict enough that a panel that needs the page's permission for its style would be bare. */
const STRICT = { "content-security-policy": "default-src 'self'; require-trusted-types-for 'script'" };

/** Pages that are served without an origin and without a referrer as well, under another name. */
const SANDBOXED: Readonly<Record<string, string>> = {
  "/sandboxed.html": "/hostile.html",
  "/generated-sandboxed.html": "/generated.html",
};
const WITHOUT_ORIGIN = {
  "content-security-policy": "sandbox allow-scripts allow-forms",
  "referrer-policy": "no-referrer",
};

const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "/strict.html": STRICT,
  ...Object.fromEntries(Object.keys(SANDBOXED).map((path) => [path, WITHOUT_ORIGIN])),
};

/** Addresses from which no document comes. */
const NO_DOCUMENT: Readonly<Record<string, () => Answer | Promise<Answer>>> = {
  "/no-content": () => ({ status: 204 }),
  "/never": () => new Promise(() => {}),
  "/download": () => ({
    type: "application/octet-stream",
    headers: { "content-disposition": "attachment; filename=download" },
    body: "download",
  }),
};

/** Serves test/pages on a free port. A form that is posted to a path that ends with `.json` is answered with JSON. */
export async function startPageServer(): Promise<UploadServer> {
  const tus = createTus((upload) => server.keep(upload));
  const server = await startUploadServer({
    fileFor: (path) => normalize(import.meta.dirname + (SANDBOXED[path] ?? path)),
    headersFor: (path) => HEADERS[path] ?? {},
    route: (request, path) => (path.startsWith("/tus/") ? tus(request) : NO_DOCUMENT[path]?.()),
    onUpload: (_, path) => (path.endsWith(".json") ? { type: "application/json", body: "{}" } : undefined),
  });
  return server;
}

/** As much of the tus protocol (https://tus.io/protocols/resumable-upload) as an upload that is not broken off needs. */
function createTus(keep: (upload: Upload) => void) {
  const begun: { readonly about: ReadonlyMap<string, string>; readonly length: number; bytes: Buffer }[] = [];
  const answer = (status: number, headers: Record<string, string> = {}): Answer => ({
    status,
    headers: { "tus-resumable": "1.0.0", ...headers },
  });

  return async (request: IncomingMessage): Promise<Answer> => {
    const { "upload-length": length, "upload-metadata": metadata } = request.headers;
    if (request.method === "POST") {
      const pairs = String(metadata)
        .split(",")
        .map((pair) => pair.split(" ") as [string, string]);
      const about = new Map(pairs.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
      const id = begun.push({ about, length: Number(length), bytes: Buffer.alloc(0) }) - 1;
      return answer(201, { location: `/tus/${id}` });
    }
    const upload = begun[Number(request.url?.split("/").at(-1))];
    if (request.method !== "PATCH" || !upload) return answer(404);
    upload.bytes = Buffer.concat([upload.bytes, await bodyOf(request)]);
    if (upload.bytes.length === upload.length) {
      const name = upload.about.get("filename") ?? "";
      const type = upload.about.get("filetype") ?? "";
      keep([await partOf(request, "", new File([new Uint8Array(upload.bytes)], name, { type }))]);
    }
    return answer(204, { "upload-offset": String(upload.bytes.length) });
  };
}
