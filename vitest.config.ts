/**
 * Kinds of tests, by folder: unit and property tests in Node, end-to-end tests in browsers with the extension. Unit tests of code
 * that needs a page (`*.page.test.ts`) run inside of one, in Chromium.
 */
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { hasApplications } from "./scripts/lib/applications.ts";
import { findBrowser } from "./scripts/lib/chromium.ts";

const minutes = 60_000;

export default defineConfig({
  test: {
    // One core less, as usual, would be half of a small machine.
    maxWorkers: "100%",
    // Of the unit tests, those in a page included. The floors are a little below what there was when they were set.
    coverage: {
      include: ["src/**/*.{ts,tsx}"],
      reporter: ["json-summary"],
      thresholds: {
        "src/core/**": { lines: 97, branches: 85 },
        "src/page/**": { lines: 86, branches: 75 },
      },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          exclude: ["test/unit/**/*.page.test.ts"],
          // Some run the network on WASM, which takes seconds on a slow machine.
          testTimeout: 2 * minutes,
          hookTimeout: 2 * minutes,
        },
      },
      {
        extends: true,
        test: {
          name: "page",
          include: ["test/unit/**/*.page.test.ts"],
          testTimeout: minutes / 4,
          // After those in Node, which need the whole machine.
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                // Looked for only when a browser is started.
                get executablePath() {
                  return findBrowser()?.path as string;
                },
                args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: "property",
          include: ["test/property/**/*.test.ts"],
          testTimeout: 2 * minutes,
          hookTimeout: 2 * minutes,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: hasApplications("python") ? [] : ["test/e2e/applications/**"],
          globalSetup: ["test/support/setup.ts"],
          // Each file has browsers of its own, and mostly waits for them.
          maxWorkers: 2,
          // A second, as usual, is not enough for a browser on a busy machine.
          expect: { poll: { timeout: minutes / 2 } },
          testTimeout: 4 * minutes,
          hookTimeout: 4 * minutes,
        },
      },
    ],
  },
});
