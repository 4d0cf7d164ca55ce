/**
 * Pictures that travel inside of a text: as `data:` addresses in HTML, lists of addresses or words, and in
 * hexadecimal in rich text (RTF).
 */
import { beginsLikePicture } from "../pictures.ts";

/** A text and the pictures in it. */
export interface TextPictures {
  /** In the order of the text. Empty too where the text only has drawings that are left out. */
  readonly pictures: readonly File[];
  /** Whether the page may have the text as it is. */
  readonly isPlain: boolean;
  /** The text with these pictures in place of its own. */
  replace(pictures: readonly File[]): Promise<string>;
}

/**
 * The payload of a `data:` address: what may stand in an attribute, a style or a list. Mail programs and word
 * processors break lines of base64.
 */
const ADDRESS = /data:([\w.+/-]*)([^,"'<>\s]*),((?:[^"'<>\s()\\&]|\s+(?=[\w+/=]{20}|[\w+/]*={0,2}["']))+)/gi;

/** Of RTF: what comes before the digits of a picture, its kind among that, and the digits. */
const RICH_TEXT =
  /(\\(pngblip|jpegblip|emfblip|wmetafile|macpict|dibitmap|wbitmap)(?:[^{}]|\{[^{}]*\})*?[\s}])([\da-f\s]{64,})(?=\})/gi;

/** A picture in a text, or a drawing that cannot be protected and is left out: nothing but a copy of what else is pasted. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly picture: File | undefined;
  write(picture: File): Promise<string>;
}

/** Finds the pictures in a text of any type. */
export function picturesIn(text: string): TextPictures {
  const found = text.startsWith("{\\rtf") ? inRichText(text) : inAddresses(text);
  const pictures = found.flatMap(({ picture }) => picture ?? []);
  return {
    pictures,
    isPlain: found.length === 0,
    async replace(replacements) {
      let result = "";
      let from = 0;
      let next = 0;
      for (const { start, end, picture, write } of found) {
        result += text.slice(from, start);
        const replacement = picture && (replacements[next++] as File);
        if (replacement)
          result += replacement === picture ? text.slice(start, end) : await write(replacement);
        from = end;
      }
      return result + text.slice(from);
    },
  };
}

/** The address of a picture's bytes. Read so, since Firefox lets a script of an extension do little with a page's buffers. */
export function dataAddress(picture: Blob): Promise<string> {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = reject;
    reader.readAsDataURL(picture);
  });
}

function inAddresses(text: string): Found[] {
  return [...text.matchAll(ADDRESS)].flatMap(
    ({ 0: address, 1: type = "", 2: flags = "", 3: data = "", index }) => {
      const bytes = decode(data, /;\s*base64\s*$/i.test(flags));
      // Drawings in SVG are text.
      if (
        !bytes ||
        /svg/i.test(type) ||
        !(/^image\//i.test(type) || beginsLikePicture(bytes.subarray(0, 16)))
      )
        return [];
      return [
        { start: index, end: index + address.length, picture: toFile(bytes, type), write: dataAddress },
      ];
    },
  );
}

function inRichText(text: string): Found[] {
  return [...text.matchAll(RICH_TEXT)].map(
    ({ 0: all, 1: before = "", 2: kind = "", 3: digits = "", index }) => {
      const type = /^(png|jpeg)blip/i.exec(kind)?.[1]?.toLowerCase();
      const hex = digits.replace(/\s/g, "");
      return {
        start: index + before.length,
        end: index + all.length,
        picture: type && hex.length % 2 === 0 ? toFile(Uint8Array.fromHex(hex), `image/${type}`) : undefined,
        write: async (picture) =>
          Uint8Array.fromBase64((await dataAddress(picture)).replace(/.*,/, "")).toHex(),
      };
    },
  );
}

function decode(data: string, isBase64: boolean): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (isBase64) return Uint8Array.fromBase64(decodeURIComponent(data));
    return Uint8Array.from(unescape(data), (letter) => letter.charCodeAt(0));
  } catch {
    // No browser shows it either.
    return undefined;
  }
}

function toFile(bytes: Uint8Array<ArrayBuffer>, type: string): File {
  return new File([bytes], `picture.${type.replace(/.*\//, "") || "img"}`, { type });
}
