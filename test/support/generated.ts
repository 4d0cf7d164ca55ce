/** Cases for test/pages/generated.html that nobody wrote: chosen by fast-check, and carried out by a person's gestures. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { CDPSession, Frame, Page } from "playwright-core";
import type { UploadServer } from "../../scripts/lib/upload-server.ts";
import { pngOf, scene } from "../unit/core/codecs/pictures.ts";

/** The parts of a case, the simplest of each first: a failing case is shrunk towards it. */
const PARTS = {
  way: [
    "dialog",
    "drop on the input",
    "drop of a folder on the input",
    "drop on an area",
    "drop of a folder on an area",
    "drop of HTML on an area",
    "drop of addresses on an area",
    "drop of rich text on an area",
    "paste of HTML",
    "paste of words",
    "paste of a picture",
    "clipboard.read()",
    "clipboard.read() of a picture",
  ],
  realm: [
    "the window",
    "adopted from a frame",
    "adopted from a document without a window",
    "a frame of about:blank",
    "a frame of srcdoc",
    "a frame of a blob",
    "a frame",
    "a frame of XHTML",
    "a frame without an answer",
    "a frame that hangs",
    "a frame that is a download",
    "a frame of javascript:",
    "a frame that is written",
    "a lazy frame",
    "a window that it opened",
  ],
  tree: [
    "in the page",
    "beside a decoy",
    "in an open shadow root",
    "in a closed shadow root",
    "in a closed shadow root in an open one",
    "in a declarative shadow root",
    "detached",
    "in a detached element",
  ],
  opener: [
    "a person",
    "click()",
    "showPicker()",
    "an event",
    "a label",
    "an invoker",
    "the method of another window",
  ],
  meanwhile: [
    "nothing happens",
    "it is removed",
    "its parent is removed",
    "it is moved into a shadow root",
    "it is moved into a frame",
    "it is moved into a document without a window",
    "it is moved into a detached element",
    "it is a text field for a moment",
    "it takes several files",
    "its form is reset",
    "its place is written anew",
    "its document is written anew",
    "its frame is removed",
    "it is moved into a window",
    "the methods of the language are patched",
  ],
  taker: [
    "a listener at the input",
    "a capturing listener at the input",
    "a listener at its root",
    "a listener at the document",
    "a listener at the window",
    "a bubbling listener at the window",
    "a handler property",
    "polling",
    "FormData",
    "the event of a form's data",
    "a form",
    "a form that is asked to submit",
    "a worker",
  ],
  /** A picture must not arrive; of other files the page must hear what it hears without the extension. */
  file: ["a picture", "another file"],
} as const;

export type GeneratedCase = { readonly [Part in keyof typeof PARTS]: (typeof PARTS)[Part][number] };

/** Documents that the cases of one page are in: the page's address, and which of its frames. */
const DOCUMENTS = {
  "a page": { path: "generated.html" },
  "a page of XHTML": { path: "generated.xhtml" },
  "a page without an origin": { path: "generated-sandboxed.html" },
  "a frame of another origin": { path: "frames.html?kind=cross-origin&page=generated.html", inFrame: true },
  "a frame of a blob": { path: "frames.html?kind=blob&page=generated.html", inFrame: true },
  "a frame of data:": { path: "frames.html?kind=data&page=generated.html", inFrame: true },
  "a page of SVG": { path: "generated.svg" },
  "a page made by XSLT": { path: "generated-xslt.xml" },
  "a window that a page opened": { path: "opener.html", inWindow: true },
} as const satisfies Record<
  string,
  { readonly path: string; readonly inFrame?: true; readonly inWindow?: true }
>;

export interface GeneratedPage {
  readonly document: keyof typeof DOCUMENTS;
  readonly cases: readonly GeneratedCase[];
}

/** Cases on one page. */
export const CASES_ON_A_PAGE = 10;

const oneOf = <Name extends keyof typeof PARTS>(name: Name) =>
  fc.constantFrom(...(PARTS[name] as unknown as readonly GeneratedCase[Name][]));

const isOfPicture = (way: GeneratedCase["way"]) => / of a picture$/.test(way);

