/** Small pictures of before, after and the change between them, for the popup. */
import { amplifiedDifference } from "../bridge/difference.ts";
import type { Previews } from "../bridge/status.ts";
import { decode, sniff } from "../core/codecs/index.ts";

/** Longest side, in pixels. */
const SIDE = 320;

/** Draws the previews of two encoded pictures, the second of the same shape and maybe smaller. */
export async function makePreviews(before: Blob, after: Blob): Promise<Previews> {
  const a = await draw(before);
  const b = await draw(after, a.canvas);
  const difference = a.context.createImageData(a.canvas.width, a.canvas.height);
  difference.data.set(amplifiedDifference(pixelsOf(a), pixelsOf(b)));
  const previews = { before: await toDataUrl(a.canvas), after: await toDataUrl(b.canvas) };
  a.context.putImageData(difference, 0, 0);
  return { ...previews, difference: await toDataUrl(a.canvas) };
}

interface Drawing {
  readonly canvas: OffscreenCanvas;
  readonly context: OffscreenCanvasRenderingContext2D;
}

/** @param like the canvas whose size to take; by default the picture's own, made smaller to {@link SIDE} */
async function draw(file: Blob, like?: OffscreenCanvas): Promise<Drawing> {
  const bitmap = await createImageBitmap(file).catch(() => decodeHere(file));
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    like?.width ?? Math.max(1, Math.round(bitmap.width * scale)),
    like?.height ?? Math.max(1, Math.round(bitmap.height * scale)),
  );
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2d canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { canvas, context };
}

/** Browsers do not read HEIC and TIFF. */
async function decodeHere(file: Blob): Promise<ImageBitmap> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { data, width, height } = await decode(bytes, sniff(bytes));
  return createImageBitmap(new ImageData(data as Uint8ClampedArray<ArrayBuffer>, width, height));
}

function pixelsOf({ canvas, context }: Drawing): ImageData {
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function toDataUrl(canvas: OffscreenCanvas): Promise<string> {
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.9 });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result as string);
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(blob);
  return await promise;
}
