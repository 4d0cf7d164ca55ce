/**
 * `npm run bench:batch -- FILES [--surrogate ID]`: the processor time of a picture that is protected alone,
 * and in a batch of the surrogate's size. Both take turns, so that other work on the machine slows both
 * alike.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createPenumbra } from "../src/cli/penumbra.ts";
import type { ProtectionRequest } from "../src/core/contract/protection-request.ts";
import { settledValue } from "../src/core/protect/settled.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { surrogate: { type: "string", default: "cifar10" } },
});
const { protect, protectAll, loadModel } = createPenumbra();
const request: ProtectionRequest = {
  surrogate: values.surrogate,
  epsilon: 8 / 255,
  objective: "overlap",
  seed: 1,
};
const { batchSize } = (await loadModel(values.surrogate)).surrogate;
const pictures = await Promise.all(files.map(async (file) => new Uint8Array(await readFile(file))));

const spent = { alone: 0, "in batches": 0 };
async function spend(way: keyof typeof spent, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  spent[way] += (user + system) / 1e6;
}
const alone = async (some: typeof pictures) => {
  for (const picture of some) await protect(picture, request);
};
const asBatch = async (some: typeof pictures) => {
  const all = some.map((picture) => ({ read: async () => picture }));
  for await (const outcome of protectAll(all, request)) settledValue(outcome);
};

// Warm up both.
await alone(pictures.slice(0, 1));
await asBatch(pictures.slice(0, batchSize));
for (let from = 0; from < pictures.length; from += batchSize) {
  const some = pictures.slice(from, from + batchSize);
  await spend("alone", () => alone(some));
  await spend("in batches", () => asBatch(some));
}
for (const [way, seconds] of Object.entries(spent))
  console.log(`${way.padEnd(10)} ${(seconds / pictures.length).toFixed(3)} s of processor time a picture`);
console.log(
  `${pictures.length} pictures in batches of ${batchSize}: ${(spent.alone / spent["in batches"]).toFixed(2)} times less`,
);
