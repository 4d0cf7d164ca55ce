/**
 * Reads the safetensors format: the length of a JSON header (u64, little endian), the header with the type,
 * shape and offsets of each tensor, and the tensors' bytes.
 */

/** A tensor in memory, row-major. */
export interface Weights {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/**
 * @returns the tensors by name, widened to float32
 * @throws Error when the file is broken, or holds a type other than F16 and F32
 */
export function parseSafetensors(file: ArrayBuffer): Map<string, Weights> {
  const { header, start } = parseHeader(file);
  const tensors = new Map<string, Weights>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    const [from, to] = data_offsets;
    // A copy, because tensors need not be aligned to their element size.
    const bytes = file.slice(start + from, start + to);
    const values = dtype === "F16" ? widen(new Uint16Array(bytes)) : new Float32Array(bytes);
    const size = shape.reduce((product, side) => product * side, 1);
    if ((dtype !== "F16" && dtype !== "F32") || values.length !== size)
      throw new Error(
        `expected ${size} values of type F16 or F32 in ${name}, got ${values.length} of ${dtype}`,
      );
    tensors.set(name, { shape, values });
  }
  return tensors;
}

/** @throws Error when there is no tensor of that name */
export function weightsOf(tensors: ReadonlyMap<string, Weights>, name: string): Weights {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`expected a tensor named ${name} in the weights`);
  return tensor;
}

/** The file's metadata: texts by name. */
export function parseMetadata(file: ArrayBuffer): Readonly<Record<string, string>> {
  return parseHeader(file).metadata;
}

interface Header {
  readonly header: Readonly<Record<string, Entry>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Offset of the tensors' bytes. */
  readonly start: number;
}

function parseHeader(file: ArrayBuffer): Header {
  const start = 8 + Number(new DataView(file).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(file, 8, start - 8));
  const { __metadata__: metadata = {}, ...header } = JSON.parse(text);
  return { header, metadata, start };
}

/** IEEE half to single precision. */
function widen(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    if ((half & 0x7c00) === 0x7c00) throw new Error("expected finite weights, got an infinity or NaN");
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    // The exponent still has a bias of 15 instead of 127.
    values[i] = (values[i] as number) * 2 ** 112;
  }
  return values;
}
