/** Pictures by integer arithmetic only, the same as `draw` in lab/convert_efficientnet_lite0.py draws. */

export type Pattern = "noise" | "gradient" | "checkers" | "disc";

const channelAt: Record<Pattern, (x: number, y: number, c: number, size: number) => number> = {
  noise(x, y, c) {
    const mixed = (Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(c, 2147483647)) >>> 0;
    const hash = Math.imul(mixed ^ (mixed >>> 13), 1274126177) >>> 0;
    return ((hash ^ (hash >>> 16)) >>> 0) % 256;
  },
  gradient: (x, y, c, size) => Math.floor(((x * (c + 1) + y * (3 - c)) * 255) / (4 * size)),
  checkers: (x, y, c) => ((Math.floor(x / 28) + Math.floor(y / 28)) % 2 === 0 ? 230 - 60 * c : 40 + 50 * c),
  disc(x, y, c, size) {
    const distance = (2 * x - size) ** 2 + (2 * y - size) ** 2;
    const ring = Math.floor((distance * 12) / (size * size));
    const shade = Math.floor((x * y * 60) / (size * size)) % 20;
    return (ring % 2 === 0 ? 250 - 80 * c : 20 + 90 * c) - shade;
  },
};

/** @returns bytes, [size, size, 3] */
export function draw(pattern: Pattern, size: number): Uint8Array {
  const bytes = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) bytes[(y * size + x) * 3 + c] = channelAt[pattern](x, y, c, size);
  return bytes;
}
