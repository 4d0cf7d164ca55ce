/**
 * Chooses the tensor backend of a document: WebGL on a real GPU, else WASM (with threads where they work),
 * else plain JavaScript. A document keeps its backend for life, because switching while tensors live is
 * unsafe. A backend that fails is therefore remembered and reported, and the document that replaces this one
 * does without it.
 */
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";
import { withTimeout } from "../bridge/async.ts";
import { Problem, type ProblemCode } from "../core/contract/problem.ts";
import { isHardware } from "./hardware.ts";
import { isRecent } from "./recent-failure.ts";
import { withThreads } from "./wasm-threads.ts";

/** Milliseconds that a backend may take to start and to answer once. GPU drivers have hung here for ever. */
const START_DEADLINE = 60_000;

/** Bytes of freed textures that tfjs may keep for reuse; by default it never gives any back (tfjs#4129). */
const TEXTURES_KEPT = 256 * 2 ** 20;

/** Where the package has the files of tfjs's WASM backend. */
const WASM_FOLDER = "/wasm/";

const gpuLoss = Promise.withResolvers<never>();
gpuLoss.promise.catch(() => {});

/** Settles as the work does, or rejects with a `Problem` of kind `backend` as soon as the GPU is lost. */
export function orGpuLoss<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, gpuLoss.promise]);
}

/** Starts the best backend there is and returns its name; rejects with a `Problem` of kind `backend`. */
export async function startBackend(): Promise<string> {
  await (mayUseWebGl() ? startWebGl() : startWasm());
  return tf.getBackend();
}

async function startWebGl(): Promise<void> {
  tf.env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", TEXTURES_KEPT);
  if (!(await works("webgl"))) throw failure("webgl", "backend/gpu-unusable");
  const { canvas } = (tf.backend() as MathBackendWebGL).gpgpu.gl;
  canvas.addEventListener("webglcontextlost", () => gpuLoss.reject(failure("webgl", "backend/gpu-lost")));
}

async function startWasm(): Promise<void> {
  setWasmPaths(new URL(WASM_FOLDER, location.href).href);
  if (await mayUseThreads()) {
    if (!(await withThreads(WASM_FOLDER, () => works("wasm"))))
      throw failure("wasm-threads", "backend/threads");
  } else {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    if (!(await works("wasm")) && !(await works("cpu"))) throw new Problem({ code: "backend/none" });
  }
}

/** Whether a backend starts and does one small convolution right before the deadline. */
async function works(name: string): Promise<boolean> {
  return await withTimeout(startAndConvolve(name), START_DEADLINE).catch(() => false);
}

async function startAndConvolve(name: string): Promise<boolean> {
  if (!(await tf.setBackend(name))) return false;
  const y = tf.tidy(() =>
    tf.conv2d(tf.ones([1, 8, 8, 3]) as tf.Tensor4D, tf.ones([3, 3, 3, 4]) as tf.Tensor4D, 1, "same"),
  );
  try {
    return (await y.data())[0] === 12;
  } finally {
    y.dispose();
  }
}

/** Whether WebGL2 runs on a real GPU with 32-bit textures, and did not fail lately. */
function mayUseWebGl(): boolean {
  if (failedLately("webgl")) return false;
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return isHardware(renderer) && tf.env().getBool("WEBGL_RENDER_FLOAT32_CAPABLE");
}

async function mayUseThreads(): Promise<boolean> {
  return !failedLately("wasm-threads") && (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")) === true;
}

/** Remembers that a backend failed, for the document that replaces this one. */
function failure(
  backend: "webgl" | "wasm-threads",
  code: Extract<ProblemCode, `backend/${string}`>,
): Problem {
  localStorage.setItem(`${backend}-failed-at`, String(Date.now()));
  return new Problem({ code });
}

function failedLately(backend: "webgl" | "wasm-threads"): boolean {
  return isRecent(localStorage.getItem(`${backend}-failed-at`), Date.now());
}
