import { expect, it } from "vitest";
import { checkSetEffective, setReportOf } from "../../../../src/cli/protect-set/report.ts";
import { openWorkFolder } from "../../../../src/cli/protect-set/work-folder.ts";

const work = openWorkFolder("/nowhere");
const errors = (bayesError: number, labelError: number) => ({ bayesError, labelError });

it("a set is only protected when the error of its objective rose", () => {
  const change = { before: errors(0.1, 0.3), after: errors(0.2, 0.3) };
  expect(() => checkSetEffective(change, "bayes-error", work)).not.toThrow();
  expect(() => checkSetEffective(change, "overlap", work)).toThrow("ineffective/set");
  const notANumber = { before: errors(0.1, 0.3), after: errors(Number.NaN, 0.3) };
  expect(() => checkSetEffective(notANumber, "bayes-error", work)).toThrow("ineffective/set");
});

it("the report has the largest change, means of quality and sums of bytes", () => {
  const request = {
    epsilon: 8 / 255,
    surrogate: "tiny",
    objective: "overlap",
    steps: 2,
    passes: 3,
    chunk: 2,
    seed: 1,
  } as const;
  const plan = {
    request,
    classes: ["a", "b"],
    pictures: [0, 1, 1].map((label, i) => ({
      file: `${label}/${i}`,
      out: `${label}/${i}`,
      label,
      sha256: "",
    })),
    leftOut: [],
    notes: ["A note."],
  };
  const files = [
    { maxPerturbation: 2, maxChange: 3, psnr: 30, ssim: 0.9, ssimulacra2: 60, bytesIn: 100, bytesOut: 110 },
    { maxPerturbation: 7, maxChange: 8, psnr: 40, ssim: 0.8, ssimulacra2: 70, bytesIn: 200, bytesOut: 190 },
    { maxPerturbation: 4, maxChange: 5, psnr: 35, ssim: 0.7, ssimulacra2: 80, bytesIn: 300, bytesOut: 330 },
  ];
  const change = { before: errors(0.1, 0.2), after: errors(0.5, 0.6) };
  expect(setReportOf(plan, change, files, { backend: "cpu", seconds: 7 })).toEqual({
    ...request,
    classes: [
      { name: "a", pictures: 1 },
      { name: "b", pictures: 2 },
    ],
    pictures: 3,
    leftOut: [],
    notes: ["A note."],
    backend: "cpu",
    sigma: 0.15,
    bayesErrorBefore: 0.1,
    bayesErrorAfter: 0.5,
    labelErrorBefore: 0.2,
    labelErrorAfter: 0.6,
    maxChange: 8,
    psnr: 35,
    ssim: expect.closeTo(0.8, 9),
    ssimulacra2: expect.closeTo(70, 9),
    maxPerturbation: 7,
    bytesIn: 600,
    bytesOut: 630,
    seconds: 7,
  });
});
