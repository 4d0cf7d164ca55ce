/**
 * `npm run bench:together -- FILES [--surrogate ID]`: the processor time that a picture takes when it is protected alone,
 * and when as many climb together as the surrogate says. Both take turns, so that other work on the machine slows both alike.
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { createNodeProtect } from "../src/cli/protect-in-node.ts";
import { valueFrom } from "../src/core/protect/settled.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { surrogate: { type: "string", default: "cifar10" } },
});
const { protect, protectAll, openWorkbench } = createNodeProtect();
const options = { surrogate: values.surrogate, epsilon: 8 / 255, objective: "overlap", seed: 1 } as const;
const { together } = (await openWorkbench(values.surrogate)).surrogate;
const pictures = await Promise.all(files.map(async (file) => new Uint8Array(await readFile(file))));

const spent = { alone: 0, together: 0 };
async function spend(way: keyof typeof spent, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  spent[way] += (user + system) / 1e6;
}
const alone = async (some: typeof pictures) => {
  for (const picture of some) await protect(picture, options);
};
const atOnce = async (some: typeof pictures) => {
  for await (const outcome of protectAll(
    some.map((picture) => ({ read: async () => picture })),
    options,
  ))
    valueFrom(outcome);
};

// The first of each pay for what is done once.
await alone(pictures.slice(0, 1));
await atOnce(pictures.slice(0, together));
for (let from = 0; from < pictures.length; from += together) {
  const some = pictures.slice(from, from + together);
  await spend("alone", () => alone(some));
  await spend("together", () => atOnce(some));
}
for (const [way, seconds] of Object.entries(spent))
  console.log(`${way.padEnd(10)} ${(seconds / pictures.length).toFixed(3)} s of processor time a picture`);
console.log(
  `${pictures.length} pictures, ${together} at once: ${(spent.alone / spent.together).toFixed(2)} times less`,
);
