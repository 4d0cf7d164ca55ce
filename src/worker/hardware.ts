/** Tells a real GPU from software that stands in for one. */

/**
 * Whether a WebGL renderer, by its name, is hardware. Software renderers are some twenty-five times slower
 * than WASM with SIMD.
 */
export function isHardware(renderer: string): boolean {
  return !/swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i.test(renderer);
}
