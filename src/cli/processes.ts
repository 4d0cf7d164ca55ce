/** Protects files in several processes, each with networks of its own: one process uses one core. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Problem, type ProblemData } from "../core/contract/problem.ts";
import type { Progress, ProtectedPicture } from "../core/contract/protected-picture.ts";
import type { ProtectionRequest } from "../core/contract/protection-request.ts";
import type { PictureFile, ProtectAll } from "../core/protect/protect.ts";
import type { Settled } from "../core/protect/settled.ts";

/** To a process. */
export interface Work {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly request: ProtectionRequest;
}

/** From a process: its progress, then how it ended. */
export type Answer =
  | { readonly progress: Progress }
  | { readonly done: ProtectedPicture }
  | { readonly failed: ProblemData };

const PROGRAM = fileURLToPath(new URL("./protect-process.ts", import.meta.url));

/**
 * Makes a function like the library's own that works on `jobs` files at once. A process that ends by itself fails its file, and
 * another takes its place.
 */
export function createProtectInProcesses(jobs: number): ProtectAll {
  return async function* (files, request) {
    const outcomes = files.map(() => Promise.withResolvers<Settled<ProtectedPicture>>());
    const waiting = files.entries();
    const workThrough = async () => {
      let child = start();
      for (const [i, file] of waiting) {
        if (hasEnded(child)) child = start();
        const [outcome] = await Promise.allSettled([protectIn(child, file, request)]);
        outcomes[i]?.resolve(outcome);
      }
      if (child.connected) child.disconnect();
    };
    for (let job = 0; job < Math.min(jobs, files.length); job++) void workThrough();
    for (const { promise } of outcomes) yield await promise;
  };
}

const start = () => fork(PROGRAM, { serialization: "advanced" });

const hasEnded = ({ connected, exitCode, signalCode }: ChildProcess) =>
  !connected || exitCode !== null || signalCode !== null;

async function protectIn(
  child: ChildProcess,
  { read, onProgress }: PictureFile,
  request: ProtectionRequest,
): Promise<ProtectedPicture> {
  const bytes = await read();
  const { promise, resolve, reject } = Promise.withResolvers<ProtectedPicture>();
  const onMessage = (answer: Answer) => {
    if ("progress" in answer) onProgress?.(answer.progress);
    else if ("done" in answer) resolve(answer.done);
    else reject(new Problem(answer.failed));
  };
  const onEnd = () =>
    reject(new Problem({ code: "internal/unexpected", detail: "the process that worked on it ended" }));
  child.on("message", onMessage).once("exit", onEnd);
  // It may have ended since.
  child.send({ bytes, request } satisfies Work, (error) => error && onEnd());
  return promise.finally(() => child.off("message", onMessage).off("exit", onEnd));
}
