/** The `penumbra` command as a whole process: what it writes, prints and returns. */

import { spawn } from "node:child_process";
import { access, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noticeText } from "../../src/bridge/strings/notices.ts";
import { decode, sniff } from "../../src/core/codecs/index.ts";
import type { Pixels } from "../../src/core/contract/pixels.ts";
import { DEFAULT_REQUEST, DEFAULT_STRENGTH, STRENGTHS } from "../../src/core/contract/protection-request.ts";
import { maxChange } from "../../src/core/engine/quality.ts";
import { evenly, jpeg, meanDifference, pngOf, scene } from "../unit/core/codecs/pictures.ts";

const COMMAND = fileURLToPath(new URL("../../bin/penumbra.mjs", import.meta.url));

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "penumbra-cli-"));
  await writeFile(at("drawing.png"), pngOf(scene(180, 140), 2));
  await writeFile(at("scene.jpg"), await jpeg(scene(200, 150)));
  await writeFile(at("broken.jpg"), Buffer.from("not a picture at all"));
});
afterAll(() => rm(folder, { recursive: true }));

function penumbra(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args]);
    const text = { out: "", err: "" };
    child.stdout.on("data", (data) => (text.out += data));
    child.stderr.on("data", (data) => (text.err += data));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...text }));
  });
}

/** The processes that a command has started for its files. */
async function workersOf(command: number | undefined): Promise<number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
      const line = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      return Number(stat.split(" ")[3]) === command && line.includes("protect-process") ? [Number(id)] : [];
    }),
  );
  return found.flat();
}

describe("penumbra protect with folders", () => {
  const protect = (...args: string[]) =>
    penumbra("protect", ...args, "--steps", "1", "--seed", "1", "--json");

  beforeAll(async () => {
    await mkdir(at("holiday", "inner"), { recursive: true });
    await cp(at("scene.jpg"), at("holiday", "scene.jpg"));
    await cp(at("drawing.png"), at("holiday", "inner", "drawing.png"));
    await cp(at("scene.jpg"), at("holiday", "inner", "without-ending"));
    await writeFile(at("holiday", "notes.txt"), "not a picture");
    await mkdir(at("nothing"));
  });

  it("keeps the tree, leaves out what is no picture, and gives the same in one process and in two", async () => {
    const outs = await Promise.all(
      ["1", "2"].map(async (jobs) => {
        const { status, out, err } = await protect(at("holiday"), "--out", at(`out-${jobs}`), "--jobs", jobs);
        expect(status).toBe(0);
        expect(err).toContain("1 file of the folders is no picture and was left out.");
        return out
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line));
      }),
    );
    const names = ["inner/drawing.png", "inner/without-ending", "scene.jpg"];
    for (const [i, reports] of outs.entries())
      expect(reports.map(({ out }) => out)).toEqual(names.map((name) => at(`out-${i + 1}`, "holiday", name)));
    for (const name of names) {
      const [one, two] = await Promise.all([1, 2].map((i) => readFile(at(`out-${i}`, "holiday", name))));
      expect(one?.equals(two as Buffer)).toBe(true);
      expect(one?.equals(await readFile(at("holiday", name)))).toBe(false);
    }
  });

  it("does not take its own results for pictures of the folder", async () => {
    const out = at("holiday", "protected");
    for (let round = 0; round < 2; round++) {
      const { status, out: lines } = await protect(at("holiday"), "--out", out);
      expect(status).toBe(0);
      expect(lines.trim().split("\n")).toHaveLength(3);
    }
    await rm(out, { recursive: true });
  });

  it("says which folder has no picture, and goes on with the others", async () => {
    const { status, out, err } = await protect(at("nothing"), at("scene.jpg"), "--out", at("out-nothing"));
    expect(status).toBe(1);
    expect(err).toContain(`${at("nothing")}: There is no picture in this folder.`);
    expect(out).toContain("scene.jpg");
  });

  it("refuses two files of one name before any work", async () => {
    const { status, err } = await protect(
      at("scene.jpg"),
      at("holiday", "scene.jpg"),
      "--out",
      at("out-twice"),
    );
    expect(status).toBe(2);
    expect(err).toContain('two files are called "scene.jpg"');
  });

  /** Starts to protect in two processes, and waits for them. */
  async function startTwo(...args: string[]) {
    const child = spawn(process.execPath, [COMMAND, "protect", ...args, "--jobs", "2"]);
    let err = "";
    child.stderr.on("data", (data) => (err += data));
    const ended = new Promise<{ status: number | null; err: string }>((resolve) =>
      child.on("close", (status) => resolve({ status, err })),
    );
    await expect.poll(() => workersOf(child.pid), { timeout: 30_000 }).toHaveLength(2);
    return { ended, workers: await workersOf(child.pid) };
  }

  it("fails the file of a process that ends, and goes on with another process", async () => {
    const { ended, workers } = await startTwo(at("holiday"), "--out", at("out-killed"), "--steps", "40");
    process.kill(workers[0] as number, "SIGKILL");
    const { status, err } = await ended;
    expect(status).toBe(1);
    expect(err).toMatch(/Something (unexpected )?went wrong: the process that worked on it ended/);
    expect((await readdir(at("out-killed", "holiday"), { recursive: true })).length).toBeGreaterThan(1);
  });

  it("says of each file that its process ended, where all of them do", async () => {
    const files = [at("scene.jpg"), at("drawing.png")];
    const { ended, workers } = await startTwo(...files, "--out", at("out-all-killed"), "--steps", "200");
    for (const worker of workers) process.kill(worker, "SIGKILL");
    const { status, err } = await ended;
    expect(status).toBe(1);
    for (const file of files)
      expect(err).toMatch(new RegExp(`${file}: .*the process that worked on it ended`));
  });
});

