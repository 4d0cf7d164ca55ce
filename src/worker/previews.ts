/** Small pictures of before, after and the change between them, for the popup. */
import { DIFFERENCE_GAIN, type Previews } from "../bridge/status.ts";

/** Longest side, in pixels. */
const SIDE = 320;

/** Draws the previews of two encoded pictures, the second of the same shape and maybe smaller. */
export async function makePreviews(before: Blob, after: Blob): Promise<Previews> {
  const a = await draw(before);
  const b = await draw(after, a);
  const from = pixelsOf(a);
  const to = pixelsOf(b);
  const difference = new OffscreenCanvas(a.width, a.height);
  const change = new ImageData(a.width, a.height);
  change.data.forEach((_, i) => {
    // The clamped array does the rounding and the clamping.
    change.data[i] = i % 4 === 3 ? 255 : 128 + DIFFERENCE_GAIN * ((to[i] as number) - (from[i] as number));
  });
  context(difference).putImageData(change, 0, 0);
  return {
    before: await toDataUrl(a),
    after: await toDataUrl(b),
    difference: await toDataUrl(difference),
  };
}

async function draw(file: Blob, like?: OffscreenCanvas): Promise<OffscreenCanvas> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(
    like?.width ?? Math.max(1, Math.round(bitmap.width * scale)),
    like?.height ?? Math.max(1, Math.round(bitmap.height * scale)),
  );
  const target = context(canvas);
  target.imageSmoothingQuality = "high";
  target.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

function context(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const target = canvas.getContext("2d", { willReadFrequently: true });
  if (!target) throw new Error("no 2d canvas");
  return target;
}

function pixelsOf(canvas: OffscreenCanvas): Uint8ClampedArray {
  return context(canvas).getImageData(0, 0, canvas.width, canvas.height).data;
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
