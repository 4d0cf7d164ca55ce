/**
 * Which files are pictures. Names and types only decide which files are held, since an event allows no wait;
 * of those that they say nothing about, the first bytes decide. Both guesses are wide on purpose: the decoder
 * in the worker finds out what the bytes are, and the person is asked about a file that cannot be protected.
 */
const NAMES = /\.(p?jpe?g?|jfif|a?png|gif|webp|ico|cur|bmp|dib|svgz?|tiff?|hei[cf]|hif|avif|j(xl|p2|2k))$/i;

/** Types that browsers give to files which are certainly no pictures. */
const NO_PICTURE = /^(text|audio|video|font)\/|^application\/(?!octet-stream|x-)/;

/** How pictures and cameras' raw files begin, as Latin-1. */
const BEGINNINGS =
  /^(\xff\xd8\xff|\x89PNG|GIF8|BM|II[*RU]|MM\0\*|FUJIFILM|RIFF.{4}WEBP|.{4}(ftyp(he|mi|ms|av|cr)|JXL|jP)|\xff\n|8BPS|\0\0.\0|(\xef\xbb\xbf)?\s*<(\?xml|svg))/s;

type NameAndType = Pick<File, "name" | "type">;

/** Whether a file may be a picture, so that the page may not have it yet. */
export function mayBePicture(file: NameAndType): boolean {
  return isNamedPicture(file) || !NO_PICTURE.test(file.type);
}

/** Whether a file is a picture by its name or its type, or by its first bytes where these do not tell. */
export async function isPicture(file: File): Promise<boolean> {
  if (isNamedPicture(file) || NO_PICTURE.test(file.type)) return isNamedPicture(file);
  try {
    return beginsLikePicture(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  } catch {
    // Protecting it will fail as well, and then the person is asked.
    return true;
  }
}

/** Whether the first 16 bytes of a file are as pictures begin. */
export function beginsLikePicture(bytes: Uint8Array): boolean {
  return BEGINNINGS.test(String.fromCharCode(...bytes));
}

function isNamedPicture({ name, type }: NameAndType): boolean {
  return type.startsWith("image/") || NAMES.test(name);
}
