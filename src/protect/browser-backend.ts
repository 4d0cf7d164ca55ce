/**
 * Chooses the tensor backend of a document: WebGL on a real GPU, else WASM, else plain JavaScript.
 *
 * A document keeps its backend for life. Switching while tensors live is unsafe, so when WebGL fails, that is
 * remembered, the failure is reported, and the document that replaces this one begins with WASM.
 */
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";
import { Problem } from "../shared/errors.ts";

/** Milliseconds that a GPU may take to compile and run its first programs. Drivers have hung here for ever. */
const WARM_UP_DEADLINE = 60_000;

/** Bytes of freed textures that tfjs may keep for reuse; by default it never gives any back (tfjs#4129). */
const TEXTURES_KEPT = 256 * 2 ** 20;

/** When WebGL last failed here, in milliseconds since the epoch. */
const FAILURE_KEY = "webgl-failed-at";
/** For how long that counts: drivers get better. */
const FAILURE_LASTS = 7 * 24 * 3600 * 1000;

let reportLoss: (problem: Problem) => void;
const loss = new Promise<never>((_, reject) => {
  reportLoss = reject;
});
loss.catch(() => {});

/** The work's outcome, or a `Problem` of code `backend` as soon as the GPU is lost. */
export function untilLost<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, loss]);
}

/** @returns starts the best backend there is and gives its name; rejects with a `Problem` of code `backend` */
export function createBackendStarter(): () => Promise<string> {
  return async () => {
    if (mayUseWebGl()) {
      await startWebGl();
      return tf.getBackend();
    }
    setWasmPaths(new URL("/wasm/", location.href).href);
    // Threads are started from blob: URLs, which the policy of extension pages forbids.
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    for (const name of ["wasm", "cpu"])
      if (await tf.setBackend(name).catch(() => false)) return tf.getBackend();
    throw new Problem("backend", "Neither WebGL nor WebAssembly could be started in this browser.");
  };
}

async function startWebGl(): Promise<void> {
  try {
    tf.env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", TEXTURES_KEPT);
    if (!(await within(WARM_UP_DEADLINE, warmUp()))) throw new Error("no answer from the GPU");
    const { gpgpu } = tf.backend() as MathBackendWebGL;
    gpgpu.gl.canvas.addEventListener("webglcontextlost", () =>
      reportLoss(webGlFailed("The graphics card was reset in the middle of the work.")),
    );
  } catch (error) {
    throw webGlFailed("The graphics card could not be used.", error);
  }
}

/** One small convolution there and back: a driver that fails, fails here. */
async function warmUp(): Promise<true> {
  if (!(await tf.setBackend("webgl"))) throw new Error("no WebGL backend");
  const x = tf.ones([1, 8, 8, 3]) as tf.Tensor4D;
  const y = tf.tidy(() => tf.conv2d(x, tf.ones([3, 3, 3, 4]) as tf.Tensor4D, 1, "same"));
  const [corner] = await y.data();
  tf.dispose([x, y]);
  if (corner !== 12) throw new Error(`expected 12 from the GPU, got ${corner}`);
  return true;
}

function webGlFailed(message: string, cause?: unknown): Problem {
  localStorage.setItem(FAILURE_KEY, String(Date.now()));
  return new Problem("backend", `${message} Trying again will use the processor instead.`, { cause });
}

/** Whether WebGL2 runs on a real GPU with 32-bit textures, and did not fail lately. */
function mayUseWebGl(): boolean {
  if (Date.now() - Number(localStorage.getItem(FAILURE_KEY) ?? 0) < FAILURE_LASTS) return false;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return isHardware(renderer) && tf.env().getBool("WEBGL_RENDER_FLOAT32_CAPABLE");
}

/** Software renderers are some twenty-five times slower than WASM with SIMD. */
export function isHardware(renderer: string): boolean {
  return !/swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i.test(renderer);
}

/** `work`, or undefined when it takes longer than `milliseconds`. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