describe("penumbra protect", () => {
  it("writes protected files with the same names and one JSON object each", async () => {
    const files = [at("drawing.png"), at("scene.jpg")];
    const { status, out } = await penumbra(
      "protect",
      ...files,
      "--out",
      at("out"),
      "--steps",
      "8",
      "--seed",
      "1",
      "--json",
    );
    expect(status).toBe(0);
    const reports = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(reports.map(({ file }) => file)).toEqual(files);
    expect((await readdir(at("out"))).sort()).toEqual(["drawing.png", "scene.jpg"]);
    for (const report of reports) {
      expect(Object.keys(report)).toEqual(
        expect.arrayContaining(
          (
            "file out width height bytesIn bytesOut backend surrogate objective epsilon steps featureErrorBefore " +
            "featureErrorAfter bayesErrorBefore bayesErrorAfter labelErrorBefore labelErrorAfter maxPerturbation maxChange psnr ssim " +
            "ssimulacra2 seconds"
          ).split(" "),
        ),
      );
      expect(Object.keys(report.seconds)).toEqual(["decode", "ascend", "encode", "verify", "total"]);
      expect(report).toMatchObject({
        backend: "wasm",
        objective: "features",
        steps: 8,
        epsilon: DEFAULT_REQUEST.epsilon,
      });
      expect(report.featureErrorAfter).toBeGreaterThan(report.featureErrorBefore);
      expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore);
      expect((await readFile(report.out)).length).toBe(report.bytesOut);
    }
    expect(reports[0].maxChange).toBeLessThanOrEqual(STRENGTHS[DEFAULT_STRENGTH].budget);

    const again = await penumbra(
      "measure",
      at("out", "drawing.png"),
      "--label",
      String(reports[0].label),
      "--json",
    );
    const measured = JSON.parse(again.out);
    expect(measured.bayesError).toBeCloseTo(reports[0].bayesErrorAfter, 6);
    expect(measured.labelError).toBeCloseTo(reports[0].labelErrorAfter, 6);
  });

  it("names files by their new formats, says what they lack, and overwrites none", async () => {
    const fixtures = ["phone.heic", "colour.avif", "sixteen-bit.tif", "few.bmp", "few.gif"];
    await mkdir(at("formats"));
    for (const name of fixtures)
      await cp(fileURLToPath(new URL(`../fixtures/formats/${name}`, import.meta.url)), at("formats", name));
    const files = fixtures.map((name) => at("formats", name));
    const { status, out, err } = await penumbra("protect", ...files, "--out", at("new"), "--steps", "5");
    // Two of them would be few.png.
    expect(status).toBe(1);
    expect(err).toContain("few.gif: In its new format");
    expect((await readdir(at("new"))).sort()).toEqual([
      "colour.avif",
      "few.png",
      "phone.jpg",
      "sixteen-bit.png",
    ]);
    expect(out).toContain(noticeText({ code: "sixteen-bit" }));
    expect(out).toContain(noticeText({ code: "gain-map" }));
    for (const [name, original] of [
      ["phone.jpg", "phone.heic"],
      ["colour.avif", "colour.avif"],
      ["few.png", "few.bmp"],
    ] as const) {
      const [before, after] = await Promise.all(
        [at("formats", original), at("new", name)].map(async (path) => {
          const bytes = new Uint8Array(await readFile(path));
          return await decode(bytes, sniff(bytes));
        }),
      );
      expect(meanDifference(before as Pixels, after as Pixels)).toBeGreaterThan(0.5);
      expect(meanDifference(before as Pixels, after as Pixels)).toBeLessThan(15);
    }
  });

  it("writes a picture without anything to protect as it is, and says so", async () => {
    await writeFile(at("spacer.png"), pngOf(evenly(1, 1, [9, 9, 9, 255]), 2));
    const { status, out } = await penumbra("protect", at("spacer.png"), "--out", at("spacers"));
    expect(status).toBe(0);
    expect(out).toContain(noticeText({ code: "nothing-to-protect" }));
    const bytes = new Uint8Array(await readFile(at("spacers", "spacer.png")));
    expect([...(await decode(bytes, sniff(bytes))).data]).toEqual([9, 9, 9, 255]);
  });

  it("protects a small picture with the networks for measurements", async () => {
    await writeFile(at("small.png"), pngOf(scene(32, 32), 2));
    const words = "--surrogate cifar10 --budget 8 --seed 1 --json --out".split(" ");
    const { status, out } = await penumbra("protect", at("small.png"), ...words, at("small"));
    expect(status).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ surrogate: "cifar10", width: 32, height: 32, steps: 40 });
    expect(report.labelErrorAfter).toBeGreaterThan(report.labelErrorBefore);
    expect(report.maxChange).toBeLessThanOrEqual(8);
  });

  it("protects small pictures together as it does alone, whatever else is among them", async () => {
    const sizes = { "a.png": scene(32, 32), "b.png": scene(40, 32), "c.png": scene(32, 32, { grey: true }) };
    await mkdir(at("several"));
    for (const [name, pixels] of Object.entries(sizes))
      await writeFile(at("several", name), pngOf(pixels, 2));
    const words = ["--surrogate", "cifar10", "--steps", "5", "--seed", "3", "--json"];
    const files = ["several/a.png", "broken.jpg", "several/b.png", "missing.png", "several/c.png"].map(
      (name) => at(name),
    );
    const together = await penumbra("protect", ...files, ...words, "--out", at("together"));
    expect(together.status).toBe(1);
    expect(together.err.match(/[a-z]+\.(jpg|png): \w/g)?.map((line) => line.slice(0, -3))).toEqual([
      "broken.jpg",
      "missing.png",
    ]);
    const reports = together.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(reports.map(({ file }) => file)).toEqual([files[0], files[2], files[4]]);
    const alone = JSON.parse(
      (await penumbra("protect", at("several", "b.png"), ...words, "--out", at("alone"))).out,
    );
    expect(reports[1].labelErrorAfter).toBeCloseTo(alone.labelErrorAfter, 3);
    const [one, other] = await Promise.all(
      ["together", "alone"].map(async (out) => new Uint8Array(await readFile(at(out, "b.png")))),
    );
    const [a, b] = [one as Uint8Array<ArrayBuffer>, other as Uint8Array<ArrayBuffer>];
    expect(maxChange(await decode(a, sniff(a)), await decode(b, sniff(b)))).toBeLessThanOrEqual(1);
  });

  it("repeats itself to the byte with a seed", async () => {
    const run = (out: string) =>
      penumbra(
        "protect",
        at("drawing.png"),
        "--out",
        at(out),
        "--steps",
        "2",
        "--seed",
        "7",
        "--objective",
        "bayes-error",
      );
    await run("first");
    await run("second");
    expect(await readFile(at("first", "drawing.png"))).toEqual(await readFile(at("second", "drawing.png")));
  });

  it("does the others when one fails, says why, and returns 1", async () => {
    const { status, out, err } = await penumbra(
      // A single step from a random start may be too little, and then the picture is refused.
      ..."protect --steps 1 --seed 1 --out".split(" "),
      at("some"),
      at("broken.jpg"),
      at("missing.png"),
      at("scene.jpg"),
    );
    expect(status).toBe(1);
    expect(out).toContain("scene.jpg");
    expect(err).toMatch(/broken\.jpg: \w/);
    expect(err).toContain("missing.png: there is no such file.");
    expect(await readdir(at("some"))).toEqual(["scene.jpg"]);
  });

  it("never overwrites the picture itself", async () => {
    const before = await readFile(at("scene.jpg"));
    const { status, err } = await penumbra("protect", at("scene.jpg"), "--out", folder, "--steps", "1");
    expect(status).toBe(1);
    expect(err).toContain("overwrite");
    expect(await readFile(at("scene.jpg"))).toEqual(before);
  });
});

