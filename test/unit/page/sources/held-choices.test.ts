import { describe, expect, it } from "vitest";
import { createHeldChoices } from "../../../../src/page/sources/held-choices.ts";

/** As much of an input and an event as is looked at. */
const input = (form?: unknown) => ({ files: [], form }) as unknown as HTMLInputElement & { files: unknown[] };
const event = (type: string, isTrusted = true) => ({ type, isTrusted }) as Event;

describe("a choice of a person", () => {
  it("absorbs `change` after `input`, once", () => {
    const choices = createHeldChoices();
    const one = input();
    choices.hold(one, true);
    expect(choices.absorb(one, event("change"))).toBe(true);
    expect(choices.absorb(one, event("change"))).toBe(false);
  });

  it("absorbs what the page dispatches at the empty input, as often as it likes", () => {
    const choices = createHeldChoices();
    const one = input();
    choices.hold(one, false);
    for (const type of ["input", "change", "change"])
      expect(choices.absorb(one, event(type, false))).toBe(true);
    expect(choices.absorb(one, event("change"))).toBe(false);
  });

  it("absorbs nothing when the input has files again: that is another choice", () => {
    const choices = createHeldChoices();
    const one = input();
    choices.hold(one, true);
    one.files.push({});
    expect(choices.absorb(one, event("change"))).toBe(false);
  });
});

describe("a held choice", () => {
  it("is settled once", () => {
    const choices = createHeldChoices();
    const one = input();
    const choice = choices.hold(one, true);
    expect(choices.has(one)).toBe(true);
    expect(choices.settle(one, choice)).toBe(true);
    expect(choices.settle(one, choice)).toBe(false);
    expect(choices.has(one)).toBe(false);
    expect(choice.signal.aborted).toBe(false);
  });

  it("ends with the next one in the same input, which it cannot settle", () => {
    const choices = createHeldChoices();
    const one = input();
    const first = choices.hold(one, true);
    const second = choices.hold(one, true);
    expect(first.signal.aborted).toBe(true);
    expect(choices.settle(one, first)).toBe(false);
    expect(choices.settle(one, second)).toBe(true);
  });

  it("is out when its signal fires", () => {
    const choices = createHeldChoices();
    const one = input();
    const choice = choices.hold(one, true);
    const held: boolean[] = [];
    choice.signal.addEventListener("abort", () => held.push(choices.has(one)));
    choices.abandon(one);
    choices.abandon(one);
    expect(held).toEqual([false]);
  });

  it("is found by its form", () => {
    const choices = createHeldChoices();
    const form = {} as HTMLFormElement;
    const [inside, outside] = [input(form), input(null)];
    for (const one of [inside, outside]) choices.hold(one, true);
    expect(choices.inputs(form)).toEqual([inside]);
    expect(choices.inputs()).toEqual([inside, outside]);
  });

  it("ends with all others when the page is left", () => {
    const choices = createHeldChoices();
    const held = [input(), input()].map((one) => choices.hold(one, true));
    choices.abandonAll();
    expect(held.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(choices.inputs()).toEqual([]);
  });
});
