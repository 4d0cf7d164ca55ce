/** Files to choose, written to a folder that is gone afterwards: photographs, and everything that is not one. */
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download } from "playwright-core";
import { ROOT } from "../../scripts/lib/root.ts";
import { sha256 } from "../../scripts/lib/upload-server.ts";
import * as made from "../unit/core/codecs/pictures.ts";
import { photograph } from "./photographs.ts";

export interface Sample {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

export interface Samples {
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sample>;
  /** A JPEG photograph that says where it was taken. */
  photo(name?: string): Promise<Sample>;
  png(name?: string): Promise<Sample>;
  webp(name?: string): Promise<Sample>;
  text(name?: string): Promise<Sample>;
  /** A folder with `photo.jpg`, `notes.txt` and `inner/drawing.png`. */
  folder(name: string): Promise<Pick<Sample, "path">>;
  /** A picture of `test/fixtures/formats`. */
  fixture(name: string): Promise<Sample>;
  /** A PNG of a few even colours. */
  flat(name: string): Promise<Sample>;
  /** A PNG whose colours change gradually: its file is small, and grows with any change. */
  gradual(name: string): Promise<Sample>;
  /** A PNG of several megabytes, since noise does not compress. */
  noisy(name: string): Promise<Sample>;
  /** A file that a page saved, under its own name. */
  keep(download: Download): Promise<Sample>;
  remove(): Promise<void>;
}

/** Some time in the past, so that a file made anew would show. */
const TAKEN = new Date("2021-06-05T04:03:02Z");

export async function createSamples(): Promise<Samples> {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-samples-"));

  async function write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sample> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await utimes(path, TAKEN, TAKEN);
    return { path, name, bytes, sha256: sha256(bytes), lastModified: TAKEN.getTime() };
  }

  return {
    write,
    photo: async (name = "goldfish.jpg") =>
      write(name, made.withSegments(photograph("goldfish.jpg"), made.exif(1))),
    png: async (name = "drawing.png") => write(name, made.pngOf(made.scene(180, 140), 2)),
    webp: async (name = "sketch.webp") => write(name, await made.webp(made.scene(200, 150))),
    async folder(name) {
      await mkdir(join(folder, name, "inner"), { recursive: true });
      await write(`${name}/photo.jpg`, photograph("goldfish.jpg"));
      await write(`${name}/notes.txt`, made.text("Not a picture.\n"));
      await write(`${name}/inner/drawing.png`, made.pngOf(made.scene(180, 140), 2));
      return { path: join(folder, name) };
    },
    text: async (name = "notes.txt") => write(name, made.text("Not a picture.\n")),
    fixture: async (name) =>
      write(name, new Uint8Array(await readFile(join(ROOT, "test/fixtures/formats", name)))),
    async noisy(name) {
      const random = made.randomFrom(1);
      const data = Uint8ClampedArray.from({ length: 4 * 1500 * 1100 }, (_, i) =>
        i % 4 === 3 ? 255 : 256 * random(),
      );
      return await write(name, made.pngOf({ width: 1500, height: 1100, data }, 2));
    },
    flat: (name) =>
      write(
        name,
        drawn(640, 480, (x, y) =>
          (x - 320) ** 2 + (y - 240) ** 2 < 150 ** 2
            ? [230, 120, 40]
            : y > 300
              ? [60, 150, 80]
              : [120, 180, 240],
        ),
      ),
    gradual: (name) =>
      write(
        name,
        drawn(1600, 1200, (x, y) =>
          (x - 800) ** 2 + (y - 600) ** 2 < 300 ** 2 ? [x / 7, 40, y / 5] : [x / 7, y / 5, 90],
        ),
      ),
    keep: async (download) =>
      write(download.suggestedFilename(), new Uint8Array(await readFile(await download.path()))),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** A PNG, from the red, green and blue of each pixel. */
function drawn(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly [number, number, number],
): Uint8Array<ArrayBuffer> {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colourAt(x, y), 4 * (y * width + x));
  return made.pngOf({ width, height, data }, 2);
}

/** Files that cannot be protected, by name, each with a word that the panel must say about it. */
export async function unprotectable(): Promise<
  readonly { name: string; bytes: Uint8Array<ArrayBuffer>; says: RegExp }[]
> {
  const whole = await made.jpeg(made.scene(200, 150));
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251);
  const png = made.pngOf(made.scene(64, 64), 2);
  const huge = png.slice();
  const header = made.pngHeader(30_000, 30_000);
  huge.set(made.pngChunk("IHDR", header), 8);
  const heic = new Uint8Array(512);
  heic.set([0, 0, 0, 24, ...made.text("ftypheic"), 0, 0, 0, 0, ...made.text("mif1heic")]);
  const svg = made.text(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="9" height="9"/></svg>',
  );
  return [
    { name: "broken.jpg", bytes: noise, says: /broken\.jpg[^:]*Not protected/ },
    { name: "empty.png", bytes: new Uint8Array(0), says: /empty\.png\s+Not protected\. [^.]*empty/i },
    {
      name: "truncated.jpg",
      bytes: whole.slice(0, whole.length / 2),
      says: /truncated\.jpg\s+Not protected/,
    },
    { name: "huge.png", bytes: huge, says: /huge\.png\s+Not protected\. [^.]*(large|30.?000)/ },
    { name: "moving.gif", bytes: made.gif(3), says: /moving\.gif\s+Not protected\. [^.]*(anim|mov)/i },
    { name: "vector.svg", bytes: svg, says: /vector\.svg\s+Not protected\. [^.]*SVG/ },
    { name: "phone.heic", bytes: heic, says: /phone\.heic\s+Not protected\. [^.]*HEIC[^.]*broken/ },
  ];
}
