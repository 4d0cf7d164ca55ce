/** The platform's zlib with a bound on what comes out. */
import { concat } from "./bytes.ts";

/** @throws RangeError when more than `most` bytes come out; TypeError when the input is damaged */
export async function through(
  { readable, writable }: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Uint8Array> {
  const writer = writable.getWriter();
  // What is wrong with the input is said by the other end as well.
  writer
    .write(bytes)
    .then(() => writer.close())
    .catch(() => {});
  const reader = readable.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    size += next.value.length;
    if (size <= most) continue;
    void reader.cancel().catch(() => {});
    throw new RangeError(`more than ${most} bytes`);
  }
  return concat(parts);
}
