import { expect, it } from "vitest";
import { labelError } from "../../../src/engine/opinion.ts";

it("counts as an error the belief in all classes but the picture's own", () => {
  const opinion = { posterior: Float32Array.of(0.5, 0.125, 0.25, 0.125), label: 0, bayesError: 0.5 };
  expect(labelError(opinion, 0)).toBe(0.5);
  expect(labelError(opinion, 2, 0)).toBe(0.25);
});
