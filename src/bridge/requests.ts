/**
 * Short questions to the background, as one interface of functions. Pictures do not pass here: see
 * `picture-port.ts`. The background checks who asks, because a content script lives in the process of a page.
 */
import { type Browser, browser } from "wxt/browser";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";
import { hostsOf, isExtensionPage, isOwn } from "./sender.ts";
import type { FinishedJob, RunningJob } from "./status.ts";

/** Everything that the background answers. */
export interface Requests {
  /** Makes sure that the worker exists. From content scripts. */
  ensureWorker(): void;
  /** Hosts of the frame that asks and of its tab, as far as they are known. From content scripts. */
  getHosts(): readonly string[];
  /** Switches protection off at the sites that the frame that asks belongs to. From content scripts. */
  switchSiteOff(): void;
  /**
   * The request that the settings make for a picture.
   * From the worker only.
   *
   * @param site host of the page that the picture is uploaded to; empty if it is not uploaded
   */
  getProtectionRequest(site: string): ProtectionRequest;
  /** Whether a file of this hash was made by Penumbra here; see `protected-files.ts`. From the worker only. */
  isProtected(hash: string): boolean;
  /** Penumbra has made a file of this hash. From the worker only. */
  rememberProtected(hash: string): void;
  /** All jobs that the worker has now. From the worker only. */
  reportRunning(jobs: readonly RunningJob[]): void;
  /** A job has succeeded or failed; cancelled jobs are not reported. From the worker only. */
  reportFinished(job: FinishedJob): void;
}

/** Requests that only pages of the extension may make. */
const FROM_WORKER: ReadonlySet<string> = new Set<keyof Requests>([
  "getProtectionRequest",
  "isProtected",
  "rememberProtected",
  "reportRunning",
  "reportFinished",
]);

/** @param hosts of the frame that asks and of its tab, as the browser names them and not as the page does */
type Handler<Name extends keyof Requests> = (
  hosts: readonly string[],
  ...args: Parameters<Requests[Name]>
) => ReturnType<Requests[Name]> | Promise<ReturnType<Requests[Name]>>;

/** What the background does for each request. */
export type Handlers = { readonly [Name in keyof Requests]: Handler<Name> };

/** Asks the background. Rejects when it failed, or when there is none any more. */
export async function sendRequest<Name extends keyof Requests>(
  name: Name,
  ...args: Parameters<Requests[Name]>
): Promise<ReturnType<Requests[Name]>> {
  return (await browser.runtime.sendMessage({ request: name, args })) as ReturnType<Requests[Name]>;
}

/** Answers requests. Called once by the background, at the top level, so that a request can wake it. */
export function answerRequests(handlers: Handlers): void {
  browser.runtime.onMessage.addListener((message: unknown, sender: Browser.runtime.MessageSender) => {
    if (!isOwn(sender) || !isRequest(message) || !Object.hasOwn(handlers, message.request)) return;
    if (FROM_WORKER.has(message.request) && !isExtensionPage(sender)) return;
    const handler = handlers[message.request] as (hosts: readonly string[], ...args: unknown[]) => unknown;
    // The polyfill sends a promise's result back; the extension API alone would not.
    return Promise.resolve(handler(hostsOf(sender), ...message.args)) as unknown as undefined;
  });
}

function isRequest(message: unknown): message is { request: keyof Requests; args: unknown[] } {
  if (typeof message !== "object" || message === null) return false;
  const { request, args } = message as Record<string, unknown>;
  return typeof request === "string" && Array.isArray(args);
}
