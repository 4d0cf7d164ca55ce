/** The popup: every state of it looked at alone, and the real one inside the extension. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launch } from "../../scripts/lib/browser.ts";
import { ROOT } from "../../scripts/lib/root.ts";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import { comparison } from "../../src/bridge/strings/components.ts";
import { popup as text } from "../../src/bridge/strings/popup.ts";
import { startPageServer } from "../pages/server.ts";
import { FEW_STEPS } from "../support/bench.ts";
import { type Chromium, openChromium, openPlain } from "../support/chromium.ts";
import { choose } from "../support/gestures.ts";
import { createSamples, type Samples } from "../support/samples.ts";
import { states } from "./popup-gallery/states.ts";

describe("each state alone", () => {
  let vite: ViteDevServer;
  let browser: BrowserContext;
  let page: Page;
  let gallery: string;
  let axe: string;

  beforeAll(async () => {
    vite = await createServer({
      configFile: false,
      root: ROOT,
      cacheDir: join(tmpdir(), "penumbra-gallery"),
      logLevel: "error",
      server: { hmr: false, watch: null },
    });
    await vite.listen();
    gallery = `${vite.resolvedUrls?.local[0]}test/e2e/popup-gallery/index.html`;
    axe = await readFile(join(ROOT, "node_modules", "axe-core", "axe.min.js"), "utf8");
    browser = await openPlain();
    page = await browser.newPage();
    await page.setViewportSize({ width: 360, height: 600 });
  });

  afterAll(async () => {
    await browser?.close();
    await vite?.close();
  });

  test.each(Object.keys(states()))("%s can be read by everyone and fits", async (state) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(`${gallery}?state=${state}`);
      await page.waitForSelector("html[data-ready]");
      for (const details of await page.$$("details"))
        await details.evaluate((element) => element.setAttribute("open", ""));
      await page.evaluate(axe);
      // Only the colours differ between the schemes.
      const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
      const { violations } = await page.evaluate(async (rules) => {
        const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
        return await axe.run(rules ? { runOnly: rules } : {});
      }, rules);
      expect(violations.map(({ id, nodes }) => [colorScheme, id, nodes.map(({ html }) => html)])).toEqual([]);
      const { width, height, overflow } = await page.evaluate(() => {
        const popup = document.querySelector(".popup") as HTMLElement;
        const body = document.querySelector(".body") as HTMLElement;
        return {
          width: popup.offsetWidth,
          height: popup.offsetHeight,
          overflow: [...body.querySelectorAll<HTMLElement>("*")]
            .filter((element) => element.getBoundingClientRect().right > 360)
            .map(({ outerHTML }) => outerHTML),
        };
      });
      expect(width).toBe(360);
      expect(height).toBeLessThanOrEqual(560);
      expect(overflow).toEqual([]);
    }
  });

  test("the line between before and after follows the keyboard and the mouse", async () => {
    await page.goto(`${gallery}?state=result`);
    const slider = page.getByRole("slider", { name: comparison.slider });
    await slider.focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    expect(await slider.getAttribute("aria-valuetext")).toBe(comparison.sliderValue(48));
    const box = (await slider.boundingBox()) as { x: number; y: number; width: number; height: number };
    await page.mouse.click(box.x + 0.9 * box.width, box.y + 20);
    const line = (await page.locator(".frame-line").boundingBox()) as { x: number };
    expect(Math.abs(line.x - (box.x + 0.9 * box.width))).toBeLessThan(12);
    await page.getByText(comparison.difference, { exact: true }).click();
    expect(await page.getByRole("img").getAttribute("alt")).toBe(comparison.differenceAlt);
  });
});

describe("inside the extension", () => {
  let extension: Chromium;
  let server: UploadServer;
  let samples: Samples;
  let site: Page;
  let popup: Page;
  let address: string;
  const errors: string[] = [];

  beforeAll(async () => {
    extension = await openChromium();
    server = await startPageServer();
    samples = await createSamples();
    address = await extension.inWorker(() => chrome.runtime.getURL("popup.html"), undefined);
  });

  afterAll(async () => {
    await extension?.close();
    await server?.close();
    await samples?.remove();
  });

  beforeEach(async () => {
    errors.length = 0;
    await extension.inWorker(async () => {
      await chrome.storage.local.clear();
      await chrome.storage.session.clear();
    }, undefined);
    site = await extension.context.newPage();
    popup = await extension.context.newPage();
    popup.on("pageerror", (error) => errors.push(error.message));
    popup.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  });

  afterEach(async () => {
    await site.close();
    await popup.close();
    expect(errors).toEqual([]);
  });

  /** Opens the popup as a page while another tab is the active one, as when it hangs below the toolbar. */
  async function openOver(page: Page): Promise<void> {
    await popup.goto(address);
    await page.bringToFront();
    await popup.reload();
    await popup.waitForSelector(".site");
  }

  const stored = async () =>
    await extension.inWorker(
      async () =>
        (await chrome.storage.local.get("settings")).settings as Record<string, unknown> | undefined,
      undefined,
    );

  test("begins with the defaults when nothing is stored", async () => {
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    expect(await stored()).toBeUndefined();
    expect(await popup.getByRole("switch", { name: text.master.label }).isChecked()).toBe(true);
    expect(await popup.getByRole("radio", { name: /Balanced/ }).isChecked()).toBe(true);
    expect(await popup.getByRole("heading", { name: text.empty.title }).isVisible()).toBe(true);
  });

  test("stores what is chosen with the keyboard, and shows it the next time", async () => {
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    const radio = (name: RegExp) => popup.getByRole("radio", { name });
    await popup.keyboard.press("Tab");
    await popup.keyboard.press("Tab");
    await popup.keyboard.press("Tab");
    expect(await radio(/Balanced/).evaluate((element) => element === document.activeElement)).toBe(true);
    await popup.keyboard.press("ArrowRight");
    // Past the sites, which are folded away.
    await popup.keyboard.press("Tab");
    await popup.keyboard.press("Tab");
    await popup.keyboard.press("Enter");
    await popup.keyboard.press("Tab");
    await popup.keyboard.press("ArrowDown");
    await popup.keyboard.press("ArrowDown");
    await expect.poll(stored).toMatchObject({ strength: "strong", objective: "bayes-error" });
    await popup.reload();
    expect(await radio(/Strong/).isChecked()).toBe(true);
    await popup.getByText(text.advanced.heading).click();
    expect(await radio(/Bayes error/).isChecked()).toBe(true);
  });

  test("follows a change made elsewhere", async () => {
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    await extension.change({ enabled: false });
    await popup.getByText(text.site.paused).waitFor();
    expect(await popup.getByRole("switch", { name: text.master.label }).isChecked()).toBe(false);
  });

  test("switches a listed site off and on again", async () => {
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    const { hostname } = new URL(server.url);
    const ofSite = popup.getByRole("switch", { name: text.site.switchLabel(hostname) });
    expect(await ofSite.isChecked()).toBe(true);
    await ofSite.click();
    await popup.getByText(text.site.offPerson).waitFor();
    expect(await stored()).toMatchObject({ sites: { [hostname]: false } });
    await ofSite.click();
    await popup.getByText(text.site.onList).waitFor();
    expect(await stored()).toMatchObject({ sites: {} });
  });

  test("lists what was chosen for sites, forgets it, and adds a site by its pattern", async () => {
    await extension.change({ sites: { "reddit.com": false, localhost: false } });
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    await popup.getByText(text.sites.heading, { exact: true }).click();
    await popup.getByRole("button", { name: text.sites.removeLabel("reddit.com") }).click();
    await expect.poll(stored).toMatchObject({ sites: { localhost: false } });
    // Needs no question to the browser, which no test can answer.
    await popup.getByRole("textbox", { name: text.sites.name }).fill("http://localhost/*");
    await popup.getByRole("button", { name: text.sites.add, exact: true }).click();
    await expect.poll(stored).toMatchObject({ sites: {} });
    await popup.getByText(text.site.onList).waitFor();
  });

  test("names the sites of parts of the page in which it cannot run", async () => {
    await site.goto(`${server.url}blank.html`);
    await site.evaluate(async () => {
      for (const [src, width] of [
        ["http://uploads.example.org/", "300"],
        ["http://pixel.example.net/", "1"],
        [location.href, "300"],
      ] as const)
        document.body.append(Object.assign(document.createElement("iframe"), { src, width, height: "200" }));
    });
    await openOver(site);
    await popup.getByText("uploads.example.org").waitFor();
    expect(await popup.locator(".frames li").allInnerTexts()).toEqual([
      expect.stringContaining("uploads.example.org"),
    ]);
  });

  test("says where it cannot run", async () => {
    await site.goto("chrome://version");
    await openOver(site);
    expect(await popup.locator(".site").innerText()).toContain(text.site.closed.browser.title);
    expect(await popup.locator(".site").getByRole("switch").count()).toBe(0);
  });

  test("is a bubble of 360 pixels without a scroll bar of its own", async () => {
    await site.goto(`${server.url}form.html`);
    await popup.goto(address);
    await site.bringToFront();
    await extension.inWorker(async () => await chrome.action.openPopup(), undefined);
    const bubble = async () =>
      await popup.evaluate(() =>
        chrome.extension.getViews({ type: "popup" }).map(({ innerWidth, innerHeight, document }) => ({
          width: innerWidth,
          rest: document.documentElement.scrollHeight - innerHeight,
          site: document.querySelector("#site-name")?.textContent,
        })),
      );
    await expect.poll(bubble).toEqual([{ width: 360, rest: 0, site: new URL(server.url).hostname }]);
  });

  test("shows a picture under way, and then what became of it", async () => {
    await extension.change({ steps: FEW_STEPS });
    await site.goto(`${server.url}form.html`);
    await openOver(site);
    const photo = await samples.photo();
    await choose(site, 'input[type="file"]', photo);
    await popup.getByRole("progressbar", { name: text.running.progress(photo.name) }).waitFor();
    await popup.getByText(/^Penumbra’s built-in network/).waitFor({ timeout: 120_000 });
    expect(await popup.getByRole("progressbar").count()).toBe(0);
    const sizes = await popup
      .locator(".frame img")
      .evaluateAll((images) =>
        (images as HTMLImageElement[]).map(({ naturalWidth, naturalHeight }) => [
          naturalWidth,
          naturalHeight,
        ]),
      );
    expect(sizes).toHaveLength(2);
    for (const [width, height] of sizes) expect(Math.max(width ?? 0, height ?? 0)).toBeGreaterThan(100);
    expect(await popup.locator(".change").first().innerText()).toMatch(/^[<\d].*%\s*→\s*to\s*[<\d].*%$/);
  });
});

