import fc from "fast-check";
import * as v from "valibot";
import { expect, it } from "vitest";
import {
  DEFAULT_REQUEST,
  protectionRequestSchema,
} from "../../../../src/core/contract/protection-request.ts";

const check = (request: unknown) => v.safeParse(protectionRequestSchema, request).success;

it("takes a request in its ranges", () => {
  expect(v.parse(protectionRequestSchema, DEFAULT_REQUEST)).toEqual(DEFAULT_REQUEST);
  const full = { ...DEFAULT_REQUEST, steps: 5, longestSide: 2048, label: 3, seed: 7 };
  expect(v.parse(protectionRequestSchema, full)).toEqual(full);
});

it.each([
  { epsilon: 0 },
  { epsilon: Number.NaN },
  { epsilon: "8/255" },
  { epsilon: 3 },
  { surrogate: "../../secret" },
  { objective: "shame" },
  { steps: 0 },
  { steps: 1.5 },
  { steps: 1e9 },
  { longestSide: 0 },
  { longestSide: 15 },
  { longestSide: 99.5 },
  { longestSide: "2048" },
  { longestSide: 1e9 },
])("refuses %j", (wrong) => {
  expect(check({ ...DEFAULT_REQUEST, ...wrong })).toBe(false);
});

it("refuses what is no request, whatever it is", () => {
  fc.assert(fc.property(fc.anything(), (anything) => void expect(check(anything)).toBe(false)));
});
