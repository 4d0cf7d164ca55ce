/** A picture to show: a drawn landscape or a given one, a soft change of at most 8 / 255, and that change amplified. */
import { amplifiedDifference } from "../../../src/bridge/difference.ts";
import type { Previews } from "../../../src/bridge/status.ts";

export async function makePreviews(width: number, height: number, photo?: string): Promise<Previews> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("expected a 2d context, got none");
  if (photo)
    context.drawImage(await createImageBitmap(await (await fetch(photo)).blob()), 0, 0, width, height);
  else drawLandscape(context, width, height);

  const before = context.getImageData(0, 0, width, height);
  const after = new ImageData(width, height);
  for (let i = 0; i < before.data.length; i += 4) {
    const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
    for (let c = 0; c < 3; c++) {
      const wave =
        Math.sin(x / 5 + 2 * c + 3 * Math.sin(y / 17)) + Math.sin(y / 6 - c + 2 * Math.sin(x / 23));
      const change = Math.round(8 * Math.max(-1, Math.min(1, wave)));
      after.data[i + c] = (before.data[i + c] ?? 0) + change;
    }
    after.data[i + 3] = 255;
  }
  const difference = new ImageData(width, height);
  difference.data.set(amplifiedDifference(before, after));
  return { before: await toUrl(before), after: await toUrl(after), difference: await toUrl(difference) };
}

function drawLandscape(context: OffscreenCanvasRenderingContext2D, width: number, height: number): void {
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, "#274b7a");
  sky.addColorStop(0.6, "#e8b27a");
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#fbe6b8";
  context.beginPath();
  context.arc(0.7 * width, 0.4 * height, 0.09 * height, 0, 2 * Math.PI);
  context.fill();
  for (const [level, colour] of [
    [0.62, "#49617d"],
    [0.75, "#2e4257"],
    [0.88, "#18222f"],
  ] as const) {
    context.fillStyle = colour;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x++)
      context.lineTo(x, height * (level + 0.06 * Math.sin(x / 37 + 40 * level) + 0.03 * Math.sin(x / 11)));
    context.lineTo(width, height);
    context.fill();
  }
}

async function toUrl(pixels: ImageData): Promise<string> {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  const blob = await canvas.convertToBlob();
  return await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsDataURL(blob);
  });
}
