/** A context whose choices a test handles itself, and a record of what the page hears. */
import type { Choice } from "../../../../src/page/choice.ts";
import type { Gate } from "../../../../src/page/gate.ts";
import type { KnownFiles } from "../../../../src/page/known-files.ts";
import type { PageContext } from "../../../../src/page/page-context.ts";
import type { TestPage } from "./page.ts";
import type { OnDisk } from "./person.ts";

export interface TestContext {
  readonly context: PageContext;
  /** All choices that were held, the latest last. */
  readonly choices: readonly Choice[];
  readonly gate: Gate;
  readonly knownFiles: KnownFiles;
  /** What was announced to the page's world: for each call the files' names with their paths. */
  readonly toldPaths: readonly (readonly string[])[];
  /** `effectAllowed` and `dropEffect` of the transfers that were announced to the page's world. */
  readonly toldEffects: readonly (readonly string[])[];
  /** Attaches a closed shadow root, into which the context can look as an extension can. */
  attachClosed(host: Element): ShadowRoot;
}

/** Makes a context in a page. @param on whether protection is on; undefined as long as it is not known */
export async function createTestContext(
  page: TestPage,
  on: boolean | undefined = true,
): Promise<TestContext> {
  const [{ createPageContext }, { createGate }, { createKnownFiles }] = await Promise.all([
    page.load<typeof import("../../../../src/page/page-context.ts")>("/src/page/page-context.ts"),
    page.load<typeof import("../../../../src/page/gate.ts")>("/src/page/gate.ts"),
    page.load<typeof import("../../../../src/page/known-files.ts")>("/src/page/known-files.ts"),
  ]);
  const gate = createGate();
  if (on !== undefined) gate.set(on);
  const knownFiles = createKnownFiles();
  const choices: Choice[] = [];
  const toldPaths: string[][] = [];
  const toldEffects: string[][] = [];
  const roots = new Map<Element, ShadowRoot>();
  const context = createPageContext({
    gate,
    knownFiles,
    handle: async (choice) => void choices.push(choice),
    tellPaths: (files, paths) => {
      if (files.length > 0) toldPaths.push(files.map((file, i) => `${describeFile(file)} at ${paths[i]}`));
    },
    tellEffects: (_, ...effects) => void toldEffects.push(effects),
    warmUp: () => {},
    shadowRootOf: (element) => roots.get(element) ?? element.shadowRoot,
  });
  return {
    ...{ context, choices, gate, knownFiles, toldPaths, toldEffects },
    attachClosed(host) {
      const root = host.attachShadow({ mode: "closed" });
      roots.set(host, root);
      return root;
    },
  };
}

/** The latest choice. */
export function latest({ choices }: TestContext): Choice {
  const choice = choices.at(-1);
  if (!choice) throw new Error("expected a choice to be held");
  return choice;
}

const PROTECTED = "image/protected";

/** Stands for the protected picture of a file, and passes on what is no picture. */
export function protect(file: File): File {
  return /\.png$/.test(file.name) ? new File(["protected"], file.name, { type: PROTECTED }) : file;
}

/** Delivers a choice protected. @returns whether the page handled it */
export async function deliver(choice: Choice): Promise<boolean> {
  return await choice.deliver(choice.files.map(protect));
}

/** `original 16.png` or `protected 16.png`. */
export function describeFile({ name, type }: File): string {
  return `${type === PROTECTED ? "protected" : "original"} ${name}`;
}

/** A picture that a script made. */
export function madeFile(name: OnDisk | "made.png" = "made.png"): File {
  return new File(["made"], name, { type: "image/png" });
}

/** Puts files into an input as a script does, without an event. */
export function putInto(input: HTMLInputElement, ...files: readonly File[]): void {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
}

export function filesIn(input: HTMLInputElement): string[] {
  return [...(input.files ?? [])].map(describeFile);
}

/** What a listener of the page heard: the event, and the files that it could get hold of. */
export interface Heard {
  readonly type: string;
  readonly trusted: boolean;
  readonly files: readonly string[];
}

/** Records what listeners of the page at a target hear, in the capture phase unless said otherwise. */
export function listen(target: EventTarget, types: readonly string[], capture = true): Heard[] {
  const heard: Heard[] = [];
  for (const type of types)
    target.addEventListener(
      type,
      (event) => {
        const { files } = event.composedPath()[0] as HTMLInputElement;
        const { dataTransfer } = event as DragEvent;
        const { clipboardData } = event as ClipboardEvent;
        const found = files ?? dataTransfer?.files ?? clipboardData?.files ?? [];
        heard.push({ type, trusted: event.isTrusted, files: [...found].map(describeFile) });
      },
      capture,
    );
  return heard;
}

/** Both events of a choice, as dispatched after protecting. */
export function chosenEvents(...files: readonly string[]): Heard[] {
  return ["input", "change"].map((type) => ({ type, trusted: false, files }));
}
