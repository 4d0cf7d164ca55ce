import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSafetensors } from "../../../../src/core/models/safetensors.ts";

function fileOf(header: Record<string, unknown>, data: ArrayBuffer): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(new Uint8Array(data), 8 + text.length);
  return file.buffer;
}

/** The value of a finite IEEE half, from its definition. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
}

function parseHalves(bits: Uint16Array<ArrayBuffer>): Float32Array | undefined {
  const header = { all: { dtype: "F16", shape: [bits.length], data_offsets: [0, bits.byteLength] } };
  return parseSafetensors(fileOf(header, bits.buffer)).get("all")?.values;
}

describe("parseSafetensors", () => {
  it("widens every finite half exactly, and refuses the others", () => {
    const all = Array.from({ length: 65536 }, (_, i) => i);
    const finite = Uint16Array.from(all.filter((bits) => ((bits >> 10) & 31) !== 31));
    expect(parseHalves(finite)).toEqual(Float32Array.from(finite, half));
    for (const bits of [0x7c00, 0xfc00, 0x7c01, 0xffff])
      expect(() => parseHalves(Uint16Array.of(0, bits))).toThrow("expected finite weights");
  });

  it("reads each tensor at its place, whatever the length of the header", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 9 }),
        fc.float32Array({ minLength: 1, maxLength: 9 }),
        (text, values) => {
          const length = values.byteLength;
          const file = fileOf(
            {
              __metadata__: { text },
              first: { dtype: "F16", shape: [1], data_offsets: [0, 2] },
              second: { dtype: "F32", shape: [values.length, 1], data_offsets: [2, 2 + length] },
            },
            new Uint8Array([0, 0x3c, ...new Uint8Array(values.buffer, values.byteOffset, length)]).buffer,
          );
          const tensors = parseSafetensors(file);
          expect([...tensors.keys()]).toEqual(["first", "second"]);
          expect(tensors.get("first")).toEqual({ shape: [1], values: Float32Array.of(1) });
          expect(tensors.get("second")).toEqual({
            shape: [values.length, 1],
            values: new Float32Array(values),
          });
        },
      ),
    );
  });

  it("refuses other types and sizes that do not fit", () => {
    const bytes = new Uint8Array(8).buffer;
    const tensor = (dtype: string, shape: number[]) => () =>
      parseSafetensors(fileOf({ t: { dtype, shape, data_offsets: [0, 8] } }, bytes));
    expect(tensor("I8", [8])).toThrow("expected 8 values of type F16 or F32 in t");
    expect(tensor("F32", [3])).toThrow("expected 3 values");
    expect(tensor("F16", [4])).not.toThrow();
  });
});
