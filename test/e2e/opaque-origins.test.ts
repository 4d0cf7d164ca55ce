/** Documents that have no origin, and so do not tell the extension which site they belong to. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../scripts/lib/upload-server.ts";
import { inEachBrowser } from "../support/browsers.ts";
import { filesOf } from "../support/witness.ts";

inEachBrowser((bench) => {
  test("a file input in a page with the policy `sandbox` is protected, also where the page hides its referrer", async () => {
    const tab = await bench.open("sandboxed.html");
    expect(await tab.evaluate(() => self.origin)).toBe("null");
    const chosen = await bench.samples.photo();
    await tab.choose("#photos", chosen);
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.name).toBe(chosen.name);
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test.each(["src", "srcdoc"])("a file input in a sandboxed frame with %s is protected", async (kind) => {
    const tab = await bench.open("hostile.html");
    await tab.evaluate(async (kind) => {
      const frame = document.createElement("iframe");
      frame.sandbox.value = "allow-scripts allow-forms";
      frame.referrerPolicy = "no-referrer";
      if (kind === "src") frame.src = "hostile.html";
      else
        frame.srcdoc =
          '<form action="/upload" method="post" enctype="multipart/form-data"><input id="photos" type="file" name="photo" onchange="this.form.submit()"></form>';
      document.body.append(frame);
    }, kind);
    const frame = await tab.frame();
    await expect.poll(() => frame.evaluate(() => document.querySelectorAll("#photos").length)).toBe(1);
    const chosen = await bench.samples.photo();
    await frame.choose("#photos", chosen);
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.sha256).not.toBe(chosen.sha256);
  });

  test("a file input in a document without an origin is left alone where the tab's site is off", async () => {
    await bench.browser.change({ sites: { localhost: false } });
    const tab = await bench.open("sandboxed.html");
    const chosen = await bench.samples.photo();
    await tab.choose("#photos", chosen);
    const [file] = filesOf(await bench.server.nextUpload());
    expect(file?.sha256).toBe(chosen.sha256);
  });
});

inEachBrowser(
  (bench) => {
    test("a folder that is dropped on an input of such a page arrives, and its pictures protected", async () => {
      const tab = await bench.open("sandboxed.html");
      await tab.evaluate(() => {
        (document.querySelector("#photos") as HTMLInputElement).webkitdirectory = true;
      });
      const folder = await bench.samples.folder("holiday");
      await tab.drop("#photos", [folder]);
      const received = filesOf(await bench.server.nextUpload());
      const hashes = await Promise.all(
        ["photo.jpg", "inner/drawing.png", "notes.txt"].map(async (name) =>
          sha256(await readFile(join(folder.path, name))),
        ),
      );
      expect(received).toHaveLength(3);
      expect(hashes.map((hash) => received.some((file) => file.sha256 === hash))).toEqual([
        false,
        false,
        true,
      ]);
    });

    test("a picture that is dropped beside a folder on an input that takes none arrives protected", async () => {
      const tab = await bench.open("sandboxed.html");
      const picture = await bench.samples.photo("beside.jpg");
      await tab.drop("#photos", [await bench.samples.folder("holiday"), picture]);
      const received = filesOf(await bench.server.nextUpload());
      expect(received.map(({ name }) => name)).toEqual(["beside.jpg"]);
      expect(received[0]?.sha256).not.toBe(picture.sha256);
    });
  },
  { needs: ["drop"] },
);
