/** The engine on WebGL, in software here, against the same on WASM: two implementations, one gradient. */
import type { BrowserContext, Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../scripts/lib/root.ts";
import { openPlain } from "../support/chromium.ts";

/** Small, because software WebGL is some twenty-five times slower than WASM. */
const SIDE = 64;

interface Gradient {
  readonly backend: string;
  readonly value: number;
  readonly gradient: number[];
  readonly tensorsLeft: number;
}
declare function gradientOn(backend: string, objective: string, side: number): Promise<Gradient>;

let server: ViteDevServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await createServer({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    cacheDir: "node_modules/.vite-backends",
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
    optimizeDeps: { entries: ["test/pages/backends.html"] },
  });
  await server.listen();
  context = await openPlain({ gpu: true });
  page = await context.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}test/pages/backends.html`);
  await page.waitForFunction(() => "gradientOn" in globalThis);
});
afterAll(async () => {
  await context?.close();
  await server?.close();
});

it.each(["features", "overlap", "bayes-error"])(
  "WebGL and WASM agree on the gradient of %s",
  async (objective) => {
    const on = (backend: string): Promise<Gradient> =>
      page.evaluate(([b, o, s]) => gradientOn(b, o, s), [backend, objective, SIDE] as const);
    const wasm = await on("wasm");
    const webgl = await on("webgl");
    expect([wasm.backend, webgl.backend]).toEqual(["wasm", "webgl"]);
    expect([wasm.tensorsLeft, webgl.tensorsLeft]).toEqual([0, 0]);
    expect(webgl.value).toBeCloseTo(wasm.value, 3);
    const size = Math.hypot(...wasm.gradient);
    const distance = Math.hypot(...wasm.gradient.map((g, i) => g - (webgl.gradient[i] as number)));
    expect(size).toBeGreaterThan(0);
    expect(distance / size).toBeLessThan(1e-3);
  },
);
