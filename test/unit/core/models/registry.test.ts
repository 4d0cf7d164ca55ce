import { describe, expect, it } from "vitest";
import {
  DEFAULT_REQUEST,
  protectionRequestSchema,
} from "../../../../src/core/contract/protection-request.ts";
import { findSurrogate, SURROGATES } from "../../../../src/core/models/registry.ts";

describe("the registry", () => {
  it("finds each surrogate by an id that a request may have", () => {
    for (const entry of SURROGATES) {
      expect(findSurrogate(entry.id)).toBe(entry);
      expect(protectionRequestSchema.entries.surrogate.pipe[1].requirement.test(entry.id)).toBe(true);
    }
    expect(findSurrogate("oracle")).toBeUndefined();
  });

  it("has the default surrogate, which people can use and which supports the default objective", () => {
    const entry = findSurrogate(DEFAULT_REQUEST.surrogate);
    expect(entry?.cliOnly).toBeUndefined();
    expect(entry?.objectives).toContain(DEFAULT_REQUEST.objective);
  });
});
