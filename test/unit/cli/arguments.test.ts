import { describe, expect, it } from "vitest";
import { parseCommand } from "../../../src/cli/arguments.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { DEFAULT_REQUEST, limitsOf } from "../../../src/core/contract/protection-request.ts";

const parse = (line: string) => parseCommand(line.split(" "));

describe("the arguments of a command line", () => {
  it("get defaults for what is not given", () => {
    expect(parse("protect a.jpg b.png --out safe")).toEqual({
      name: "protect",
      files: ["a.jpg", "b.png"],
      out: "safe",
      json: false,
      request: { ...DEFAULT_REQUEST },
    });
    // Networks for small pictures have no feature bank.
    expect(parse("protect a.png --out safe --surrogate cifar10")).toMatchObject({
      request: { objective: "overlap" },
    });
    expect(parse("measure a.jpg")).toEqual({
      name: "measure",
      files: ["a.jpg"],
      json: false,
      options: { surrogate: "photographs" },
    });
  });

  it("may come in any order", () => {
    expect(
      parse(
        "protect --json --budget 4 --steps 9 --longest-side 2048 a.jpg --seed 0 --objective bayes-error --label 3 --out safe",
      ),
    ).toMatchObject({
      files: ["a.jpg"],
      json: true,
      request: { epsilon: 4 / 255, steps: 9, longestSide: 2048, seed: 0, objective: "bayes-error", label: 3 },
    });
  });

  it("take a strength, or a budget with or without a visual quality", () => {
    const limits = (words: string) => {
      const command = parse(`protect a.jpg --out safe ${words}`);
      if (command.name !== "protect") throw new Error("expected a request");
      const { epsilon, visualQuality } = command.request;
      return { epsilon, visualQuality };
    };
    expect(limits("--strength strong")).toEqual(limitsOf("strong"));
    expect(limits("--budget 4")).toEqual({ epsilon: 4 / 255, visualQuality: undefined });
    expect(limits("--budget 4 --quality 85")).toEqual({ epsilon: 4 / 255, visualQuality: 85 });
  });

  it("take a number of jobs, and work on small pictures in one process, as a batch", () => {
    expect(parse("protect a.jpg --out safe --jobs 3")).toMatchObject({ jobs: 3 });
    expect(parse("protect a.png --out safe --surrogate cifar10")).toMatchObject({ jobs: 1 });
    expect(() => parse("protect a.jpg --out safe --jobs 0")).toThrow("--jobs takes a number from 1 to 64");
    expect(() => parse("measure a.jpg --jobs 2")).toThrow("measure takes no --jobs");
  });

  it("make a request for a set", () => {
    expect(parse("protect-set photos --out safe")).toEqual({
      name: "protect-set",
      folder: "photos",
      out: "safe",
      json: false,
      request: { surrogate: "photographs", epsilon: 8 / 255, objective: "bayes-error" },
    });
    expect(
      parse("protect-set photos --out safe --passes 2 --chunk 16 --steps 4 --seed 7 --objective overlap"),
    ).toMatchObject({ request: { passes: 2, chunk: 16, steps: 4, seed: 7, objective: "overlap" } });
  });

  it.each([
    ["no set", "protect-set --out x", "a folder"],
    ["two sets", "protect-set a b --out x", "one folder"],
    ["a set without a folder for the results", "protect-set a", "--out"],
    ["a label for a whole set", "protect-set a --out x --label 3", "--label"],
    ["no pass", "protect-set a --out x --passes 0", "--passes"],
    ["passes over one picture", "protect a.jpg --out x --passes 2", "no --passes"],
    ["no files", "protect --out x", "at least one file"],
    ["no folder", "protect a.jpg", "--out"],
    ["an unknown command", "shield a.jpg", "shield"],
    ["an unknown option", "measure a.jpg --magic", "--magic"],
    ["an option without its value", "protect a.jpg --out", "--out"],
    ["a budget out of range", "protect a.jpg --out x --budget 900", "900"],
    ["a budget of nothing", "protect a.jpg --out x --budget=", "--budget"],
    ["a strength beside a budget", "protect a.jpg --out x --budget 4 --strength strong", "exclude"],
    ["an unknown strength", "protect a.jpg --out x --strength mild", "invisible"],
    ["a quality without a budget", "protect a.jpg --out x --quality 80", "--budget"],
    ["a strength of a set", "protect-set a --out x --strength strong", "--strength"],
    ["steps that are no number", "protect a.jpg --out x --steps many", "many"],
    ["a side shorter than any picture", "protect a.jpg --out x --longest-side 8", "--longest-side"],
    ["half a step", "protect a.jpg --out x --steps 1.5", "1.5"],
    ["a label that the surrogate does not know", "protect a.jpg --out x --label 1000", "1000"],
    ["an unknown surrogate", "measure a.jpg --surrogate oracle", "oracle"],
    ["an unknown objective", "protect a.jpg --out x --objective fame", "fame"],
    [
      "features that the surrogate lacks",
      "protect a.png --out x --surrogate cifar10 --objective features",
      "overlap",
    ],
    ["features of a labelled set", "protect-set a --out x --objective features", "bayes-error"],
  ])("are refused for %s, with what was expected", (_, line, says) => {
    expect(() => parse(line)).toThrow(UsageError);
    expect(() => parse(line)).toThrow(says);
  });

  it.each(["", "help", "--help", "protect --help"])("ask for help: “%s”", (line) => {
    expect(parseCommand(line === "" ? [] : line.split(" "))).toEqual({ name: "help" });
  });
});
