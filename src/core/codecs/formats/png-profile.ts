/** The ICC profile of a PNG, in its iCCP chunk. Layout: W3C PNG (third edition), section 11.3.2.3. */
import { concat } from "../bytes.ts";
import { cleanProfile } from "../icc.ts";
import { through } from "../zlib.ts";

/** Bytes of the largest profile that is kept: a few bytes could be inflated to gigabytes. */
const LARGEST = 4 * 2 ** 20;

/**
 * The data of an iCCP chunk with nothing in it but what defines colours; `undefined` if it holds no profile.
 */
export async function cleanProfileChunk(data: Uint8Array): Promise<Uint8Array | undefined> {
  const name = data.indexOf(0);
  if (name < 0 || data[name + 1] !== 0) return undefined;
  try {
    const profile = cleanProfile(
      await through(new DecompressionStream("deflate"), data.slice(name + 2), LARGEST),
    );
    return profile && (await makeProfileData(profile));
  } catch {
    return undefined;
  }
}

/** The data of an iCCP chunk for a profile. */
export async function makeProfileData(profile: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packed = await through(new CompressionStream("deflate"), profile, LARGEST);
  // The profile's name, which no reader needs, and how it is packed.
  return concat([Uint8Array.from("icc\0\0", (letter) => letter.charCodeAt(0)), packed]);
}