describe("while the background sleeps", () => {
  test("shows and stores everything, and wakes nobody", async () => {
    const { context, inWorker, close } = await openChromium();
    try {
      const popup = await context.newPage();
      const address = await inWorker(() => chrome.runtime.getURL("popup.html"), undefined);
      const session = await context.newCDPSession(popup);
      const workers = async () =>
        (await session.send("Target.getTargets")).targetInfos.filter(({ type }) => type === "service_worker");
      // The events of a new profile may still start the worker again after it was stopped.
      const afterStop = async () => {
        for (const { targetId } of await workers()) await session.send("Target.closeTarget", { targetId });
        await new Promise((resolve) => setTimeout(resolve, 500));
        return await workers();
      };
      await expect.poll(afterStop, { timeout: 20_000 }).toEqual([]);
      await popup.goto(address);
      await popup.getByText("Invisible", { exact: true }).click();
      const strength = async () =>
        await popup.evaluate(async () => (await chrome.storage.local.get("settings")).settings);
      await expect.poll(strength).toMatchObject({ strength: "invisible" });
      expect(await popup.getByRole("radio", { name: /Invisible/ }).isChecked()).toBe(true);
      expect(await workers()).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe("on a site that is not listed", () => {
  // Only a real click on the toolbar shows the popup the address of such a page; this copy may always see it.
  test("is switched on by the person, and tells when the browser takes it back", async () => {
    const copy = await mkdtemp(join(tmpdir(), "penumbra-extension-"));
    await cp(inject("extensionDir"), copy, { recursive: true });
    const manifestPath = join(copy, "manifest.json");
    const manifest = JSON.parse(await readFile(manifestPath, "utf8"));
    manifest.permissions.push("tabs");
    manifest.host_permissions.push("*://*.example.org/*");
    await writeFile(manifestPath, JSON.stringify(manifest));
    const { context, worker } = await launch(
      { path: inject("browserPath"), name: "browser", branded: false },
      copy,
      { headless: true },
    );
    try {
      await context.route("http://*.example.org/**", (route) =>
        route.fulfill({ contentType: "text/html", body: "<h1>Photos</h1>" }),
      );
      const site = await context.newPage();
      await site.goto("http://www.example.org/");
      const popup = await context.newPage();
      await popup.goto(await worker.evaluate(() => chrome.runtime.getURL("popup.html")));
      await site.bringToFront();
      await popup.reload();

      const ofSite = popup.getByRole("switch", { name: text.site.switchLabel("example.org") });
      await popup.getByText(text.site.offNone).waitFor();
      expect(await ofSite.isChecked()).toBe(false);
      await ofSite.click();
      await popup.getByText(text.site.onPerson).waitFor();
      expect(await ofSite.isChecked()).toBe(true);

      const management = await context.newPage();
      await management.goto("chrome://extensions");
      await site.bringToFront();
      const id = new URL(popup.url()).host;
      await management.evaluate(
        async (extensionId) =>
          await chrome.developerPrivate.updateExtensionConfiguration({ extensionId, hostAccess: "ON_CLICK" }),
        id,
      );
      await popup.getByText(text.site.unpermitted).waitFor();
      expect(await ofSite.isChecked()).toBe(false);
      await management.evaluate(
        async (extensionId) =>
          await chrome.developerPrivate.addHostPermission(extensionId, "*://*.example.org/*"),
        id,
      );
      await popup.getByText(text.site.onPerson).waitFor();
      await ofSite.click();
      await popup.getByText(text.site.offNone).waitFor();
    } finally {
      await context.close();
      await rm(copy, { recursive: true, force: true });
    }
  });
});

/** As much of the extension API as these tests use from inside. */
declare const chrome: {
  readonly runtime: { getURL(path: string): string };
  readonly action: { openPopup(): Promise<void> };
  readonly extension: { getViews(filter: { type: "popup" }): Window[] };
  readonly storage: Record<
    "local" | "session",
    { get(key: string): Promise<Record<string, unknown>>; clear(): Promise<void> }
  >;
  readonly developerPrivate: {
    updateExtensionConfiguration(update: { extensionId: string; hostAccess: "ON_CLICK" }): Promise<void>;
    addHostPermission(extensionId: string, host: string): Promise<void>;
  };
};
