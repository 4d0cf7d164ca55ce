import { describe, expect, it, vi } from "vitest";
import { Problem } from "../../../src/core/contract/problem.ts";
import type { Progress } from "../../../src/core/contract/protected-picture.ts";
import type { HandleChoice } from "../../../src/page/choice.ts";
import { createGate, type Gate } from "../../../src/page/gate.ts";
import type { Decisions, OpenCard } from "../../../src/page/panel/contract.ts";
import { createChoiceHandler } from "../../../src/page/protect-choice.ts";
import type { ProtectedFile, ProtectFile } from "../../../src/page/protect-client.ts";

const WORDS = { headline: "Done.", details: ["1 → 2"] };

const jpeg = (name: string) => new File([name], name, { type: "image/jpeg", lastModified: 1234 });
const text = (name: string) => new File([name], name, { type: "text/plain" });

/** A person at a panel that writes down what it is told and asked. */
function makePanel(
  decide: (asked: string, name: string) => "retry" | "original" | "cancel" | "wait" = () => "wait",
) {
  const log: string[] = [];
  const skips = new Map<string, () => void>();
  let decisions: Decisions = { cancel() {} };
  const openCard: OpenCard = (names, given) => {
    decisions = given;
    log.push(`open ${names.join()}`);
    return {
      finish(save) {
        log.push("finish");
        save?.();
      },
      refused: () => log.push("refused"),
      close: () => log.push("close"),
      rows: names.map((name) => ({
        start: (onSkip) => {
          log.push(`start ${name}`);
          if (onSkip) skips.set(name, onSkip);
        },
        progress: ({ stage }: Progress) => log.push(`${stage} ${name}`),
        done: () => log.push(`done ${name}`),
        original: () => log.push(`original ${name}`),
        ask: (problem) =>
          new Promise((resolve) => {
            const asked = typeof problem === "string" ? problem : problem.code;
            log.push(`ask ${name}: ${asked}`);
            const decision = decide(asked, name);
            if (decision === "cancel") given.cancel();
            else if (decision !== "wait") resolve(decision);
          }),
      })),
    };
  };
  return { log, openCard, skip: (name: string) => skips.get(name)?.(), decide: () => decisions };
}

/** Protects by writing a new text; fails as often as it is told to. */
function makeProtect(failures: Record<string, unknown[]> = {}, question?: string): ProtectFile {
  return async (file, onProgress, signal): Promise<ProtectedFile> => {
    onProgress({ stage: "ascend", fraction: 0.5 });
    await Promise.resolve();
    signal.throwIfAborted();
    const failure = failures[file.name]?.shift();
    if (failure) throw failure;
    const bytes = new TextEncoder().encode(`protected ${file.name}`);
    return { bytes, type: "image/png", words: WORDS, ...(question !== undefined && { question }) };
  };
}