/** Half of all cases are dialogs, whose parts are the most. */
const anyCase: fc.Arbitrary<GeneratedCase> = fc
  .record({
    way: fc.oneof(
      { weight: 9, arbitrary: fc.constant("dialog" as const) },
      { weight: 9, arbitrary: oneOf("way") },
    ),
    realm: oneOf("realm"),
    tree: oneOf("tree"),
    opener: oneOf("opener"),
    meanwhile: oneOf("meanwhile"),
    taker: oneOf("taker"),
    file: fc.oneof(
      { weight: 4, arbitrary: fc.constant("a picture" as const) },
      { weight: 1, arbitrary: oneOf("file") },
    ),
  })
  // No page can put another file on the clipboard.
  .map((options) => (isOfPicture(options.way) ? { ...options, file: "a picture" } : options));

export const anyPage: fc.Arbitrary<GeneratedPage> = fc.record({
  document: fc.oneof(
    { weight: 4, arbitrary: fc.constant("a page" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[])) },
  ),
  cases: fc.array(anyCase, { minLength: CASES_ON_A_PAGE, maxLength: CASES_ON_A_PAGE }),
});

/** Makes a wrong case as simple as it can be: each part in turn becomes the simplest with which it is still wrong. */
export async function simplify(
  options: GeneratedCase,
  isWrong: (options: GeneratedCase) => Promise<boolean>,
): Promise<GeneratedCase> {
  let simplest = options;
  for (const [part, values] of Object.entries(PARTS))
    for (const value of values) {
      const simpler = { ...simplest, [part]: value };
      if (value === simplest[part as keyof GeneratedCase]) break;
      if (await isWrong(simpler)) {
        simplest = simpler;
        break;
      }
    }
  return simplest;
}

/** What the page got of one case. */
export interface Outcome {
  /** Whether it got the file's own bytes, in any form. */
  readonly gotOriginal: boolean;
  /** The events that it heard, and what it got in all. */
  readonly heard: readonly string[];
}

interface Prepared extends GeneratedCase {
  readonly id: string;
  readonly bytes: Buffer;
  /** Of the file, or of the folder that it is in. */
  readonly path: string;
}

/** Files for the cases of a page, each with bytes of its own. */
export async function prepare(page: GeneratedPage, run: string) {
  const folder = await mkdtemp(join(tmpdir(), "penumbra-generated-"));
  const cases = await Promise.all(
    page.cases.map(async (options, i): Promise<Prepared> => {
      const id = `${run}-${i}`;
      const isPicture = options.file === "a picture";
      // Begins like a picture and is none, so that it is refused at once and never delivered.
      const bytes = Buffer.from(
        `${isPicture ? "\x89PNG\r\n\x1a\n" : ""}the bytes of ${id}, and of nothing else`,
        "latin1",
      );
      const inFolder = join(folder, `folder-${i}`);
      await mkdir(inFolder);
      const path = join(inFolder, isPicture ? `${id}.png` : `${id}.data`);
      await writeFile(path, bytes);
      return { ...options, id, bytes, path: / of a folder /.test(options.way) ? inFolder : path };
    }),
  );
  return { document: page.document, cases, remove: () => rm(folder, { recursive: true }) };
}

type PreparedPage = Awaited<ReturnType<typeof prepare>>;

/** As much of the page's script as is used from outside. */
interface GeneratedGlobal {
  readonly generated: {
    readonly got: Readonly<Record<string, readonly string[]>>;
    readonly heard: Readonly<Record<string, readonly string[]>>;
    build(cases: readonly object[]): Promise<void>;
    place(id: string): { readonly x: number; readonly y: number; readonly name: string };
  };
}

/** Milliseconds for the cases of a page. */
const PATIENCE = 60_000;

/**
 * Carries out the cases of a page in a tab, as a person would.
 *
 * @returns undefined if the page crashed
 */
