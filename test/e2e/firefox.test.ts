/** What is Firefox's own: its background page, which ends when it is idle. The cases of every browser run in Firefox too. */
import { describe, expect, inject, test } from "vitest";
import { ENDLESS, FEW_STEPS, useBench } from "../support/bench.ts";
import { openFirefox, openPlainFirefox } from "../support/firefox.ts";
import { expectOnly, filesOf, witnessOf } from "../support/witness.ts";
import { buttons, changing, failed } from "../support/words.ts";

const missing = inject("firefox") === undefined;

/** Seconds without a call after which the browser ends the background page; 30 for people. */
const SLEEP = 12;

describe.skipIf(missing)(missing ? "in Firefox, which was not found: set FIREFOX_PATH" : "in Firefox", () => {
  const bench = useBench({
    open: () => openFirefox({ preferences: { "extensions.background.idle.timeout": SLEEP * 1000 } }),
    openPlain: openPlainFirefox,
  });

  describe("the background page", () => {
    test("stays awake as long as there is work", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const tab = await bench.open("hostile.html");
      await tab.choose("#photos", await bench.samples.photo());
      await tab.panel.waitFor(changing);
      await new Promise((resolve) => setTimeout(resolve, 2000 * SLEEP));
      expect(await tab.panel.text()).not.toContain(failed);
    });

    test("is ended in the middle of the work: the person is asked, and trying again works", async () => {
      await bench.browser.change({ steps: ENDLESS });
      const tab = await bench.open("hostile.html");
      const before = bench.server.uploads.length;
      const chosen = await bench.samples.photo("again.jpg");
      await tab.choose("#photos", chosen);
      await tab.panel.waitFor(changing);
      await bench.browser.stopBackground();
      await tab.panel.waitFor(new RegExp(`${failed}.*(went away|answer)`));
      expect(bench.server.uploads.length).toBe(before);
      expect((await witnessOf(tab)).hashes).toEqual({});
      await bench.browser.change({ steps: FEW_STEPS });
      await tab.panel.press(buttons.retry);
      const received = filesOf(await bench.server.nextUpload());
      expect(received.map(({ name }) => name)).toEqual(["again.jpg"]);
      await expectOnly(tab, received, [chosen]);
    });

    test("hears how the work ended, for the popup", async () => {
      const tab = await bench.open("hostile.html");
      await tab.choose("#photos", await bench.samples.photo("seen.jpg"));
      await bench.server.nextUpload();
      const last = async () => (await bench.browser.status()).last;
      await expect.poll(async () => (await last())?.fileName).toBe("seen.jpg");
      expect((await last())?.outcome).toMatchObject({ ok: true });
    });
  });
});
