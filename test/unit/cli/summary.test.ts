import { expect, it } from "vitest";
import { measurementSummary, pictureSummary } from "../../../src/cli/summary.ts";
import type { ProtectionReport } from "../../../src/core/contract/protected-picture.ts";

const report: ProtectionReport = {
  width: 120,
  height: 90,
  notices: [],
  bytesIn: 1000,
  bytesOut: 1100,
  backend: "wasm",
  surrogate: "tiny",
  objective: "overlap",
  epsilon: 8 / 255,
  steps: 24,
  bayesErrorBefore: 0.25,
  bayesErrorAfter: 0.9997,
  labelErrorBefore: 0.5,
  labelErrorAfter: 0.75,
  label: 3,
  labelName: "tabby",
  maxPerturbation: 8,
  maxChange: 9,
  psnr: 38.25,
  ssim: 0.98765,
  ssimulacra2: 71.26,
  seconds: { decode: 0, ascend: 1, encode: 0, verify: 0, total: 1.25 },
};
const plain = (text: string) => text.replaceAll("\u00a0", " ");

it("the summary of a picture has its figures, and never rounds an error up to 100 %", () => {
  expect(plain(pictureSummary(report))).toBe(
    "“tabby”: label error 50 % -> 75 %, Bayes error 25 % -> 99.9 %, change at most 8/255 (9/255 with the encoder's), " +
      "PSNR 38.3 dB, SSIM 0.988, SSIMULACRA 2 71.3, 1000 -> 1100 bytes, 1.3 s",
  );
});

it("the summary names the feature error and the former size where there are any", () => {
  const text = plain(
    pictureSummary({
      ...report,
      shrunkFrom: { width: 240, height: 180 },
      featureErrorBefore: 0.1,
      featureErrorAfter: 0.6,
    }),
  );
  expect(text).toMatch(/^feature error 10 % -> 60 %, /);
  expect(text).toContain("240 x 180 -> 120 x 90 pixels");
});

it("the summary of a measurement has the probability of the label", () => {
  const text = measurementSummary({
    type: "image/png",
    width: 32,
    height: 16,
    bytes: 9,
    backend: "wasm",
    surrogate: "tiny",
    bayesError: 0.25,
    label: 1,
    labelName: "dog",
    labelError: 0.4,
  });
  expect(text).toBe("Bayes error 0.2500, p(“dog”) 0.6000, 32 x 16 image/png");
});
