/** Pixels to bytes of the same type (or of the one that takes its place), about the same size and the same kind of channels as the original. */
import type { Pixels } from "../contract/pixels.ts";
import { Problem } from "../contract/problem.ts";
import type { Original } from "./format.ts";
import { formatOf, writtenFormat } from "./formats.ts";
import type { PictureInfo } from "./picture-info.ts";

/**
 * Encodes upright pixels like the original: the same type, except for those that Penumbra does not write; JPEG with the same chroma sampling, channels and
 * quality (changed only if the size demands it); PNG without loss; WebP with or without loss. The ICC profile
 * stays, unless the picture was CMYK; all other metadata are dropped. Of a grey picture the red channel is
 * written. The size in print stays in JPEG and PNG.
 *
 * JPEG, AVIF and lossy WebP stay within 40 % of the original's size, unless no quality does that: a file that was
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
  const { type } = original.info;
  const format = writtenFormat(original.info);
  const info = printedAlike(original.info, pixels);
  // How large a file of another format is says nothing.
  const alike = format === formatOf(type) ? { ...original, info } : { info };
  try {
    if (!format.encode) throw new Error(`nothing writes ${format.type}`);
    const bytes = await format.encode(pixels, alike, signal);
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

/** A picture that is turned or shrunk is printed at the same size as before. */
function printedAlike(info: PictureInfo, pixels: Pixels): PictureInfo {
  const { density, orientation, width, height } = info;
  if (!density) return info;
  const turned = orientation > 4;
  const [across, down] = turned ? [density.down, density.across] : [density.across, density.down];
  return {
    ...info,
    density: {
      across: (across * pixels.width) / (turned ? height : width),
      down: (down * pixels.height) / (turned ? width : height),
    },
  };
}
