/**
 * Where the work is done in Firefox: a document in a frame of the background page, which has a DOM and a GPU.
 * The browser ends a background page that makes no call of the extension's API for half a minute, however
 * busy it is, so calls are made. `worker.chrome.ts` has the same exports.
 */
import { browser } from "wxt/browser";
import type * as chromium from "./worker.chrome.ts";

const PATH = "/offscreen.html";

/** Milliseconds between two calls. */
const AWAKE = 10_000;

let creating: Promise<void> | undefined;

export const ensureWorker: typeof chromium.ensureWorker = async () => {
  // Calls that come while it is being created find its frame, and wait for the same one.
  if (!findFrame()) creating = create();
  await creating;
};

export const hasWorker: typeof chromium.hasWorker = async () => findFrame() !== null;

function findFrame(): Element | null {
  return document.querySelector("iframe");
}

async function create(): Promise<void> {
  const frame = document.createElement("iframe");
  frame.src = PATH;
  const { promise: loaded, resolve } = Promise.withResolvers<unknown>();
  frame.onload = resolve;
  document.documentElement.append(frame);
  const timer = setInterval(() => {
    if (frame.isConnected) void browser.runtime.getPlatformInfo();
    else clearInterval(timer);
  }, AWAKE);
  await loaded;
}
