// @vitest-environment happy-dom

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { comparison } from "../../../src/bridge/strings/components.ts";
import { noticeText } from "../../../src/bridge/strings/notices.ts";
import { popup } from "../../../src/bridge/strings/popup.ts";
import { stages } from "../../../src/bridge/strings/stages.ts";
import { STRENGTHS } from "../../../src/core/contract/protection-request.ts";
import type { PopupActions, PopupModel } from "../../../src/pages/popup/model.ts";
import { Popup } from "../../../src/pages/popup/popup.tsx";
import { finished, NOW, noPreviews, report, states } from "../../e2e/popup-gallery/states.ts";

const all = states();
const actions = {
  change: vi.fn<PopupActions["change"]>(),
  switchSite: vi.fn<PopupActions["switchSite"]>(),
  addSite: vi.fn<PopupActions["addSite"]>(async () => true),
  removeSite: vi.fn<PopupActions["removeSite"]>(),
  forgetFiles: vi.fn<PopupActions["forgetFiles"]>(),
};
const root = document.body.appendChild(document.createElement("div"));

afterEach(() => {
  render(null, root);
  vi.clearAllMocks();
});

function show(model: PopupModel | undefined): void {
  if (!model) throw new Error("expected a state of that name");
  act(() => render(<Popup model={model} actions={actions} />, root));
}

function find<T extends HTMLElement>(selector: string): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(`expected ${selector} in ${root.innerHTML}`);
  return found;
}

/** What is to be read, with plain spaces; the texts for screen readers are part of it. */
function textOf(selector: string): string {
  return (find(selector).textContent ?? "").replace(/[\s\u00a0]+/g, " ").trim();
}

function click(selector: string): void {
  act(() => find(selector).click());
}

const siteSwitch = '.site [role="switch"]';

describe("the master switch", () => {
  it("shows and asks for the other state", () => {
    show(all.empty);
    expect(find('.head [role="switch"]').getAttribute("aria-checked")).toBe("true");
    click('.head [role="switch"]');
    expect(actions.change).toHaveBeenCalledExactlyOnceWith({ enabled: false });
  });

  it("stills the site's switch while it is off", () => {
    show(all["all-off"]);
    expect(find<HTMLButtonElement>(siteSwitch).disabled).toBe(true);
    expect(textOf(".site")).toContain(popup.site.paused);
    expect(textOf(".empty")).toContain(popup.empty.off);
  });
});

describe("this site", () => {
  it.each([
    ["empty", "true", popup.site.onList],
    ["site-added", "true", popup.site.onPerson],
    ["site-everywhere", "true", popup.site.onEverywhere],
    ["site-off", "false", popup.site.offPerson],
    ["site-new", "false", popup.site.offNone],
    ["site-denied", "false", popup.site.denied],
    ["site-unpermitted", "false", popup.site.unpermitted],
    ["site-covered", "true", popup.site.covers("reddit.com")],
  ])("%s", (state, checked, text) => {
    show(all[state]);
    expect(find(siteSwitch).getAttribute("aria-checked")).toBe(checked);
    expect(textOf(".site")).toContain(text);
    click(siteSwitch);
    expect(actions.switchSite).toHaveBeenCalledExactlyOnceWith(checked === "false");
  });

  it("offers to ask again where the browser took the permission back", () => {
    show(all["site-unpermitted"]);
    click(".site .button");
    expect(actions.switchSite).toHaveBeenCalledExactlyOnceWith(true);
  });

  it.each(["closed-browser", "closed-store", "closed-file"])("has no switch: %s", (state) => {
    show(all[state]);
    expect(root.querySelector(siteSwitch)).toBeNull();
    expect(textOf(".site")).not.toBe("");
  });
});

