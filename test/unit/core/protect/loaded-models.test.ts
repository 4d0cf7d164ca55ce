import { describe, expect, it } from "vitest";
import { Problem } from "../../../../src/core/contract/problem.ts";
import { createModelLoader } from "../../../../src/core/protect/loaded-models.ts";

describe("the model loader", () => {
  const readAsset = () => Promise.reject(new Error("no such asset"));

  it("names the known surrogates when asked for another", async () => {
    const loadModel = createModelLoader({ readAsset, startBackend: async () => "cpu" });
    await expect(loadModel("oracle")).rejects.toThrow("efficientnet-lite0");
  });

  it("starts the backend once, and again only after a failure", async () => {
    let starts = 0;
    const loadModel = createModelLoader({
      readAsset,
      startBackend: async () => {
        if (++starts === 1) throw new Problem({ code: "backend/none" });
        return "cpu";
      },
    });
    await expect(loadModel("efficientnet-lite0")).rejects.toThrow("backend/none");
    const twice = [loadModel("efficientnet-lite0"), loadModel("efficientnet-lite0")];
    expect(twice[0]).toBe(twice[1]);
    await expect(twice[0]).rejects.toThrow("no such asset");
    expect(starts).toBe(2);
  });
});
