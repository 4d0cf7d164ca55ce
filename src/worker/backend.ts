/**
 * Chooses the tensor backend of a document: WebGL on a real GPU, else WASM (with threads where they work), else plain
 * JavaScript.
 *
 * A document keeps its backend for life. Switching while tensors live is unsafe, so what fails is remembered and
 * reported, and the document that replaces this one does without it.
 */
import "@tensorflow/tfjs-backend-cpu";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl";
import "@tensorflow/tfjs-backend-webgl";
import * as tf from "@tensorflow/tfjs-core";
import { withTimeout } from "../bridge/async.ts";
import { Problem, type ProblemData } from "../core/contract/problem.ts";
import { startThreadsFrom } from "./wasm-threads.ts";

/** Milliseconds that a backend may take to start and to answer once. GPU drivers have hung here for ever. */
const START_DEADLINE = 60_000;

/** Bytes of freed textures that tfjs may keep for reuse; by default it never gives any back (tfjs#4129). */
const TEXTURES_KEPT = 256 * 2 ** 20;

/** Where the package has the files of tfjs's WASM backend. */
const WASM_FOLDER = "/wasm/";

const MOST_THREADS = 8;

let reportLoss: (problem: Problem) => void;
const loss = new Promise<never>((_, reject) => {
  reportLoss = reject;
});
loss.catch(() => {});

/** The work's outcome, or a `Problem` of code `backend` as soon as the GPU is lost. */
export function orGraphicsLoss<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, loss]);
}

/** Starts the best backend there is and gives its name; rejects with a `Problem` of code `backend`. */
export async function startBackend(): Promise<string> {
  if (mayUseWebGl()) {
    tf.env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", TEXTURES_KEPT);
    if (!(await answersInTime("webgl"))) throw failed("webgl", { code: "backend/gpu-unusable" });
    (tf.backend() as MathBackendWebGL).gpgpu.gl.canvas.addEventListener("webglcontextlost", () =>
      reportLoss(failed("webgl", { code: "backend/gpu-lost" })),
    );
    return tf.getBackend();
  }
  setWasmPaths(new URL(WASM_FOLDER, location.href).href);
  const threads = !failedLately("wasm-threads") && (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"));
  if (threads) {
    startThreadsFrom(WASM_FOLDER);
    setThreadsCount(Math.min(MOST_THREADS, navigator.hardwareConcurrency));
    if (!(await answersInTime("wasm"))) throw failed("wasm-threads", { code: "backend/threads" });
    return tf.getBackend();
  }
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  for (const name of ["wasm", "cpu"]) if (await answersInTime(name)) return tf.getBackend();
  throw new Problem({ code: "backend/none" });
}

/** Whether a backend starts and does one small convolution right before the deadline. */
async function answersInTime(name: string): Promise<boolean> {
  return await withTimeout(answers(name), START_DEADLINE).catch(() => false);
}

async function answers(name: string): Promise<boolean> {
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

/** For how long a failure counts, in milliseconds: drivers and browsers get better. */
const FAILURE_LASTS = 7 * 24 * 3600 * 1000;

function failed(what: "webgl" | "wasm-threads", problem: ProblemData): Problem {
  localStorage.setItem(`${what}-failed-at`, String(Date.now()));
  return new Problem(problem);
}

function failedLately(what: "webgl" | "wasm-threads"): boolean {
  return Date.now() - Number(localStorage.getItem(`${what}-failed-at`) ?? 0) < FAILURE_LASTS;
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

/** Software renderers are some twenty-five times slower than WASM with SIMD. */
export function isHardware(renderer: string): boolean {
  return !/swiftshader|llvmpipe|softpipe|software|basic render|mesa offscreen/i.test(renderer);
}