export async function carryOut(
  tab: Page,
  server: UploadServer,
  page: PreparedPage,
): Promise<Outcome[] | undefined> {
  let crashed = false;
  const note = () => {
    crashed = true;
  };
  tab.once("crash", note);
  try {
    return await Promise.race([
      carryOutCases(tab, server, page),
      // The tools of a page that ended its process may never answer.
      new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE)),
    ]);
  } catch (error) {
    if (crashed || /crashed/.test(String(error))) return undefined;
    throw error;
  } finally {
    tab.off("crash", note);
  }
}

async function carryOutCases(
  first: Page,
  server: UploadServer,
  { document, cases }: PreparedPage,
): Promise<Outcome[]> {
  const { path, inFrame, inWindow } = { inFrame: false, inWindow: false, ...DOCUMENTS[document] };
  const opened = inWindow && first.waitForEvent("popup");
  await first.goto(`${server.url}${path}${inFrame ? `&other=${server.otherUrl}` : ""}`);
  const tab = opened ? await opened : first;
  await tab.waitForLoadState();
  const frame = inFrame ? await innerFrame(tab) : tab.mainFrame();
  const session = await sessionOf(tab, frame);
  const origin = inFrame ? await (await frame.frameElement()).boundingBox() : { x: 0, y: 0 };
  await frame.evaluate(
    (cases) => (window as unknown as GeneratedGlobal).generated.build(cases),
    cases.map(({ bytes: _, path: __, ...options }) => options),
  );
  const windows = await windowsOf(tab);
  for (const options of cases) {
    const { x, y, name } = await frame.evaluate(
      (id) => (window as unknown as GeneratedGlobal).generated.place(id),
      options.id,
    );
    const other = windows.get(name);
    await GESTURES[kindOf(options.way)](
      other ?? { tab, session },
      other ? { x, y } : { x: x + (origin?.x ?? 0), y: y + (origin?.y ?? 0) },
      options,
    );
  }
  // Readers and servers answer in their own time.
  await tab.waitForTimeout(200);
  const { got, heard } = await frame.evaluate(() => {
    const { got, heard } = (window as unknown as GeneratedGlobal).generated;
    return { got, heard };
  });
  for (const page of tab.context().pages()) if ((await page.opener()) && page !== first) await page.close();
  return cases.map(({ id, bytes, way }) => {
    const sent = server.uploads.flat().filter((part) => Buffer.from(part.bytes).includes(bytes));
    const all = [...(got[id] ?? []), ...sent.map(() => bytes.toString("latin1"))];
    // The browser encodes a picture that it pastes. With the extension none is delivered, so each that comes is an original.
    const forms = isOfPicture(way)
      ? ["\x89PNG", "iVBORw0KGgo"]
      : [bytes.toString("latin1"), bytes.toString("base64"), bytes.toString("hex")];
    return {
      gotOriginal: all.some((text) => forms.some((form) => text.includes(form))),
      heard: [...(heard[id] ?? []), ...new Set(all)],
    };
  });
}

/** The windows that the page of a tab has opened, by their names. */
async function windowsOf(tab: Page): Promise<Map<string, Parameters<Gesture>[0]>> {
  const windows = new Map();
  for (const page of tab.context().pages())
    if ((await page.opener()) === tab)
      windows.set(await page.evaluate(() => window.name), {
        tab: page,
        session: await sessionOf(page, page.mainFrame()),
      });
  return windows;
}

async function innerFrame(tab: Page): Promise<Frame> {
  const frame = tab.frames()[1] ?? (await tab.waitForEvent("frameattached"));
  await frame.waitForFunction(() => "generated" in window);
  return frame;
}

/** The developer tools of a frame, with its dialogs answered by them. */
async function sessionOf(tab: Page, frame: Frame): Promise<CDPSession> {
  const context = tab.context();
  // Only a frame in a process of its own has tools of its own.
  const session = await context.newCDPSession(frame).catch(() => context.newCDPSession(tab));
  await session.send("Page.enable");
  await session.send("Page.setInterceptFileChooserDialog", { enabled: true });
  return session;
}

type Gesture = (
  where: { readonly tab: Page; readonly session: CDPSession },
  place: { readonly x: number; readonly y: number },
  options: Prepared,
) => Promise<void>;

