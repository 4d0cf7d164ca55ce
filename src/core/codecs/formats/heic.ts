/**
 * HEIC, which becomes JPEG, or PNG where it is transparent. Decoded by libheif, which is not part of any bundle
 * (see ../scripts.ts) and is loaded when the first such picture comes.
 */
import type { Pixels } from "../../contract/pixels.ts";
import { type Damage, Problem } from "../../contract/problem.ts";
import { viewOf } from "../bytes.ts";
import { profileOf } from "../cicp.ts";
import { readDensity } from "../density.ts";
import { corruptPicture, type Format } from "../format.ts";
import type { PictureInfo } from "../picture-info.ts";
import { loadScript } from "../scripts.ts";
import { checkCodedSize } from "./coded-size.ts";
import { brandsOf, describePrimary, type HeifFile, readHeif } from "./heif-boxes.ts";

const HEIC = { type: "image/heic", name: "HEIC", extension: "heic" } as const;

export const heic = {
  ...HEIC,
  binaries: [],
  // A block of 64 by 64 pixels takes at least one bit for its mode.
  mostPixelsPerByte: 8 * 64 * 64,
  matches(bytes) {
    const brands = brandsOf(bytes);
    return (
      brands.some((brand) => /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) &&
      !brands.some((brand) => /^avi[fs]$/.test(brand))
    );
  },
  readHeader,
  writtenAs: ({ alpha }) => (alpha ? "image/png" : "image/jpeg"),
  decode,
} as const satisfies Format;

const corrupt = (damage: Damage, cause?: unknown) => corruptPicture(HEIC, damage, cause);

/** A JPEG of this quality loses little of what a HEIC has, and is about twice as large. */
const JPEG_QUALITY = 90;

function readHeader(bytes: Uint8Array): PictureInfo {
  const file = read(bytes);
  const picture = describePrimary(file);
  if (!picture) throw corrupt("size-missing");
  const { width, height, codec, orientation, cicp, bitDepth, alpha, extras } = picture;
  if (codec !== "hvc1" && codec !== "hev1")
    throw new Problem({ code: "unsupported/compression", format: HEIC.name });
  checkCodedSize(picture, file, HEIC);
  const icc = picture.icc ?? (cicp && profileOf(cicp));
  const turned = orientation > 4;
  const density = readPrintSize(file);
  return {
    type: HEIC.type,
    // libheif turns and crops.
    width: turned ? height : width,
    height: turned ? width : height,
    orientation: 1,
    grey: false,
    alpha,
    components: alpha ? 4 : 3,
    bitDepth,
    quality: JPEG_QUALITY,
    subsampling: "4:2:0",
    ...(icc && { icc }),
    ...(extras && { extras }),
    ...(density && { density }),
  };
}

function read(bytes: Uint8Array): HeifFile {
  try {
    const file = readHeif(bytes);
    if (file) return file;
  } catch (cause) {
    throw corrupt("end-missing", cause);
  }
  throw corrupt("no-picture");
}

/** The resolution in the EXIF item, whose data begin with the distance to the TIFF structure. */
function readPrintSize(file: HeifFile) {
  const item = [...file.items.values()].find(({ type }) => type === "Exif");
  const data = item && file.dataOf(item);
  return data && data.length > 8 ? readDensity(data.subarray(4 + viewOf(data).getUint32(0))) : undefined;
}

/** The part of libheif's interface that is used here. */
interface Libheif {
  readonly heif_error_code: { readonly heif_error_Ok: unknown };
  readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
  readonly heif_chroma: { readonly heif_chroma_interleaved_RGBA: unknown };
  heif_context_alloc(): unknown;
  heif_context_read_from_memory(context: unknown, bytes: Uint8Array): { readonly code: unknown };
  heif_js_context_get_primary_image_handle(context: unknown): object | undefined;
  heif_js_decode_image2(handle: object, colours: unknown, layout: unknown): Decoded;
}

interface Decoded {
  readonly code?: unknown;
  readonly channels?: readonly {
    readonly width: number;
    readonly height: number;
    /** Bytes from one row to the next. */
    readonly stride: number;
    readonly data: Uint8Array;
  }[];
}

/** A fresh instance for each picture, as of other codecs; see ../wasm.ts. */
async function createLibheif(): Promise<Libheif> {
  const script = (await loadScript("libheif-js/libheif-wasm/libheif-bundle.mjs")) as {
    default(options: object): Libheif;
  };
  return script.default({ print: () => {}, printErr: () => {} });
}

async function decode(bytes: Uint8Array): Promise<Pixels> {
  const lib = await createLibheif();
  const context = lib.heif_context_alloc();
  if (lib.heif_context_read_from_memory(context, bytes).code !== lib.heif_error_code.heif_error_Ok)
    throw corrupt("unreadable");
  const handle = lib.heif_js_context_get_primary_image_handle(context);
  if (!handle) throw corrupt("no-picture");
  const decoded = lib.heif_js_decode_image2(
    handle,
    lib.heif_colorspace.heif_colorspace_RGB,
    lib.heif_chroma.heif_chroma_interleaved_RGBA,
  );
  const channel = decoded.channels?.[0];
  if (!channel) throw corrupt("part-missing");
  const { width, height, stride, data } = channel;
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++)
    pixels.set(data.subarray(y * stride, y * stride + 4 * width), 4 * y * width);
  return { width, height, data: pixels };
}
