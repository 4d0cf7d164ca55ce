/**
 * WebDriver BiDi, as much of it as tests need: starts Firefox in a profile of its own and sends commands over a WebSocket.
 * Playwright cannot load add-ons in Firefox, and this is the protocol that Firefox itself speaks.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Bidi {
  /** Sends a command; rejects with the browser's own words when it fails. */
  send<Result = unknown>(method: string, params: object): Promise<Result>;
  /** Calls a listener with each event of this kind, once it is subscribed to. */
  on<Params>(method: string, listener: (params: Params) => void): void;
  close(): Promise<void>;
}

interface Message {
  readonly type: "success" | "error" | "event";
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly message?: string;
}

/**
 * Starts Firefox, with some of its preferences changed.
 * @param display a screen such as ":1", if there is one
 * @param folder of the profile, which stays; otherwise it is a fresh one
 */
export async function startFirefox(
  path: string,
  preferences: Readonly<Record<string, string | number | boolean>>,
  { display, folder }: { readonly display?: string | undefined; readonly folder?: string | undefined },
): Promise<Bidi> {
  const profile = folder ?? (await mkdtemp(join(tmpdir(), "penumbra-firefox-")));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  await writeFile(join(profile, "user.js"), lines.join("\n"));
  const args = [
    ...(display ? [] : ["--headless"]),
    "--no-remote",
    "--profile",
    profile,
    "--remote-debugging-port=0",
  ];
  // Without system access, pages of extensions cannot be opened.
  const firefox = spawn(path, [...args, "--remote-allow-system-access"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...(display && { DISPLAY: display, GDK_BACKEND: "x11" }) },
  });
  const ended = new Promise<void>((resolve) => firefox.once("exit", () => resolve()));
  const end = async () => {
    firefox.kill();
    await ended;
    if (!folder) await rm(profile, { recursive: true, maxRetries: 5 });
  };
  try {
    return bidiOver(await connect(`${await addressOf(firefox)}/session`), end);
  } catch (error) {
    await end();
    throw error;
  }
}

function bidiOver(socket: WebSocket, end: () => Promise<void>): Bidi {
  const answers = new Map<number, (message: Message) => void>();
  const listeners: ((message: Message) => void)[] = [];
  let id = 0;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Message;
    if (message.type === "event") for (const listen of listeners) listen(message);
    else answers.get(message.id as number)?.(message);
  };
  return {
    async send(method, params) {
      const answer = await new Promise<Message>((resolve) => {
        answers.set(++id, resolve);
        socket.send(JSON.stringify({ id, method, params }));
      });
      if (answer.type === "error") throw new Error(`${method}: ${answer.message}`);
      return answer.result as never;
    },
    on(method, listener) {
      listeners.push((message) => {
        if (message.method === method) listener(message.params as never);
      });
    },
    async close() {
      socket.close();
      await end();
    },
  };
}

/** Where Firefox says that it listens. */
function addressOf(firefox: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    firefox.stderr?.on("data", (chunk: Buffer) => {
      said += chunk;
      const [, address] = /WebDriver BiDi listening on (ws:\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    firefox.once("error", reject);
    firefox.once("exit", () => reject(new Error(`Firefox ended at once: ${said}`)));
  });
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no connection to ${url}`));
  });
  return socket;
}