describe("penumbra protect-set", () => {
  const files = Array.from({ length: 12 }, (_, i) => `${["cats", "dogs", "owls"][i % 3]}/${i}.png`);
  const run = (out: string, ...more: string[]) =>
    penumbra(
      ..."protect-set --seed 5 --steps 3 --passes 2 --chunk 4 --json".split(" "),
      at("set"),
      "--out",
      at(out),
      ...more,
    );

  beforeAll(async () => {
    for (const [i, file] of files.entries()) {
      await mkdir(at("set", file, ".."), { recursive: true });
      const pixels = scene(24 + 2 * i, 40 - i);
      // Each class lacks another colour, so that there is something to learn.
      for (let k = i % 3; k < pixels.data.length; k += 4) pixels.data[k] = 0.4 * (pixels.data[k] as number);
      await writeFile(at("set", file), pngOf(pixels, 2));
    }
  });

  /** Starts, and kills the whole process group as soon as a file of the work folder is there. */
  async function runUntil(out: string, file: string): Promise<void> {
    const words = ["protect-set", at("set"), "--out", at(out), "--seed", "5"];
    const child = spawn(
      process.execPath,
      [COMMAND, ...words, ..."--steps 3 --passes 2 --chunk 4".split(" ")],
      { detached: true, stdio: "ignore" },
    );
    const ended = new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    await expect
      .poll(
        () =>
          access(at(out, ".penumbra-set", file)).then(
            () => true,
            () => false,
          ),
        { interval: 20, timeout: 120_000 },
      )
      .toBe(true);
    process.kill(-(child.pid as number), "SIGKILL");
    expect(await ended).toBe("SIGKILL");
  }

  it("ends the same when it is killed in the middle and started again", async () => {
    const whole = await run("whole-set");
    expect(whole.status).toBe(0);
    const { folder: _, out, seconds, ...report } = JSON.parse(whole.out);
    expect(out).toBe(at("whole-set"));
    expect(seconds).toBeGreaterThan(0);
    expect(report).toMatchObject({ pictures: 12, classes: [{ name: "cats", pictures: 4 }, {}, {}] });
    expect(report.bayesErrorAfter).toBeGreaterThan(report.bayesErrorBefore);
    expect(report.maxChange).toBeLessThanOrEqual(8);

    await runUntil("killed-set", "pass-1/4");
    expect(await readdir(at("killed-set"))).toEqual([".penumbra-set"]);
    const other = await run("killed-set", "--budget", "4");
    expect(other.status).toBe(1);
    expect(other.err).toContain("epsilon");
    await runUntil("killed-set", "pass-2/0");
    const resumed = await run("killed-set");
    expect(resumed.status).toBe(0);
    expect(JSON.parse(resumed.out)).toMatchObject(report);
    expect((await readdir(at("killed-set"))).sort()).toEqual(["cats", "dogs", "owls", "penumbra-set.json"]);
    for (const file of files) {
      const [before, after] = await Promise.all(
        [at("set", file), at("killed-set", file)].map(async (path) => new Uint8Array(await readFile(path))),
      );
      expect(after).toEqual(new Uint8Array(await readFile(at("whole-set", file))));
      const change = maxChange(
        await decode(before as Uint8Array, sniff(before as Uint8Array)),
        await decode(after as Uint8Array, sniff(after as Uint8Array)),
      );
      expect(change).toBeLessThanOrEqual(8);
    }
  });

  it("returns 1 when a file was left out, and says which", async () => {
    await cp(at("set"), at("mixed"), { recursive: true });
    await writeFile(at("mixed", "owls", "notes.txt"), Buffer.from("not a picture"));
    const words = "--steps 2 --passes 1 --chunk 12 --seed 5".split(" ");
    const { status, out, err } = await penumbra(
      "protect-set",
      at("mixed"),
      "--out",
      at("mixed-out"),
      ...words,
    );
    expect(out).toContain("12 pictures in 3 classes: Bayes error of the set");
    expect(err).toMatch(/owls\/notes\.txt was left out: \w/);
    expect(status).toBe(1);
  });
});

describe("penumbra", () => {
  it("returns 2 for wrong usage, and says on standard error what it expected", async () => {
    const { status, out, err } = await penumbra("protect", at("scene.jpg"));
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("--out DIR");
  });

  it("explains itself", async () => {
    const { status, out } = await penumbra("--help");
    expect(status).toBe(0);
    expect(out).toContain("penumbra measure");
  });
});