describe("parts of the page from other sites", () => {
  it("are named where Penumbra may not run in them, each with a button that asks for it", async () => {
    show(all["closed-frames"]);
    expect(textOf(".frames")).toContain(popup.frames.text);
    expect(textOf(".frames")).toContain("uploads.example.org");
    await act(async () => find(`[aria-label="${popup.frames.allowLabel("uploads.example.org")}"]`).click());
    expect(actions.addSite).toHaveBeenCalledExactlyOnceWith("uploads.example.org");
    expect(textOf(".frames")).toContain(popup.frames.reload);
  });

  it.each(["empty", "closed-browser"])("are not spoken of where there are none: %s", (state) => {
    show(all[state]);
    expect(root.querySelector(".frames")).toBeNull();
  });

  it("are not spoken of where nothing is protected anyway", () => {
    show({ ...(all["site-off"] as PopupModel), closedFrames: ["uploads.example.org"] });
    expect(root.querySelector(".frames")).toBeNull();
  });
});

describe("strength", () => {
  it("is one of three, each with its own explanation, one of them shown", () => {
    show(all.strong);
    const radios = [...root.querySelectorAll<HTMLInputElement>('input[name="strength"]')];
    expect(radios.map(({ value }) => value)).toEqual(Object.keys(STRENGTHS));
    expect(radios.filter(({ checked }) => checked).map(({ value }) => value)).toEqual(["strong"]);
    const texts = radios.map((radio) => find(`#${radio.getAttribute("aria-describedby")}`));
    expect(new Set(texts.map(({ textContent }) => textContent)).size).toBe(3);
    expect(texts.filter(({ hidden }) => !hidden).map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining(popup.strength.limit(16)),
    ]);
  });

  it("asks for the one clicked", () => {
    show(all.empty);
    click('input[value="invisible"]');
    expect(actions.change).toHaveBeenCalledExactlyOnceWith({ strength: "invisible" });
  });
});

describe("advanced", () => {
  it("shows the settings", () => {
    show(all.strong);
    expect(find<HTMLInputElement>('input[value="bayes-error"]').checked).toBe(true);
    expect(find<HTMLSelectElement>("select").value).toBe("other");
    expect(textOf("#surrogate-hint")).toContain("Described differently.");
  });

  it("asks for another objective or surrogate", () => {
    show(all.empty);
    click('input[value="bayes-error"]');
    expect(actions.change).toHaveBeenLastCalledWith({ objective: "bayes-error" });
    const select = find<HTMLSelectElement>("select");
    select.value = "other";
    act(() => void select.dispatchEvent(new Event("change", { bubbles: true })));
    expect(actions.change).toHaveBeenLastCalledWith({ surrogate: "other" });
  });

  it("shrinks first for those who ask for it, and says from what size", () => {
    show(all.empty);
    expect(find<HTMLInputElement>('input[type="checkbox"]').checked).toBe(false);
    click('input[type="checkbox"]');
    expect(actions.change).toHaveBeenCalledExactlyOnceWith({ shrinkFirst: true });
    expect(root.textContent).not.toContain("6000");
    show(all["result-shrunk"]);
    expect(find<HTMLInputElement>('input[type="checkbox"]').checked).toBe(true);
    expect(textOf(".figures")).toContain("6000 × 4000 →to 4096 × 2731");
  });

  it("says how many protected files are remembered, and forgets them", () => {
    const model = all.empty as PopupModel;
    show({ ...model, protectedFiles: 0 });
    expect(root.querySelector(".protected-files")).toBeNull();
    show({ ...model, protectedFiles: 12 });
    expect(textOf(".protected-files")).toContain(popup.advanced.files(12));
    click(".protected-files button");
    expect(actions.forgetFiles).toHaveBeenCalledOnce();
  });

  it("falls back to the first surrogate when the stored one is gone, and copes with none", () => {
    const model = all.empty as PopupModel;
    show({ ...model, settings: { ...model.settings, surrogate: "of-yesterday" } });
    expect(find<HTMLSelectElement>("select").value).toBe("photographs");
    show({ ...model, surrogates: [] });
    expect(root.querySelector("select")).toBeNull();
  });
});