/** Never ends by itself. */
const forever: ProtectFile = (_file, _onProgress, signal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

function choose(files: readonly File[]) {
  const abort = new AbortController();
  const deliver = vi.fn<(files: readonly File[]) => boolean>(() => true);
  const cancel = vi.fn();
  return { files, deliver, cancel, signal: abort.signal, abort };
}

const save = vi.fn<(files: readonly File[]) => void>();
const switchOff = vi.fn();

function handlerOf(gate: Gate, protect: ProtectFile, openCard: OpenCard): HandleChoice {
  return createChoiceHandler({ gate, protect, openCard, saveFiles: save, switchSiteOff: switchOff });
}

function openGate(on = true) {
  const gate = createGate();
  gate.set(on);
  return gate;
}

describe("a choice of files", () => {
  it("is delivered in its order, pictures protected under their own names and dates, others as they are", async () => {
    const files = [jpeg("a.jpg"), text("b.txt"), jpeg("c.jpg")];
    const choice = choose(files);
    const panel = makePanel();
    await handlerOf(openGate(), makeProtect(), panel.openCard)(choice);
    const [delivered = []] = choice.deliver.mock.calls[0] ?? [];
    expect(delivered.map(({ name }) => name)).toEqual(["a.jpg", "b.txt", "c.jpg"]);
    expect(delivered[1]).toBe(files[1]);
    expect(await delivered[0]?.text()).toBe("protected a.jpg");
    // The page expects the type that goes with the name, whatever the bytes are.
    expect(delivered[0]?.type).toBe("image/jpeg");
    expect(delivered[0]?.lastModified).toBe(1234);
    expect(choice.cancel).not.toHaveBeenCalled();
    expect(panel.log[0]).toBe("open a.jpg,c.jpg");
    expect(panel.log.at(-1)).toBe("finish");
  });

  it("gives a file without a type the type of its bytes", async () => {
    const choice = choose([new File([Uint8Array.of(0xff, 0xd8, 0xff)], "photo")]);
    await handlerOf(openGate(), makeProtect(), makePanel().openCard)(choice);
    expect(choice.deliver.mock.calls[0]?.[0][0]?.type).toBe("image/png");
  });

  it.each([
    ["photo.heic", "photo.jpg"],
    ["holiday.2024.HEIC", "holiday.2024.jpg"],
    ["photo", "photo.jpg"],
    ["a photo of summer", "a photo of summer.jpg"],
  ])("gives %s, in another format, the name %s and its type", async (name, renamed) => {
    const protect: ProtectFile = async () => ({
      bytes: new Uint8Array(3),
      type: "image/jpeg",
      words: WORDS,
      extension: "jpg",
    });
    const file = new File(["\xff"], name, { type: "image/heic", lastModified: 1234 });
    const choice = choose([file]);
    await handlerOf(openGate(), protect, makePanel().openCard)(choice);
    const [delivered] = choice.deliver.mock.calls[0]?.[0] ?? [];
    expect(delivered).toMatchObject({ name: renamed, type: "image/jpeg", lastModified: 1234 });
  });

  it("passes untouched, without a card, if its first bytes are no picture's", async () => {
    const choice = choose([new File(["words"], "archive.unknown")]);
    const panel = makePanel();
    await handlerOf(openGate(), makeProtect(), panel.openCard)(choice);
    expect(choice.deliver).toHaveBeenCalledExactlyOnceWith(choice.files);
    expect(panel.log).toEqual([]);
  });

  it("waits for the settings, and passes untouched where the site is off", async () => {
    const gate = createGate();
    const files = [jpeg("a.jpg")];
    const choice = choose(files);
    const panel = makePanel();
    const handled = handlerOf(gate, makeProtect(), panel.openCard)(choice);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(choice.deliver).not.toHaveBeenCalled();
    gate.set(false);
    await handled;
    expect(choice.deliver.mock.calls[0]?.[0][0]).toBe(files[0]);
    expect(panel.log).toEqual([]);
  });
});

describe("a picture that fails", () => {
  it("is tried again until it works", async () => {
    const choice = choose([jpeg("a.jpg")]);
    const panel = makePanel(() => "retry");
    const failures = { "a.jpg": [new Problem({ code: "unavailable/worker" }), new Error("what?")] };
    await handlerOf(openGate(), makeProtect(failures), panel.openCard)(choice);
    expect(panel.log.filter((line) => line.startsWith("ask"))).toEqual([
      "ask a.jpg: unavailable/worker",
      "ask a.jpg: internal/unexpected",
    ]);
    expect(await choice.deliver.mock.calls[0]?.[0][0]?.text()).toBe("protected a.jpg");
  });

  it("is sent as it was only when the person says so", async () => {
    const files = [jpeg("a.jpg"), jpeg("b.jpg")];
    const choice = choose(files);
    const panel = makePanel(() => "original");
    const failures = { "a.jpg": [new Problem({ code: "corrupt/no-pixels" })] };
    await handlerOf(openGate(), makeProtect(failures), panel.openCard)(choice);
    const [delivered = []] = choice.deliver.mock.calls[0] ?? [];
    expect(delivered[0]).toBe(files[0]);
    expect(await delivered[1]?.text()).toBe("protected b.jpg");
    expect(panel.log).toContain("original a.jpg");
  });

  it("is used after a question about it, when the person says so", async () => {
    const choice = choose([jpeg("a.jpg")]);
    const panel = makePanel(() => "retry");
    await handlerOf(openGate(), makeProtect({}, "much larger"), panel.openCard)(choice);
    expect(await choice.deliver.mock.calls[0]?.[0][0]?.text()).toBe("protected a.jpg");
    expect(panel.log.slice(-3)).toEqual(["ask a.jpg: much larger", "done a.jpg", "finish"]);
  });

  it("is sent as it was after a question about it, when the person says so", async () => {
    const files = [jpeg("a.jpg")];
    const choice = choose(files);
    const panel = makePanel(() => "original");
    await handlerOf(openGate(), makeProtect({}, "much larger"), panel.openCard)(choice);
    expect(choice.deliver.mock.calls[0]?.[0]).toEqual(files);
    expect(panel.log).not.toContain("done a.jpg");
  });

  it("does not keep the others waiting, but nothing is delivered before it is decided", async () => {
    const choice = choose([jpeg("a.jpg"), jpeg("b.jpg")]);
    const panel = makePanel();
    const failures = { "a.jpg": [new Problem({ code: "corrupt/no-pixels" })] };
    void handlerOf(openGate(), makeProtect(failures), panel.openCard)(choice);
    await vi.waitFor(() => expect(panel.log).toContain("done b.jpg"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(choice.deliver).not.toHaveBeenCalled();
  });

  it("can be cancelled, and the whole choice with it", async () => {
    const choice = choose([jpeg("a.jpg"), jpeg("b.jpg")]);
    const panel = makePanel(() => "cancel");
    const failures = { "a.jpg": [new Problem({ code: "corrupt/no-pixels" })] };
    await handlerOf(openGate(), makeProtect(failures), panel.openCard)(choice);
    expect(choice.deliver).not.toHaveBeenCalled();
    expect(choice.cancel).toHaveBeenCalledOnce();
    expect(panel.log).toContain("close");
  });
});

describe("while a picture is being protected", () => {
  it("it can be skipped, and the original goes in its place", async () => {
    const files = [jpeg("a.jpg"), jpeg("b.jpg")];
    const choice = choose(files);
    const panel = makePanel();
    const protect: ProtectFile = (file, ...rest) =>
      (file === files[0] ? forever : makeProtect())(file, ...rest);
    const handled = handlerOf(openGate(), protect, panel.openCard)(choice);
    await vi.waitFor(() => expect(panel.log).toContain("start a.jpg"));
    expect(panel.log).not.toContain("start b.jpg");
    panel.skip("a.jpg");
    await handled;
    const [delivered = []] = choice.deliver.mock.calls[0] ?? [];
    expect(delivered[0]).toBe(files[0]);
    expect(await delivered[1]?.text()).toBe("protected b.jpg");
  });

  it("the person can cancel", async () => {
    const choice = choose([jpeg("a.jpg")]);
    const panel = makePanel();
    const handled = handlerOf(openGate(), forever, panel.openCard)(choice);
    await vi.waitFor(() => expect(panel.log).toContain("start a.jpg"));
    panel.decide().cancel();
    await handled;
    expect(choice.cancel).toHaveBeenCalledOnce();
    expect(choice.deliver).not.toHaveBeenCalled();
    expect(panel.log.at(-1)).toBe("close");
  });

  it.each(["notThisTime", "notOnThisSite"] as const)("the person can decide: %s", async (decision) => {
    const files = [jpeg("a.jpg"), jpeg("b.jpg")];
    const choice = choose(files);
    const panel = makePanel();
    switchOff.mockClear();
    const handled = handlerOf(openGate(), forever, panel.openCard)(choice);
    await vi.waitFor(() => expect(panel.log).toContain("start a.jpg"));
    panel.decide()[decision]?.();
    await handled;
    expect(choice.deliver.mock.calls).toEqual([[files]]);
    expect(choice.cancel).not.toHaveBeenCalled();
    expect(switchOff).toHaveBeenCalledTimes(decision === "notOnThisSite" ? 1 : 0);
    expect(panel.log.at(-1)).toBe("close");
  });

  it("a choice that no longer counts stops its work and closes its card", async () => {
    const choice = choose([jpeg("a.jpg")]);
    const panel = makePanel();
    const handled = handlerOf(openGate(), forever, panel.openCard)(choice);
    await vi.waitFor(() => expect(panel.log).toContain("start a.jpg"));
    choice.abort.abort();
    await handled;
    expect(choice.deliver).not.toHaveBeenCalled();
    expect(panel.log).toContain("close");
  });
});

describe("a page that takes no notice", () => {
  it("is told of, and the protected pictures are kept to be saved, not what was sent as chosen", async () => {
    const choice = choose([jpeg("a.jpg"), text("b.txt")]);
    choice.deliver.mockReturnValue(false);
    const panel = makePanel();
    await handlerOf(openGate(), makeProtect(), panel.openCard)(choice);
    expect(panel.log).toContain("refused");
    expect(panel.log).not.toContain("finish");
  });

  it("can be found out by the person: saving offers the protected pictures only", async () => {
    const panel = makePanel();
    save.mockClear();
    await handlerOf(openGate(), makeProtect(), panel.openCard)(choose([jpeg("a.jpg"), text("b.txt")]));
    expect(panel.log).toContain("finish");
    const [saved = []] = save.mock.calls[0] ?? [];
    expect(await Promise.all(saved.map((file) => file.text()))).toEqual(["protected a.jpg"]);
  });
});