/** Too thin to protect, so that it is refused at once and never delivered. */
const PICTURE = Buffer.from(pngOf(scene(20, 2000), 2));

/** How long a dialog takes to open, in milliseconds; not every input opens one. */
const DIALOG = 200;

/** How long a person takes in it: the page does the rest of what it does on a click before. */
const CHOOSING = 20;

const GESTURES = {
  async dialog({ tab, session }, { x, y }, { path }) {
    const opened = new Promise<number | undefined>((resolve) => {
      session.once("Page.fileChooserOpened", ({ backendNodeId }) => resolve(backendNodeId));
      setTimeout(resolve, DIALOG);
    });
    await tab.mouse.click(x, y);
    const backendNodeId = await opened;
    await tab.waitForTimeout(CHOOSING);
    if (backendNodeId)
      await session
        .send("DOM.setFileInputFiles", { backendNodeId, files: [path] })
        .catch(({ message }: Error) => {
          // The extension makes it a text field once its frame shows another page.
          if (!message.includes("not a file input")) throw new Error(message);
        });
  },
  drop: ({ tab }, place, { path }) => drop(tab, place, { items: [], files: [path] }),
  html: ({ tab }, place, { bytes, file }) =>
    drop(tab, place, { items: [{ mimeType: "text/html", data: htmlWith(bytes, file) }], files: [] }),
  addresses: ({ tab }, place, { bytes, file }) =>
    drop(tab, place, { items: [{ mimeType: "text/uri-list", data: addressOf(bytes, file) }], files: [] }),
  "rich text": ({ tab }, place, { bytes, file }) =>
    drop(tab, place, {
      items: [
        {
          mimeType: "text/rtf",
          data:
            file === "a picture"
              ? `{\\rtf1 words {\\pict\\pngblip ${bytes.toString("hex")}}}`
              : `{\\rtf1 ${bytes}}`,
        },
      ],
      files: [],
    }),
  async paste({ tab }, { x, y }, options) {
    await copy(tab, options);
    await tab.mouse.click(x, y);
    await tab.keyboard.press("Control+V");
  },
  async read({ tab }, { x, y }, options) {
    await copy(tab, options);
    await tab.mouse.click(x, y);
    await tab.waitForTimeout(50);
  },
} as const satisfies Record<string, Gesture>;

function kindOf(way: GeneratedCase["way"]): keyof typeof GESTURES {
  if (way === "dialog") return "dialog";
  if (way.startsWith("paste")) return "paste";
  if (way.startsWith("clipboard.read")) return "read";
  const [, text] = /^drop of (HTML|addresses|rich text)/.exec(way) ?? [];
  return (text?.replace("HTML", "html") ?? "drop") as keyof typeof GESTURES;
}

const addressOf = (bytes: Buffer, file: GeneratedCase["file"]) =>
  `data:${file === "a picture" ? "image/png" : "application/x-other"};base64,${bytes.toString("base64")}`;
const htmlWith = (bytes: Buffer, file: GeneratedCase["file"]) =>
  `<p>words</p><a href="${addressOf(bytes, file)}">it</a>`;

/** Copies on the page itself: what it copies does not count as got. */
async function copy(tab: Page, { way, bytes, file }: Prepared): Promise<void> {
  const [type, data] = isOfPicture(way)
    ? ["image/png", PICTURE]
    : way === "paste of words"
      ? ["text/plain", Buffer.from(`words ${addressOf(bytes, file)}`)]
      : ["text/html", Buffer.from(htmlWith(bytes, file))];
  await tab.mainFrame().evaluate(
    async ([type, base64]) => {
      try {
        const blob = await (await fetch(`data:${type};base64,${base64}`)).blob();
        await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
      } catch {
        // A page without an origin may not.
      }
    },
    [type, data.toString("base64")] as const,
  );
}

async function drop(
  tab: Page,
  { x, y }: { readonly x: number; readonly y: number },
  data: { readonly items: { mimeType: string; data: string }[]; readonly files: string[] },
): Promise<void> {
  const session = await tab.context().newCDPSession(tab);
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x, y, data: { ...data, dragOperationsMask: 1 } });
  await session.detach();
}