describe("what is running", () => {
  it("shows each job with its stage and progress", () => {
    show(all.running);
    expect(root.querySelectorAll(".job")).toHaveLength(2);
    expect(textOf(".job")).toContain("beach.jpg");
    expect(textOf(".job")).toContain("bsky.app");
    expect(textOf(".job-state")).toBe(`${stages.ascend}42 %`);
    expect(find<HTMLProgressElement>("progress").value).toBe(0.42);
    expect(root.querySelector(".empty")).toBeNull();
  });

  it("tells screen readers the stage, not the percent", () => {
    show(all.running);
    expect(textOf('.job [role="status"]')).toBe(popup.running.announce(stages.ascend, "beach.jpg"));
  });
});

describe("the last picture", () => {
  it("says first what the result means, then the figure behind it, and the others in the details", () => {
    show(all.result);
    const text = textOf(".card:not(.site)");
    const order = [
      "goldfish.jpg",
      "takes this for a different picture",
      "Taken for another picture12 % →to 99.6 %",
      popup.result.details,
      "Feature error12 % →to 99.6 %",
      "Label error (“goldfish”)7 % →to 99.9 %",
      "Bayes error7 % →to 42 %",
      "8 of 255 (11 in the file)",
      "71 of 100",
      "34.2 dB",
      "1.21 MB →to 1.29 MB +6 %",
      "4.1 s",
    ].map((part) => text.indexOf(part));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it("shows an error that fell as it is", () => {
    const model = all.result as PopupModel;
    const last = finished(undefined, { labelErrorBefore: 0.5, labelErrorAfter: 0.25 });
    show({ ...model, status: { running: [], last } });
    expect(textOf(".errors")).toContain("Label error (“goldfish”)50 % →to 25 %");
  });

  it("leaves out what a surrogate without a bank of features cannot tell", () => {
    const model = all.result as PopupModel;
    const { featureErrorBefore: _, featureErrorAfter: __, ...others } = report;
    const last = { ...finished(), outcome: { ok: true, report: others, previews: noPreviews } } as const;
    show({ ...model, status: { running: [], last } });
    expect(textOf(".headline")).toMatch(
      /no longer sees “goldfish”.*Confidence in “goldfish”93 % →to < 0\.1 %/,
    );
    expect(textOf(".errors")).not.toContain("Feature error");
  });

  it("suggests a higher strength where there is one and the result is not high", () => {
    const model = all["result-low"] as PopupModel;
    show(model);
    expect(textOf(".headline")).toContain(popup.result.stronger);
    const strongest = finished(undefined, { featureErrorAfter: 0.3, epsilon: STRENGTHS.strong.budget / 255 });
    show({ ...model, status: { running: [], last: strongest } });
    expect(textOf(".headline")).not.toContain(popup.result.stronger);
    show(all.result);
    expect(textOf(".headline")).not.toContain(popup.result.stronger);
  });

  it("says what the finished file lacks", () => {
    const last = finished(undefined, { notices: [{ code: "second-picture" }] });
    show({ ...(all.result as PopupModel), status: { running: [], last } });
    expect(textOf(".headline")).toContain(noticeText({ code: "second-picture" }));
  });

  it("shows no figure for a picture in which there was nothing to protect", () => {
    const last = finished(undefined, { notices: [{ code: "nothing-to-protect" }], featureErrorAfter: 0.12 });
    show({ ...(all.result as PopupModel), status: { running: [], last } });
    expect(textOf(".headline")).toBe(
      `There is nothing to protect in this picture.${noticeText({ code: "nothing-to-protect" })}`,
    );
  });

  it("compares by a slider and shows the difference", () => {
    show(all.result);
    const slider = find<HTMLInputElement>('.frame input[type="range"]');
    slider.value = "20";
    act(() => void slider.dispatchEvent(new Event("input", { bubbles: true })));
    expect(find<HTMLElement>(".frame").style.getPropertyValue("--at")).toBe("20%");
    expect(slider.getAttribute("aria-valuetext")).toBe(comparison.sliderValue(20));
    click(".segment:last-child input");
    expect(find<HTMLImageElement>(".frame img").alt).toContain("amplified");
    expect(root.querySelectorAll(".frame img")).toHaveLength(1);
  });

  it("gives a problem's own words", () => {
    show(all.problem);
    expect(textOf(".problem")).toContain(popup.result.failed);
    expect(textOf(".problem")).toContain("This is an animated GIF.");
    expect(root.querySelector(".comparison")).toBeNull();
  });

  it("does not call a cancelled picture a problem", () => {
    show(all.cancelled);
    expect(textOf(".problem")).toContain(popup.result.cancelled);
  });

  it("stays while the next is running", () => {
    show(all["running-and-result"]);
    expect(root.querySelectorAll(".job")).toHaveLength(1);
    expect(textOf("time")).toBe("3 minutes ago");
  });

  it("begins anew for the next result", () => {
    const model = all.result as PopupModel;
    show(model);
    click(".segment:last-child input");
    show({ ...model, status: { running: [], last: { ...finished(), finishedAt: NOW } } });
    expect(root.querySelector('.frame input[type="range"]')).not.toBeNull();
  });
});

describe("in every state", () => {
  it.each(Object.keys(all))("%s: headings, names and the limits are there", (state) => {
    show(all[state]);
    expect(root.querySelectorAll("h1")).toHaveLength(1);
    for (const control of root.querySelectorAll('[role="switch"], input[type="range"], progress'))
      expect(control.getAttribute("aria-label")).toBeTruthy();
    for (const labelled of root.querySelectorAll("[aria-labelledby], [aria-describedby]"))
      for (const name of ["aria-labelledby", "aria-describedby"])
        if (labelled.hasAttribute(name)) find(`[id="${labelled.getAttribute(name)}"]`);
    for (const image of root.querySelectorAll("img")) expect(image.alt).not.toBe("");
    expect(textOf(".foot")).toContain("no promise about other networks");
    expect(textOf(".foot")).toContain("sends nothing to anyone");
  });

  it("survives figures at their limits", () => {
    const model = all.result as PopupModel;
    const extreme = {
      ...report,
      psnr: 99,
      ssim: -1,
      ssimulacra2: -300,
      maxPerturbation: 0,
      maxChange: 0,
      featureErrorBefore: 0,
      featureErrorAfter: 1,
      labelErrorBefore: 0,
      labelErrorAfter: 1,
      bytesIn: 0,
      labelName: "",
    };
    show({ ...model, status: { running: [], last: finished(undefined, extreme) } });
    expect(root.textContent).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});

describe("the sites that a person added", () => {
  const type = async (site: string) => {
    find<HTMLInputElement>(".text-field").value = site;
    await act(async () => find<HTMLFormElement>(".site-form").requestSubmit());
  };

  it("are listed, and can be removed", () => {
    show(all["site-everywhere"]);
    expect([...root.querySelectorAll(".site-entry")].map((entry) => entry.textContent)).toEqual([
      "All sitesOnRemove",
      "reddit.comOffRemove",
      expect.stringMatching(/^a-very-long.*OnRemove$/),
    ]);
    click('[aria-label="Remove reddit.com"]');
    expect(actions.removeSite).toHaveBeenCalledExactlyOnceWith("reddit.com");
  });

  it("are added by name or pattern", async () => {
    show(all.empty);
    await type("https://*.Example.org/photos");
    expect(actions.addSite).toHaveBeenCalledExactlyOnceWith("example.org");
    expect(find<HTMLInputElement>(".text-field").value).toBe("");
    expect(find("#site-problem").hidden).toBe(true);
  });

  it("say what is wrong, and keep what was typed", async () => {
    show(all.empty);
    await type("face*.com");
    expect(actions.addSite).not.toHaveBeenCalled();
    expect(textOf("#site-problem")).toContain(popup.sites.invalid);
    actions.addSite.mockResolvedValueOnce(false);
    await type("example.org");
    expect(textOf("#site-problem")).toContain(popup.sites.denied);
    expect(find<HTMLInputElement>(".text-field").value).toBe("example.org");
  });
});
