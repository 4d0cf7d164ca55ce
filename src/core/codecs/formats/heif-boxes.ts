/**
 * The boxes of HEIF files, which AVIF and HEIC are: what they say about the primary picture. Layout: ISO/IEC
 * 14496-12 (boxes), 23008-12 (items and properties).
 */
import { ascii, concat, viewOf } from "../bytes.ts";
import { cleanProfile } from "../icc.ts";
import type { Orientation, PictureInfo } from "../picture-info.ts";

/** A box without its header. */
export interface Box {
  readonly type: string;
  readonly data: Uint8Array;
}

/** A coded picture or other data, with its properties in their order. */
export interface Item {
  readonly id: number;
  /** av01, hvc1, grid, Exif, ... */
  readonly type: string;
  readonly hidden: boolean;
  readonly properties: readonly Box[];
  /** Places of the data in the file, or in `inner`. */
  readonly extents: readonly { readonly start: number; readonly length: number }[];
  readonly inside: boolean;
}

interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

export interface HeifFile {
  readonly items: ReadonlyMap<number, Item>;
  readonly primary: Item;
  readonly references: readonly Reference[];
  /** Whether it holds a film, or a sequence of pictures. */
  readonly moving: boolean;
  dataOf(item: Item): Uint8Array;
}

/** The brands that a file of boxes says it has, the main one first; none if it is no such file. */
export function brandsOf(bytes: Uint8Array): string[] {
  if (ascii(bytes, 4, 4) !== "ftyp") return [];
  const end = Math.min(viewOf(bytes).getUint32(0), bytes.length, 512);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(bytes, at, 4));
  return brands;
}

/** The boxes in order; ends without an error where one is cut off. */
function* boxesIn(bytes: Uint8Array, from = 0): Generator<Box> {
  const view = viewOf(bytes);
  for (let at = from; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at);
    const wide = size === 1 && at + 16 <= bytes.length;
    const length = wide ? Number(view.getBigUint64(at + 8)) : size === 0 ? bytes.length - at : size;
    const head = wide ? 16 : 8;
    if (length < head) return;
    const cut = at + length > bytes.length;
    const type = ascii(bytes, at + 4, 4);
    // The data at a file's end may be cut off; whether the picture is, its places tell.
    if (cut && type !== "mdat") return;
    yield { type, data: bytes.subarray(at + head, at + length) };
    at += length;
  }
}

/** Reads big-endian numbers one after another; past the end they are an error. */
export class Reader {
  at = 0;
  readonly #view: DataView;
  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes);
  }
  /** @throws RangeError past the end */
  number(size: number): number {
    const at = this.at;
    this.at += size;
    if (size === 0) return 0;
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at);
    return size === 8 ? Number(this.#view.getBigUint64(at)) : this.#view.getUint32(at);
  }
  /** The version of a full box, whose flags are the other three bytes. */
  version(): { version: number; flags: number } {
    const value = this.number(4);
    return { version: value >>> 24, flags: value & 0xffffff };
  }
}

/**
 * Reads the boxes of one file.
 * @returns `undefined` when there is no primary item
 * @throws RangeError when a box is shorter than what it holds, or an item is outside of the file
 */
export function readHeif(bytes: Uint8Array): HeifFile | undefined {
  const top = [...boxesIn(bytes)];
  const meta = top.find(({ type }) => type === "meta");
  if (!meta) return undefined;
  const inner = new Map([...boxesIn(meta.data, 4)].map(({ type, data }) => [type, data]));
  const boxOf = (type: string) => inner.get(type) ?? new Uint8Array(4);
  const idat = inner.get("idat") ?? new Uint8Array(0);
  const primaryId = inner.has("pitm") ? readPrimary(boxOf("pitm")) : 0;
  const properties = inner.has("iprp") ? readProperties(boxOf("iprp")) : new Map<number, Box[]>();
  const places = inner.has("iloc") ? readPlaces(boxOf("iloc")) : new Map<number, Place>();
  const items = new Map<number, Item>();
  let held = 0;
  for (const { id, type, hidden } of inner.has("iinf") ? readItems(boxOf("iinf")) : []) {
    const { extents = [], inside = false } = places.get(id) ?? {};
    const space = inside ? idat : bytes;
    for (const { start, length } of extents) {
      held += length;
      // Items that share their data many times over would take for ever to read.
      if (start + length > space.length || held > 2 * bytes.length)
        throw new RangeError(`item ${id} is outside of the file`);
    }
    items.set(id, { id, type, hidden, extents, inside, properties: properties.get(id) ?? [] });
  }
  const primary = items.get(primaryId);
  return (
    primary && {
      items,
      primary,
      references: inner.has("iref") ? readReferences(boxOf("iref")) : [],
      moving: top.some(({ type }) => type === "moov"),
      dataOf: ({ extents, inside }) =>
        concat(extents.map(({ start, length }) => (inside ? idat : bytes).subarray(start, start + length))),
    }
  );
}

