/** What a PNG says beside its pixels: its size in print, and what it takes over from a picture of another format. */
import { concat, viewOf } from "../bytes.ts";
import { densityOf } from "../density.ts";
import type { Density, PictureInfo } from "../picture-info.ts";
import { chunks, makeChunk } from "./png-chunks.ts";
import { makeProfileData } from "./png-profile.ts";

const PER_METRE = 1;

/** Reads the chunk pHYs. */
export function readPrintSize(bytes: Uint8Array): { density?: Density } {
  for (const { type, data } of chunks(bytes)) {
    if (type === "IDAT") break;
    if (type !== "pHYs" || data.length !== 9 || data[8] !== PER_METRE) continue;
    const view = viewOf(data);
    const density = densityOf(view.getUint32(0), view.getUint32(4), "m");
    return density ? { density } : {};
  }
  return {};
}

/** The same picture with its size in print, and its profile if it has been none of a PNG, as chunks. */
export async function withChunks(info: PictureInfo): Promise<PictureInfo> {
  const { density, icc, colourChunks = new Uint8Array(0) } = info;
  return {
    ...info,
    ...(density && { colourChunks: concat([colourChunks, printSizeChunk(density)]) }),
    ...(icc && { profileChunk: await makeProfileData(icc) }),
  };
}

function printSizeChunk({ across, down }: Density): Uint8Array {
  const data = new Uint8Array(9);
  const view = viewOf(data);
  view.setUint32(0, Math.round(across));
  view.setUint32(4, Math.round(down));
  data[8] = PER_METRE;
  return makeChunk("pHYs", data);
}
