/**
 * A first guess by type and name which files may be pictures. It is wide on purpose: the decoder in the
 * worker finds out what the bytes are, and the person is asked about a file that cannot be protected.
 */
const EXTENSIONS: ReadonlySet<string> = new Set(
  (
    "jpg jpeg jfif jpe pjpeg pjp png apng webp gif bmp dib ico cur svg svgz tif tiff heic heif hif " +
    "avif jxl jp2 j2k dng cr2 cr3 nef arw orf raf rw2"
  ).split(" "),
);

/** Whether a file may be a picture: by its type, by its extension, or because it has neither. */
export function mayBePicture(file: { readonly name: string; readonly type: string }): boolean {
  const extension = /\.([^./\\]+)$/.exec(file.name)?.[1]?.toLowerCase();
  return (
    file.type.startsWith("image/") || (extension === undefined ? file.type === "" : EXTENSIONS.has(extension))
  );
}
