import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMutex, orAbort, withTimeout } from "../../../src/bridge/async.ts";

describe("a mutex", () => {
  it("runs one function at a time, in the order in which they came, and gives back what each returns", async () => {
    const inTurn = createMutex();
    const log: string[] = [];
    const slow = (name: string) => async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([inTurn(slow("a")), inTurn(slow("b"))])).toEqual(["a", "b"]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("goes on after a function that fails, and only its own caller hears of it", async () => {
    const inTurn = createMutex();
    const failed = inTurn(() => Promise.reject(new Error("no")));
    const next = inTurn(async () => "yes");
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("yes");
  });
});

describe("a promise or a signal", () => {
  it("settles as the promise does, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    await expect(orAbort(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(orAbort(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    );
  });

  it("rejects with the signal's reason, whether it fires later or has fired before", async () => {
    const abort = new AbortController();
    const never = new Promise(() => {});
    const result = orAbort(never, abort.signal);
    abort.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
    await expect(orAbort(Promise.resolve(1), abort.signal)).rejects.toThrow("enough");
  });
});

describe("a promise with a timeout", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("settles as the promise does, and leaves no timer behind", async () => {
    await expect(withTimeout(Promise.resolve(1), 1000)).resolves.toBe(1);
    await expect(withTimeout(Promise.reject(new Error("no")), 1000)).rejects.toThrow("no");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("rejects when the time is over, and not before", async () => {
    const settled = vi.fn();
    withTimeout(new Promise(() => {}), 1000).catch(settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ name: "TimeoutError" }));
  });
});
