/**
 * A file across a message channel. Where messages are cloned, a Blob passes as it is, without a copy of its bytes; where they
 * are JSON, it passes in base64 chunks. Which of the two is found out by sending a small Blob first.
 */
import { type BlobMessage, CHUNK } from "./messages.ts";

const PROBE = "penumbra";

/** A small Blob to send first. */
export function makeProbe(): Blob {
  return new Blob([PROBE]);
}

/** Whether a probe arrived as it was sent. */
export function isProbe(value: unknown): boolean {
  return value instanceof Blob && value.size === PROBE.length;
}

/**
 * Sends a file.
 *
 * @throws DOMException `NotReadableError` when the file cannot be read (chunks only; a Blob is read by who receives it)
 */
export async function sendBlob(
  post: (message: BlobMessage) => void,
  blob: Blob,
  structured: boolean,
  signal?: AbortSignal,
): Promise<void> {
  if (structured) {
    post({ kind: "blob", blob });
    return;
  }
  let start = 0;
  do {
    const data = await toBase64(blob.slice(start, start + CHUNK));
    signal?.throwIfAborted();
    start += CHUNK;
    post({ kind: "chunk", data, last: start >= blob.size });
  } while (start < blob.size);
}

/** Puts a file together; `accept` returns it with its last part, undefined before. */
export function createBlobReceiver(limit: number): { accept(message: BlobMessage): Blob | undefined } {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  return {
    accept(message) {
      if (message.kind === "blob") return message.blob;
      const part = fromBase64(message.data);
      size += part.length;
      if (size > limit) throw new RangeError(`expected at most ${limit} bytes, got ${size}`);
      parts.push(part);
      return message.last ? new Blob(parts) : undefined;
    },
  };
}

/** The browser's own encoder, by way of a data URL: a chunk in one native call. */
async function toBase64(blob: Blob): Promise<string> {
  if (blob.size === 0) return "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result as string);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
  const url = await promise;
  return url.slice(url.indexOf(",") + 1);
}

function fromBase64(data: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
}
