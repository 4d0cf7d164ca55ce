/** Many pictures at once: in one choice, with questions among them, and in a tab beside another one. */
import { expect, test } from "vitest";
import { inEachBrowser } from "../support/browsers.ts";
import type { Sample } from "../support/samples.ts";
import { filesOf, witnessOf } from "../support/witness.ts";
import { changing, done, failed, sendOriginal } from "../support/words.ts";
import { pngOf, scene, text } from "../unit/core/codecs/pictures.ts";

inEachBrowser((bench) => {
  /** So many small pictures, of which each is another one. */
  const small = (count: number): Promise<Sample[]> =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        bench.samples.write(`picture-${i}.png`, pngOf(scene(40 + i, 32), 2)),
      ),
    );

  test("three of sixteen pictures cannot be read: nothing goes before each question is answered, then all go in their order", async () => {
    const tab = await bench.open("hostile.html");
    const before = bench.server.uploads.length;
    const chosen = await small(16);
    const broken = [0, 7, 15];
    for (const i of broken)
      chosen[i] = await bench.samples.write(`picture-${i}.png`, text(`Not a picture: ${i}.`));
    await tab.choose("#photos", ...chosen);
    const questions = async () => (await tab.panel.text()).split(failed).length - 1;
    await expect.poll(questions, { timeout: 120_000 }).toBe(broken.length);
    for (const _ of broken) {
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});
      await tab.panel.press(sendOriginal);
    }
    const received = filesOf(await bench.server.nextUpload());
    expect(received.map(({ name }) => name)).toEqual(chosen.map(({ name }) => name));
    const unchanged = received.flatMap(({ sha256 }, i) => (sha256 === chosen[i]?.sha256 ? [i] : []));
    expect(unchanged).toEqual(broken);
    await tab.panel.waitFor(done(chosen.length - broken.length, chosen.length));
  });

  test("a tab with many pictures does not keep the single picture of another tab waiting for all of them", async () => {
    const tab = await bench.open("hostile.html");
    const many = await small(8);
    const single = await bench.samples.png("single.png");
    await tab.choose("#photos", ...many);
    await tab.panel.waitFor(changing);
    const other = await bench.open("hostile.html");
    await other.choose("#photos", single);
    const first = filesOf(await bench.server.nextUpload());
    expect(first.map(({ name }) => name)).toEqual(["single.png"]);
    expect(first[0]?.sha256).not.toBe(single.sha256);
    const second = filesOf(await bench.server.nextUpload());
    expect(second.map(({ name }) => name)).toEqual(many.map(({ name }) => name));
  });
});
