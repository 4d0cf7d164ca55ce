/** The demo, as a person runs it: exit status, words and files. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";
import { sha256 } from "../../scripts/lib/upload-server.ts";
import { STRENGTHS } from "../../src/core/contract/protection-request.ts";

const SAMPLE = join(ROOT, "demo", "photos", "coffee.png");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "penumbra-demo-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function demo(...args: string[]) {
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  const extension = ["--extension", inject("extensionDir")];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "scripts", "demo.ts"), ...extension, ...args],
    { cwd: folder, env: { ...env, CHROME_PATH: inject("browserPath") }, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

describe("the demo", () => {
  it("posts the sample photograph through the page and shows that the server has another one", () => {
    const out = join(folder, "out");
    const { status, stdout, stderr } = demo("--out", out);
    expect(stderr).toBe("");
    expect(status).toBe(0);

    const { photos } = JSON.parse(readFileSync(join(out, "report.json"), "utf8"));
    expect(photos).toHaveLength(1);
    const [{ findings, files, pageSawOriginal, looksIntoTheForm, extensionReport }] = photos;
    const received = readFileSync(join(out, files.received));
    expect(findings.received.sha256).toBe(sha256(received));
    expect(findings.original.sha256).toBe(sha256(readFileSync(SAMPLE)));
    expect(findings.received.sha256).not.toBe(findings.original.sha256);
    expect(findings.isOriginal).toBe(false);
    expect(pageSawOriginal).toBe(false);
    expect(looksIntoTheForm).toBeGreaterThan(100);
    expect(findings.maxChange).toBeGreaterThan(0);
    expect(findings.maxChange).toBeLessThanOrEqual(STRENGTHS.balanced.budget);
    expect(findings.labelError.before).toBeLessThan(0.5);
    expect(findings.featureError.before).toBeLessThan(0.3);
    expect(findings.featureError.after).toBeGreaterThan(0.9);
    expect(findings.labelError.after).toBeGreaterThan(findings.labelError.before + 0.3);
    expect(findings.psnr).toBeGreaterThan(33);
    expect(findings.ssim).toBeGreaterThan(0.93);
    // What the extension says of its work agrees with what was measured outside the browser.
    expect(extensionReport.maxChange).toBe(findings.maxChange);
    expect(extensionReport.featureErrorAfter).toBeCloseTo(findings.featureError.after, 2);
    expect(extensionReport.labelErrorAfter).toBeCloseTo(findings.labelError.after, 2);
    expect(extensionReport.bayesErrorBefore).toBeCloseTo(findings.bayesError.before, 2);

    for (const name of [files.before, files.after, files.difference])
      expect(readFileSync(join(out, name)).subarray(1, 4).toString()).toBe("PNG");
    for (const word of [
      "SHA-256",
      findings.received.sha256,
      "PSNR",
      "SSIM",
      "Bayes error",
      "Label error",
      "Feature error",
      "out",
    ])
      expect(stdout).toContain(word);
  });

  it("says so and fails when a photo cannot be protected", () => {
    const broken = join(folder, "broken.jpg");
    writeFileSync(broken, Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46));
    const { status, stdout, stderr } = demo("--out", join(folder, "broken"), broken);
    expect(status).toBe(1);
    expect(stderr).toContain("could not protect broken.jpg");
    expect(stdout).toContain("Not every photo was protected");
    expect(existsSync(join(folder, "broken", "broken-page.png"))).toBe(true);
  });

  it("names what is wrong with its words", () => {
    expect(demo("missing.jpg")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("missing.jpg cannot be read"),
    });
    expect(demo("--nonsense")).toMatchObject({ status: 1, stderr: expect.stringContaining("--nonsense") });
    expect(execFileSync(process.execPath, [join(ROOT, "scripts", "demo.ts"), "--help"]).toString()).toContain(
      "PHOTO",
    );
  });
});