function readPrimary(pitm: Uint8Array): number {
  const reader = new Reader(pitm);
  return reader.number(reader.version().version === 0 ? 2 : 4);
}

function* readItems(iinf: Uint8Array): Generator<Pick<Item, "id" | "type" | "hidden">> {
  const head = new Reader(iinf).version().version === 0 ? 6 : 8;
  for (const { type, data } of boxesIn(iinf, head)) {
    if (type !== "infe") continue;
    const reader = new Reader(data);
    const { version, flags } = reader.version();
    if (version < 2) continue;
    const id = reader.number(version === 2 ? 2 : 4);
    yield { id, type: ascii(data, reader.at + 2, 4), hidden: (flags & 1) !== 0 };
  }
}

type Place = Pick<Item, "extents" | "inside">;

function readPlaces(iloc: Uint8Array): Map<number, Place> {
  const reader = new Reader(iloc);
  const { version } = reader.version();
  const sizes = reader.number(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  const idSize = version < 2 ? 2 : 4;
  const places = new Map<number, Place>();
  for (let left = reader.number(idSize); left > 0; left--) {
    const id = reader.number(idSize);
    const method = version === 0 ? 0 : reader.number(2) & 15;
    reader.number(2);
    const base = reader.number(baseSize);
    const count = reader.number(2);
    // Extents that take no bytes could be any number.
    const most = indexSize + offsetSize + lengthSize > 0 ? count : 1;
    const extents = Array.from({ length: Math.min(count, most) }, () => {
      reader.number(indexSize);
      const start = base + reader.number(offsetSize);
      return { start, length: reader.number(lengthSize) };
    });
    if (method <= 1) places.set(id, { extents, inside: method === 1 });
  }
  return places;
}

function readProperties(iprp: Uint8Array): Map<number, Box[]> {
  const all: Box[] = [];
  const ofItems = new Map<number, Box[]>();
  for (const { type, data } of boxesIn(iprp)) {
    if (type === "ipco") all.push(...boxesIn(data));
    if (type !== "ipma") continue;
    const reader = new Reader(data);
    const { version, flags } = reader.version();
    for (let left = reader.number(4); left > 0; left--) {
      const id = reader.number(version < 1 ? 2 : 4);
      const own = ofItems.get(id) ?? [];
      ofItems.set(id, own);
      for (let count = reader.number(1); count > 0; count--) {
        const index = flags & 1 ? reader.number(2) & 0x7fff : reader.number(1) & 0x7f;
        const property = all[index - 1];
        if (property) own.push(property);
      }
    }
  }
  return ofItems;
}

function readReferences(iref: Uint8Array): Reference[] {
  const size = new Reader(iref).version().version === 0 ? 2 : 4;
  return [...boxesIn(iref, 4)].map(({ type, data }) => {
    const reader = new Reader(data);
    const from = reader.number(size);
    return { type, from, to: Array.from({ length: reader.number(2) }, () => reader.number(size)) };
  });
}

/** What the properties of the primary picture say. */
export interface HeifPicture
  extends Pick<PictureInfo, "width" | "height" | "alpha" | "icc" | "cicp" | "bitDepth" | "extras"> {
  /** Type of the coded items: those of the tiles where the picture is a grid. */
  readonly codec: string;
  readonly coded: readonly Item[];
  /** Its alpha channel and its gain map. */
  readonly auxiliary: readonly Item[];
  /** Before it is cropped. */
  readonly decoded: { readonly width: number; readonly height: number };
  /** How the decoded picture must be turned, by EXIF's numbers. */
  readonly orientation: Orientation;
  /** The part that is shown, of the decoded picture. */
  readonly crop?: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** @returns `undefined` when a size is missing */
export function describePrimary(file: HeifFile): HeifPicture | undefined {
  const { items, primary, references } = file;
  const linked = (type: string) =>
    references
      .filter((one) => one.type === type && one.to.includes(primary.id))
      .flatMap(({ from }) => items.get(from) ?? []);
  const tiles = references
    .filter(({ type, from }) => type === "dimg" && from === primary.id)
    .flatMap(({ to }) => to.flatMap((id) => items.get(id) ?? []));
  const coded = primary.type === "grid" ? tiles : [primary];
  const size = property(primary, "ispe");
  if (!size || size.length < 12 || !coded[0]) return undefined;
  const view = viewOf(size);
  const [width, height] = [view.getUint32(4), view.getUint32(8)];
  const crop = readCrop(property(primary, "clap"), width, height);
  const auxiliary = linked("auxl");
  const kinds = auxiliary.map((item) => kindOf(property(item, "auxC")));
  const alpha = kinds.some((kind) => /alpha|hevc:2015:auxid:1$/.test(kind));
  const gainMap =
    kinds.some((kind) => /hdrgainmap/i.test(kind)) || [...items.values()].some(({ type }) => type === "tmap");
  const extras: ("second-picture" | "gain-map")[] = [];
  if (file.moving || countPictures(file) > 1) extras.push("second-picture");
  if (gainMap) extras.push("gain-map");
  return {
    width: crop?.width ?? width,
    height: crop?.height ?? height,
    decoded: { width, height },
    orientation: readTurn(primary),
    codec: coded[0].type,
    coded,
    auxiliary,
    bitDepth: depthOf(coded[0]),
    alpha,
    ...(crop && { crop }),
    ...readColour(primary, coded[0]),
    ...(extras.length > 0 && { extras }),
  };
}

export function property({ properties }: Item, type: string): Uint8Array | undefined {
  return properties.find((one) => one.type === type)?.data;
}

/** Pictures that stand for themselves: not hidden, and no part, thumbnail or addition of another. */
function countPictures({ items, references }: HeifFile): number {
  const parts = new Set(
    references.flatMap(({ type, from, to }) =>
      type === "dimg" ? to : type === "thmb" || type === "auxl" ? [from] : [],
    ),
  );
  const pictures = [...items.values()].filter(
    ({ id, type, hidden }) =>
      !hidden && !parts.has(id) && /^(av01|hvc1|hev1|grid|iden|jpeg|tmap)$/.test(type),
  );
  return pictures.filter(({ type }) => type !== "tmap").length;
}

/** The name in an auxC box. */
function kindOf(auxC: Uint8Array | undefined): string {
  return auxC ? (ascii(auxC, 4, 200).split("\0")[0] as string) : "";
}

/** Bits of a channel: pixi, then the codec's own box. */
function depthOf(item: Item): number {
  const pixi = property(item, "pixi");
  if (pixi && pixi.length > 5) return Math.max(...pixi.subarray(5, 5 + (pixi[4] as number)));
  const av1C = property(item, "av1C")?.[2];
  if (av1C !== undefined) return av1C & 0x40 ? (av1C & 0x20 ? 12 : 10) : 8;
  const hvcC = property(item, "hvcC")?.[17];
  return hvcC === undefined ? 8 : 8 + (hvcC & 7);
}

/** A profile, or primaries and transfer function. Those of a grid may be at its tiles. */
function readColour(...items: readonly Item[]): Pick<PictureInfo, "icc" | "cicp"> {
  const colours = items.flatMap(({ properties }) => properties.filter(({ type }) => type === "colr"));
  const profile = colours.find(({ data }) => /^(prof|rICC)/.test(ascii(data, 0, 4)));
  const icc = profile && cleanProfile(profile.data.subarray(4));
  const numbers = colours.find(({ data }) => ascii(data, 0, 4) === "nclx" && data.length >= 10)?.data;
  if (icc || !numbers) return icc ? { icc } : {};
  const view = viewOf(numbers);
  return { cicp: { primaries: view.getUint16(4), transfer: view.getUint16(6) } };
}

/** EXIF's number for quarters of a turn to the left, and then a mirror: none, top to bottom, left to right. */
const TURNS = [
  [1, 8, 3, 6],
  [4, 5, 2, 7],
  [2, 7, 4, 5],
] as const;

function readTurn(item: Item): Orientation {
  const quarters = (property(item, "irot")?.[0] ?? 0) & 3;
  const mirror = property(item, "imir");
  const axis = mirror ? 1 + ((mirror[0] ?? 0) & 1) : 0;
  return TURNS[axis]?.[quarters] ?? 1;
}

/** @returns `undefined` where nothing is cut off, or what is left is not within the picture */
function readCrop(clap: Uint8Array | undefined, width: number, height: number): HeifPicture["crop"] {
  if (!clap || clap.length < 32) return undefined;
  const view = viewOf(clap);
  const fraction = (at: number, top: number) => top / view.getUint32(at + 4);
  const size = { width: fraction(0, view.getUint32(0)), height: fraction(8, view.getUint32(8)) };
  // Offsets are from centre to centre.
  const left = fraction(16, view.getInt32(16)) + (width - size.width) / 2;
  const top = fraction(24, view.getInt32(24)) + (height - size.height) / 2;
  const crop = { left, top, ...size };
  const whole = Object.values(crop).every((value) => Number.isInteger(value) && value >= 0);
  if (!whole || left + size.width > width || top + size.height > height) return undefined;
  return size.width === width && size.height === height ? undefined : crop;
}
