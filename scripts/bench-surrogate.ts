/**
 * `npm run bench:surrogate [-- ID [ROUNDS]]`: the time for a gradient to the picture as a multiple of that
 * for a forward pass, on WASM in one thread. Each round times both, one after the other, so that other work
 * on the machine slows both alike. Exits with status 1 above 2.5.
 */
import * as tf from "@tensorflow/tfjs";
import { createPenumbra } from "../src/cli/penumbra.ts";
import { surrogateLogPosterior } from "../src/core/engine/surrogate.ts";
import { findSurrogate, SURROGATES } from "../src/core/models/registry.ts";

const LIMIT = 2.5;
const WARM_UP = 10;

const [id = "efficientnet-lite0", rounds = "60"] = process.argv.slice(2);
const entry = findSurrogate(id);
if (!entry) {
  console.error(`There is no surrogate "${id}". There are: ${SURROGATES.map((s) => s.id).join(", ")}.`);
  process.exit(2);
}

const { surrogate } = await createPenumbra().loadModel(id);

const view = tf.randomUniform([1, entry.inputSize, entry.inputSize, 3], 0, 1, "float32", 1);
const loss = (x: tf.Tensor) =>
  tf.sum(tf.slice(surrogateLogPosterior(surrogate, x as tf.Tensor4D), [0, 1], [1, 1]));
const gradient = tf.grad(loss);

function milliseconds(compute: (x: tf.Tensor) => tf.Tensor): number {
  const start = performance.now();
  const result = tf.tidy(() => compute(view));
  result.dataSync();
  result.dispose();
  return performance.now() - start;
}

const forward: number[] = [];
const both: number[] = [];
for (let round = 0; round < WARM_UP + Number(rounds); round++) {
  const f = milliseconds(loss);
  const b = milliseconds(gradient);
  if (round < WARM_UP) continue;
  forward.push(f);
  both.push(b);
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const ratio = median(both.map((b, i) => b / (forward[i] as number)));
const line = (title: string, values: number[]) =>
  console.log(
    `${title.padEnd(20)} ${median(values).toFixed(1)} ms (fastest ${Math.min(...values).toFixed(1)} ms)`,
  );

console.log(
  `${entry.name}, ${entry.inputSize} x ${entry.inputSize}, ${tf.getBackend()}, medians of ${rounds} rounds`,
);
line("forward", forward);
line("forward + backward", both);
console.log(`${"ratio".padEnd(20)} ${ratio.toFixed(2)} (at most ${LIMIT})`);
process.exitCode = ratio <= LIMIT ? 0 : 1;
