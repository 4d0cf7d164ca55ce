/**
 * Real applications, driven through their own interface in a browser with the extension and in one without: they store the same
 * files, but for the pixels of pictures. They run where `npm run applications` has installed them.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sha256 } from "../../../scripts/lib/upload-server.ts";
import { decode, sniff } from "../../../src/core/codecs/index.ts";
import { STRENGTHS } from "../../../src/core/contract/protection-request.ts";
import { useChromium } from "../../support/bench.ts";
import { copyPicture } from "../../support/gestures.ts";
import type { Sample } from "../../support/samples.ts";
import { maxDifference } from "../../unit/core/codecs/pictures.ts";
import { APPLICATIONS, type Application, STORED } from "./applications.ts";

/** Milliseconds that an application may take to start, or to store what it was given. */
const PATIENCE = 120_000;

interface Stored {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Outcome {
  /** By their names. */
  readonly uploads: readonly Stored[];
  /** SHA-256 of all that it stored, in any form. */
  readonly everything: readonly string[];
  /** Names of the files that are to be read on its page. */
  readonly shown: readonly string[];
}

/** An application that runs, in a folder and on a port of its own. */
async function start(application: Application) {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-application-"));
  const kept = join(folder, STORED);
  await mkdir(kept);
  await application.prepare?.(folder);
  const port = await freePort();
  const { commands, env } = application.serve(folder, port);
  const processes = commands.map(([program = "", ...args]) =>
    spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: "ignore",
      // With a group of its own, so that it can be ended with all that it started.
      detached: true,
    }),
  );
  const url = `http://localhost:${port}/`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await vi.waitUntil(answers, { timeout: PATIENCE, interval: 500 });
  return {
    url,
    async stored(): Promise<Stored[]> {
      const paths = (await readdir(kept, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => !path.includes("/."));
      const files = paths.map(async (path) => ({
        name: basename(path),
        bytes: new Uint8Array(await readFile(path)),
      }));
      return (await Promise.all(files)).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async clear() {
      for (const name of await readdir(kept)) await rm(join(kept, name), { recursive: true });
    },
    async stop() {
      for (const { pid } of processes) if (pid !== undefined) process.kill(-pid, "SIGKILL");
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

describe("an application stores the same files as without the extension", () => {
  const bench = useChromium();

  describe.each(APPLICATIONS)("%s", (_, application) => {
    let running: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      running = await start(application);
      for (const context of [bench.plain, bench.extension.context]) {
        const page = await context.newPage();
        await application.enter?.(page, running.url);
        await page.close();
      }
    }, PATIENCE);
    afterAll(() => running?.stop());

    async function bring(context: BrowserContext, way: string, chosen: readonly Sample[]): Promise<Outcome> {
      await running.clear();
      const page = await context.newPage();
      await page.goto(running.url + application.path);
      await page.locator(application.ready).first().waitFor({ state: "attached", timeout: PATIENCE });
      if (way === "paste") await copyPicture(page, bench.server, chosen[0] as Sample);
      await application.ways[way]?.(
        page,
        chosen.map(({ path }) => path),
      );
      // Some write a file piece by piece.
      // A pasted picture has a name that the application gives it.
      const names = way === "paste" ? undefined : chosen.map(({ name }) => name);
      const uploads = async () =>
        (await running.stored()).filter((file) => names?.includes(file.name) ?? true);
      let last = "";
      const done = async () => {
        const before = last;
        const files = await uploads();
        last = files.map(({ name, bytes }) => `${name} ${sha256(bytes)}`).join();
        return files.length >= chosen.length && last === before;
      };
      await expect.poll(done, { timeout: PATIENCE, interval: 500 }).toBe(true);
      const shown = async () => {
        const text = await page.locator("body").innerText();
        return chosen.map(({ name }) => name).filter((name) => text.includes(name));
      };
      // Some show what they have later, and some never.
      const all = async () => (await shown()).length === chosen.length;
      await vi.waitUntil(all, { timeout: 10_000, interval: 500 }).catch(() => {});
      const outcome = {
        uploads: await uploads(),
        everything: (await running.stored()).map(({ bytes }) => sha256(bytes)),
        shown: await shown(),
      };
      await page.close();
      return outcome;
    }

    test.each(Object.keys(application.ways))("%s", async (way) => {
      const { photo, png, text } = bench.samples;
      const one = application.single || way === "paste";
      const others = application.picturesOnly ? [] : [await text()];
      const chosen = one ? [await png()] : [await photo(), await png(), ...others];
      const without = await bring(bench.plain, way, chosen);
      const got = await bring(bench.extension.context, way, chosen);

      expect(got.uploads.map(({ name }) => name)).toEqual(without.uploads.map(({ name }) => name));
      expect(got.uploads.length).toBeGreaterThanOrEqual(chosen.length);
      expect(got.shown).toEqual(without.shown);
      for (const [i, { name, bytes }] of got.uploads.entries()) {
        const original = (without.uploads[i] as Stored).bytes;
        if (name.endsWith(".txt")) {
          expect(sha256(bytes)).toBe(sha256(original));
          continue;
        }
        expect(got.everything).not.toContain(sha256(original));
        const kind = sniff(original);
        expect(sniff(bytes).type).toBe(kind.type);
        const difference = maxDifference(await decode(original, kind), await decode(bytes, sniff(bytes)));
        expect(difference).toBeGreaterThan(0);
        // A JPEG is compressed once more.
        if (kind.type === "image/png") expect(difference).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
      }
    });
  });
});
