/**
 * The one map of everything that the parts of the extension say to each other: requests to the background as an interface
 * of functions, and as two unions what goes over the port that carries one picture to the worker document and back.
 * Who receives checks who sent and the form of what arrived: a content script lives in the process of a page.
 */

import * as v from "valibot";
import { type Browser, browser } from "wxt/browser";
import type { ProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectionReport } from "../core/contract/protected-picture.ts";
import { type ProtectionRequest, protectionRequestSchema } from "../core/contract/protection-request.ts";
import type { FinishedJob, RunningJob } from "./status.ts";

/** Requests that the background answers. Arguments and results must survive JSON. */
export interface Requests {
  /** Makes sure that the worker document exists. From content scripts. */
  ensureWorker(): void;
  /** The person does not want pictures protected at the site that asks any more. From content scripts. */
  switchSiteOff(): void;
  /** All jobs that the worker has now. From the worker document only. */
  reportRunning(jobs: readonly RunningJob[]): void;
  /** A job has ended, and not by cancelling. From the worker document only. */
  reportFinished(job: FinishedJob): void;
}

/** Name of the ports between content scripts and the worker document; each carries one picture. */
export const PICTURE_PORT = "picture";

/** From the page side: `hello`, then after `ready` `start` and the file. Going away cancels the job. */
export type ToWorker =
  | { readonly kind: "hello"; readonly probe: Blob }
  | { readonly kind: "start"; readonly name: string; readonly options: ProtectionRequest }
  | BlobMessage;

/** From the worker document. `alive` comes every {@link HEARTBEAT} seconds at least, whatever the job does. */
export type FromWorker =
  /** `structured`: whether the probe arrived as a Blob, so that files may travel as they are. */
  | { readonly kind: "ready"; readonly structured: boolean }
  | { readonly kind: "alive" }
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "failed"; readonly problem: ProblemData }
  /** Announces the protected file, whose bytes follow. */
  | { readonly kind: "done"; readonly type: string; readonly report: ProtectionReport }
  | BlobMessage;

/** A file on its way: whole where structured clone works, otherwise in base64 chunks of at most {@link CHUNK} bytes. */
export type BlobMessage =
  | { readonly kind: "blob"; readonly blob: Blob }
  | { readonly kind: "chunk"; readonly data: string; readonly last: boolean };

/** Bytes of a file in one chunk; base64 makes four thirds of it, far under the 64 MiB limit of a JSON message. */
export const CHUNK = 3 * 2 ** 19;

/** Seconds between two signs of life of a worker. */
export const HEARTBEAT = 5;

/** Largest file taken, in bytes. */
export const LARGEST_FILE = 256 * 2 ** 20;

/** @param host of the page that asks; not its own word for it */
type Handler<Name extends keyof Requests> = (
  host: string,
  ...args: Parameters<Requests[Name]>
) => ReturnType<Requests[Name]> | Promise<ReturnType<Requests[Name]>>;

/** What the background does for each request. */
export type Handlers = { readonly [Name in keyof Requests]: Handler<Name> };

/** Requests that only pages of the extension may make. */
const FROM_WORKER: ReadonlySet<string> = new Set<keyof Requests>(["reportRunning", "reportFinished"]);

/** Asks the background. Rejects when there is none any more or it failed. */
export async function request<Name extends keyof Requests>(
  name: Name,
  ...args: Parameters<Requests[Name]>
): Promise<ReturnType<Requests[Name]>> {
  return (await browser.runtime.sendMessage({ request: name, args })) as ReturnType<Requests[Name]>;
}

/** Answers requests; called once, by the background, at the top level so that a request can wake it. */
export function answerRequests(handlers: Handlers): void {
  browser.runtime.onMessage.addListener((message: unknown, sender: Browser.runtime.MessageSender) => {
    if (!isOwn(sender) || !isRequest(message) || !Object.hasOwn(handlers, message.request)) return;
    if (FROM_WORKER.has(message.request) && !isExtensionPage(sender)) return;
    const handler = handlers[message.request] as (host: string, ...args: unknown[]) => unknown;
    // The polyfill sends a promise's result back; the extension API alone would not.
    return Promise.resolve(handler(hostOf(sender), ...message.args)) as unknown as undefined;
  });
}

/** Whether a message comes from this extension. */
export function isOwn(sender: Browser.runtime.MessageSender | undefined): boolean {
  return sender?.id === browser.runtime.id;
}

/** Host of the page that a content script runs in, for people to read; empty when unknown. */
export function hostOf(sender: Browser.runtime.MessageSender | undefined): string {
  for (const url of [sender?.origin, sender?.tab?.url, sender?.url]) {
    const host = url && URL.canParse(url) ? new URL(url).host : "";
    if (host !== "") return host;
  }
  return "";
}

/** Checks the form of what a page side sent; undefined when it is none of {@link ToWorker}. */
export function parseToWorker(message: unknown): ToWorker | undefined {
  if (!isRecord(message)) return undefined;
  switch (message.kind) {
    case "hello":
      return { kind: "hello", probe: message.probe as Blob };
    case "start": {
      const options = v.safeParse(protectionRequestSchema, message.options);
      if (typeof message.name !== "string" || !options.success) return undefined;
      return { kind: "start", name: message.name.slice(0, 255), options: options.output };
    }
    default:
      return parseBlobMessage(message);
  }
}

/** Checks the form of a part of a file. */
export function parseBlobMessage(message: unknown): BlobMessage | undefined {
  if (!isRecord(message)) return undefined;
  if (message.kind === "blob" && message.blob instanceof Blob) return { kind: "blob", blob: message.blob };
  if (message.kind !== "chunk") return undefined;
  const { data, last } = message;
  if (typeof data !== "string" || data.length > CHUNK * 2 || typeof last !== "boolean") return undefined;
  return { kind: "chunk", data, last };
}

function isRequest(message: unknown): message is { request: keyof Requests; args: unknown[] } {
  return isRecord(message) && typeof message.request === "string" && Array.isArray(message.args);
}

function isExtensionPage(sender: Browser.runtime.MessageSender): boolean {
  return sender.url?.startsWith(`${location.origin}/`) === true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
