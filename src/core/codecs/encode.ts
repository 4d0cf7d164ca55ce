/** Pixels to bytes of the same type, about the same size and the same kind of channels as the original. */
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import type { Original } from "./format.ts";
import { formatOf } from "./formats.ts";

/**
 * Encodes upright pixels like the original: the same type; JPEG with the same chroma sampling, channels and
 * quality (changed only if the size demands it); PNG without loss; WebP with or without loss. The ICC profile
 * stays, unless the picture was CMYK; all other metadata are dropped. Of a grey picture the red channel is
 * written.
 *
 * JPEG and lossy WebP stay within 40 % of the original's size, unless no quality does that: a file that was
 * mostly metadata keeps its quality and gets smaller.
 *
 * @throws Problem `too-large` when memory runs out, `internal` when the encoder fails; `AbortError` between
 * encodes
 */
export async function encode(
  pixels: Pixels,
  original: Original,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted();
  const format = formatOf(original.info.type);
  try {
    const bytes = await format.encode(pixels, original, signal);
    signal?.throwIfAborted();
    return bytes;
  } catch (error) {
    if (error instanceof Problem || (error instanceof Error && error.name === "AbortError")) throw error;
    if (signal?.aborted) throw signal.reason;
    if (/OOM|memory|allocation/i.test(String(error)))
      throw new Problem({ code: "too-large/memory" }, { cause: error });
    throw new Problem({ code: "internal/encoder" }, { cause: error });
  }
}
