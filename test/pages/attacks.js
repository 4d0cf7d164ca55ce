/**
 * Attempts of a page to get the bytes of a picture that a person chose, or to learn what is not its business, each under its
 * name. `?names` (JSON) says which run. `attacks.loot[name]` has the SHA-256 of all bytes that an attempt got,
 * `attacks.facts[name]` what it found out. The test drives the phases: `early` in the head, `ready` with the document,
 * `pending` right after the choice, `after` when all is over.
 */
window.attacks = (() => {
  // Taken before any attempt patches them.
  const { arrayBuffer } = Blob.prototype;
  const { addEventListener } = EventTarget.prototype;
  const { apply } = Reflect;
  const filesOf = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "files").get;
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  const kindOf = (value) => apply(Object.prototype.toString, value, []).slice(8, -1);
  const NativeFormData = FormData;
  const entriesOf = FormData.prototype.entries;

  const loot = {};
  const facts = {};
  const names = JSON.parse(new URLSearchParams(location.search).get("names") ?? "[]");
  const attacks = { loot, facts, reads: 0, uploads: 0, target: undefined, quiet: false };

  async function hash(name, bytes) {
    attacks.reads++;
    try {
      let text = "";
      for (const byte of new Uint8Array(await digest("SHA-256", await bytes)))
        text += byte.toString(16).padStart(2, "0");
      loot[name][text] = true;
    } catch {
      // What cannot be read is no loot.
    } finally {
      attacks.reads--;
    }
  }

  /** Reads every file within a value, once. */
  function taker(name) {
    const seen = new WeakSet();
    let busy = false;
    return function take(value) {
      // What we use here may be patched.
      if (busy || typeof value !== "object" || value === null) return;
      busy = true;
      try {
        look(value, 2);
      } finally {
        busy = false;
      }
    };
    function look(value, depth) {
      if (typeof value !== "object" || value === null || depth === 0) return;
      const kind = kindOf(value);
      if (/^(File|Blob|ArrayBuffer)$|^Uint8Array$/.test(kind)) {
        if (seen.has(value)) return;
        seen.add(value);
        hash(name, /File|Blob/.test(kind) ? apply(arrayBuffer, value, []) : value.slice(0));
      } else if (kind === "HTMLInputElement") look(filesOf.call(value), depth);
      else if (kind === "FormData") for (const entry of entriesOf.call(value)) look(entry[1], depth - 1);
      else if (kind === "DataTransfer") look(value.files, depth - 1);
      else if (kind === "FileList" || kind === "Array")
        for (let i = 0; i < value.length && i < 20; i++) look(value[i], depth - 1);
    }
  }

  /** What an ordinary page does with its files; it uses everything that an attempt may have patched. */
  function use(event) {
    const input = event.target;
    event.composedPath();
    const files = Array.from(input.files).filter((file) => file.size > 0);
    if (files.length === 0) return;
    for (const file of input.files) file.slice(0, 9);
    input.files.item(0);
    const transfer = new DataTransfer();
    transfer.items.add(files[0]);
    new FileReader().readAsArrayBuffer(files[0]);
    URL.revokeObjectURL(URL.createObjectURL(files[0]));
    structuredClone(files);
    window.postMessage(files[0], "*");
    Promise.resolve(files[0]).then((file) => new File([file], file.name).arrayBuffer());
    input.dispatchEvent(new CustomEvent("chosen", { detail: files.map((file) => file) }));
    const form = new FormData();
    for (const file of files) form.append("photo", file);
    if (!attacks.quiet) fetch("/upload", { method: "POST", body: form }).then(() => attacks.uploads++);
  }

  /** Makes an input one that a person chooses in. */
  function uploads(input) {
    input.addEventListener("change", use);
    attacks.target = input;
    return input;
  }

  const every = (ms, work) => setInterval(work, ms);
  const typesOf = (...objects) => {
    const found = new Set();
    for (const object of objects)
      for (const name in object) if (name.startsWith("on")) found.add(name.slice(2));
    return found;
  };
  const TYPES = [
    ...typesOf(window, document, HTMLElement.prototype),
    "focusin",
    "focusout",
    "DOMContentLoaded",
  ];

  function patch(object, name, make) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    if (descriptor.get) Object.defineProperty(object, name, { ...descriptor, get: make(descriptor.get) });
    else Object.defineProperty(object, name, { ...descriptor, value: make(descriptor.value) });
  }

  /** Patches methods and getters, to take from `this`, the arguments and the result. */
  function tap(take, object, ...members) {
    for (const member of members)
      patch(
        object,
        member,
        (original) =>
          function (...args) {
            take(this);
            take(args);
            const result = apply(original, this, args);
            take(result);
            return result;
          },
      );
  }

  /** Listens first, for everything that tells of a choice, and lets nobody else hear. */
  function usurp(target, take, stop = true) {
    for (const type of ["input", "change", "cancel"])
      apply(addEventListener, target, [
        type,
        (event) => {
          take(event.composedPath()[0]);
          take(event.target);
          if (stop) event.stopImmediatePropagation();
        },
        true,
      ]);
  }

  const FRAME_INPUT = '<input id="inner" type="file">';

  function frame(prepare = () => {}) {
    const element = document.createElement("iframe");
    prepare(element);
    document.body.append(element);
    return element;
  }

  const host = () => [...document.documentElement.children].find((child) => child.popover === "manual");

  const ATTEMPTS = {
    // Those that only look: they can all look at once.

    "polls by every clock": {
      ready({ take, input }) {
        every(2, () => take(input));
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => take(input);
        every(5, () => port2.postMessage(0));
        const frame = () => requestAnimationFrame(frame, take(input));
        frame();
      },
    },
    "polls from another frame": {
      ready({ take, input }) {
        frame().contentWindow.setInterval(() => take(input), 5);
      },
    },
    "looks in every event of every target": {
      ready({ take, input }) {
        for (const target of [window, document, document.documentElement, document.body, input])
          for (const type of TYPES)
            for (const capture of [true, false])
              apply(addEventListener, target, [type, () => take(input), { capture, passive: true }]);
      },
    },
    "sets handler properties and attributes": {
      ready({ take, input }) {
        window.takeFromHandler = take;
        for (const target of [window, document, input]) {
          target.oninput = () => take(input);
          target.onchange = () => take(input);
        }
        input.form.setAttribute("onchange", "takeFromHandler(event.target)");
      },
    },
    "keeps the file list of before": {
      ready({ take, input }) {
        const list = input.files;
        every(5, () => take(list));
        apply(addEventListener, window, ["change", () => take(list.length ? list : input.files)]);
      },
    },
    "patches the getter of files": {
      early: ({ take }) => tap(take, HTMLInputElement.prototype, "files", "value"),
      pending: ({ take }) => tap(take, HTMLInputElement.prototype, "files", "value"),
    },
    "wraps addEventListener": {
      early({ take }) {
        patch(
          EventTarget.prototype,
          "addEventListener",
          (original) =>
            function (type, listener, options) {
              const wrapped =
                typeof listener === "function"
                  ? function (event) {
                      take(event.target);
                      return apply(listener, this, [event]);
                    }
                  : listener;
              return apply(original, this, [type, wrapped, options]);
            },
        );
      },
    },
    "wraps dispatchEvent and the events' constructors": {
      early({ take }) {
        tap(take, EventTarget.prototype, "dispatchEvent");
        patch(
          window,
          "CustomEvent",
          (original) =>
            class extends original {
              constructor(type, init) {
                super(type, init);
                take(init?.detail);
              }
            },
        );
      },
    },
    "breaks the methods of events": {
      early({ take }) {
        for (const name of ["stopImmediatePropagation", "stopPropagation", "preventDefault"])
          patch(
            Event.prototype,
            name,
            () =>
              function () {
                take(this.target);
              },
          );
        patch(
          Event.prototype,
          "composedPath",
          (original) =>
            function () {
              take(this.target);
              return apply(original, this, []);
            },
        );
      },
    },
    "patches FileList": {
      early({ take }) {
        tap(take, FileList.prototype, "item", "length", Symbol.iterator);
      },
    },
    "patches DataTransfer": {
      early({ take }) {
        tap(take, DataTransferItemList.prototype, "add");
        tap(take, DataTransfer.prototype, "files", "items");
      },
    },
    "replaces File, Blob and FileReader": {
      early({ take }) {
        for (const name of ["File", "Blob", "FileReader", "Response", "Request", "DataTransfer"])
          patch(
            window,
            name,
            (original) =>
              new Proxy(original, {
                construct(target, args, newTarget) {
                  take(args[0]);
                  return Reflect.construct(target, args, newTarget);
                },
              }),
          );
      },
    },
    "patches what reads a file": {
      early({ take }) {
        tap(take, Blob.prototype, "arrayBuffer", "slice", "stream", "text", "size", "type");
        tap(take, FileReader.prototype, "readAsArrayBuffer", "readAsDataURL", "readAsText");
        tap(take, URL, "createObjectURL");
        tap(take, window, "createImageBitmap", "fetch");
      },
    },
    "patches the arrays, promises and functions of the language": {
      early({ take }) {
        tap(take, Array, "from");
        tap(take, Array.prototype, "filter", "map", "every");
        tap(take, Promise.prototype, "then");
        tap(take, Promise, "resolve");
        tap(take, WeakSet.prototype, "add", "has");
        tap(take, Map.prototype, "set", "get");
      },
    },
    "patches messages and clones": {
      early({ take }) {
        tap(take, window, "postMessage", "structuredClone");
        tap(take, MessagePort.prototype, "postMessage");
        apply(addEventListener, window, ["message", (event) => take(event.data), true]);
      },
    },
    "makes FormData of the form all the time": {
      ready({ take, form }) {
        const make = () => take(new NativeFormData(form));
        every(5, make);
        for (const type of ["input", "change", "click", "focusin", "focusout", "chosen", "formdata"])
          apply(addEventListener, window, [
            type,
            (event) => take(event.formData) ?? (type === "formdata" || make()),
            true,
          ]);
      },
      pending: ({ take, form }) => take(new NativeFormData(form)),
    },
    "clones the input all the time": {
      ready({ take, input }) {
        every(5, () => take(input.cloneNode(true)));
        apply(addEventListener, input, ["change", () => take(input.cloneNode()), true]);
      },
    },

    // Those that act: each has the page to itself.

    "puts an accessor on the input itself": {
      ready({ take, input }) {
        Object.defineProperty(input, "files", {
          configurable: true,
          get() {
            const files = filesOf.call(this);
            take(files);
            return files;
          },
          set: take,
        });
      },
    },
    "hears first and tells nobody": {
      early({ take }) {
        for (const target of [window, document]) usurp(target, take);
      },
    },
    "says input and change again": {
      ready({ take, input }) {
        const heard = [];
        for (const type of ["input", "change"])
          apply(addEventListener, input, [
            type,
            (event) => {
              heard.push(event);
              take(input);
            },
            true,
          ]);
        attacks.again = () => {
          for (const type of ["input", "change", "cancel", "blur"])
            for (const trusted of heard.splice(0).concat(new Event(type, { bubbles: true, composed: true })))
              for (const target of [input, document.body, window])
                if (!trusted.eventPhase) target.dispatchEvent(trusted);
        };
      },
      pending({ take, input }) {
        attacks.again();
        take(input);
        const timer = every(20, () => (attacks.uploads > 0 ? clearInterval(timer) : attacks.again()));
      },
    },
    "submits the form by submit()": {
      ready: () => (attacks.quiet = true),
      pending: ({ form }) => form.submit(),
    },
    "submits the form by requestSubmit()": {
      ready: () => (attacks.quiet = true),
      pending: ({ form }) => form.requestSubmit(),
    },
    "takes the input out": {
      pending({ take, input }) {
        input.remove();
        usurp(input, take, false);
        take(input);
      },
    },
    "replaces the input by a clone": {
      pending({ take, input }) {
        const clone = input.cloneNode(true);
        clone.addEventListener("change", use);
        input.replaceWith(clone);
        take(clone);
        usurp(clone, take, false);
        usurp(input, take, false);
      },
    },
    "moves the input into a frame": {
      pending({ take, input }) {
        const { contentWindow, contentDocument } = frame();
        usurp(contentWindow, take, false);
        contentDocument.body.append(input);
        take(input);
        usurp(input, take, false);
      },
    },
    "moves the input into a closed shadow root": {
      pending({ take, input }) {
        const element = document.createElement("div");
        document.body.append(element);
        element.attachShadow({ mode: "closed" }).append(input);
        take(input);
        usurp(input, take, false);
      },
    },
    "changes what kind of input it is": {
      pending({ take, input, form }) {
        take(input);
        for (const [name, value] of [
          ["accept", "text/plain"],
          ["name", "other"],
          ["webkitdirectory", ""],
          ["disabled", ""],
          ["required", ""],
        ]) {
          input.setAttribute(name, value);
          take(input);
          input.removeAttribute(name);
        }
        input.multiple = !input.multiple;
        take(input);
        take(new NativeFormData(form));
        usurp(input, take, false);
      },
    },
    "makes it a text field and back": {
      pending({ take, input }) {
        take(input);
        input.type = "text";
        input.type = "file";
        take(input);
        usurp(input, take, false);
      },
    },
    "resets the form": {
      pending({ take, input, form }) {
        take(input);
        form.reset();
        take(input);
        usurp(input, take, false);
      },
    },
    "opens the document anew": {
      ready({ take }) {
        attacks.target = undefined;
        setTimeout(() => {
          document.open();
          document.write(`<title>Anew</title>${FRAME_INPUT}`);
          document.close();
          const input = document.querySelector("#inner");
          usurp(document, take, false);
          usurp(input, take, false);
          uploads(input);
        });
      },
    },
    "opens the document anew and listens first": {
      ready({ take }) {
        attacks.target = undefined;
        setTimeout(() => {
          document.open();
          usurp(window, take, false);
          document.write(`<title>Anew</title>${FRAME_INPUT}`);
          document.close();
          uploads(document.querySelector("#inner"));
        });
      },
    },
    "writes the document anew and listens first": {
      ready({ take }) {
        attacks.target = undefined;
        window.usurpFirst = () => usurp(window, take, false);
        const act = () => {
          document.write(`<title>Anew</title><script>usurpFirst()</script>${FRAME_INPUT}`);
          document.close();
          uploads(document.querySelector("#inner"));
        };
        if (document.readyState === "complete") setTimeout(act);
        else window.addEventListener("load", () => setTimeout(act));
      },
    },
    "listens in a new frame at once": {
      ready({ take }) {
        const { contentWindow, contentDocument } = frame();
        usurp(contentWindow, take, false);
        contentDocument.body.innerHTML = FRAME_INPUT;
        uploads(contentDocument.querySelector("input"));
      },
    },
    "writes a frame's document": {
      ready({ take }) {
        const { contentDocument } = frame();
        contentDocument.open();
        contentDocument.write(FRAME_INPUT);
        contentDocument.close();
        const input = contentDocument.querySelector("input");
        usurp(contentDocument, take, false);
        usurp(input, take, false);
        uploads(input);
      },
    },
    "writes a frame's document and listens first": {
      ready({ take }) {
        const { contentWindow, contentDocument } = frame();
        contentDocument.open();
        usurp(contentWindow, take, false);
        contentDocument.write(FRAME_INPUT);
        contentDocument.close();
        uploads(contentDocument.querySelector("input"));
      },
    },
    "listens in a new window at once": {
      ready({ take }) {
        const opened = window.open("about:blank");
        usurp(opened, take, false);
        opened.document.body.innerHTML = FRAME_INPUT;
        uploads(opened.document.querySelector("input"));
      },
    },
    "listens in a frame as soon as its page is there": {
      ready({ take }) {
        attacks.target = undefined;
        const element = frame((element) => {
          element.src = "attacks.html?frame";
        });
        element.onload = () => {
          usurp(element.contentWindow, take, false);
          uploads(element.contentDocument.querySelector("input"));
        };
      },
    },
    "listens in a frame before its page is there": {
      ready({ take }) {
        attacks.target = undefined;
        const element = frame((element) => {
          element.src = "attacks.html?frame";
        });
        usurp(element.contentWindow, take, false);
        element.onload = () => {
          usurp(element.contentWindow, take, false);
          uploads(element.contentDocument.querySelector("input"));
        };
      },
    },
    // Not by the element: a window knows its frames by number, which no script can hear of.
    "listens in a numbered frame before its page is there": {
      ready({ take }) {
        attacks.target = undefined;
        const element = frame((element) => {
          element.src = "attacks.html?frame";
        });
        const numbered = window[window.length - 1];
        usurp(numbered, take, false);
        element.onload = () => {
          usurp(numbered, take, false);
          uploads(numbered.document.querySelector("input"));
        };
      },
    },
    "listens in a frame of srcdoc": {
      ready({ take }) {
        attacks.target = undefined;
        attacks.usurpFrom = (target) => usurp(target, take, false);
        const element = frame((element) => {
          element.srcdoc = `<script>parent.attacks.usurpFrom(window)</script>${FRAME_INPUT}`;
        });
        element.onload = () => uploads(element.contentDocument.querySelector("input"));
      },
    },
    "listens in a frame of a blob": {
      ready({ take }) {
        attacks.target = undefined;
        attacks.usurpFrom = (target) => usurp(target, take, false);
        const page = `<script>parent.attacks.usurpFrom(window)</script>${FRAME_INPUT}`;
        const element = frame((element) => {
          element.src = URL.createObjectURL(new Blob([page], { type: "text/html" }));
        });
        element.onload = () => uploads(element.contentDocument.querySelector("input"));
      },
    },
    "listens in a frame of javascript:": {
      ready({ take }) {
        attacks.target = undefined;
        attacks.usurpFrom = (target) => usurp(target, take, false);
        const page = `<script>parent.attacks.usurpFrom(window)</script>${FRAME_INPUT}`;
        const element = frame((element) => {
          element.src = `javascript:${JSON.stringify(page)}`;
        });
        setTimeout(() => {
          usurp(element.contentWindow, take, false);
          uploads(element.contentDocument.querySelector("input"));
        }, 300);
      },
    },
    "lets choose in an input that is in no document": {
      ready({ take }) {
        const input = document.createElement("input");
        input.type = "file";
        usurp(input, take, false);
        uploads(input);
        input.click();
      },
    },
    "moves the input into a document without a window": {
      ready({ take }) {
        const input = document.createElement("input");
        input.type = "file";
        usurp(input, take, false);
        document.body.append(input);
        input.click();
        setTimeout(() => {
          document.implementation.createHTMLDocument().body.append(input);
          uploads(input);
        });
      },
    },
    "takes the browser's own click() by a trap that proxies inherit": {
      ready({ take }) {
        const input = document.createElement("input");
        input.type = "file";
        usurp(input, take, false);
        uploads(input);
        let { click } = HTMLElement.prototype;
        Object.prototype.get = (target) => {
          click = target;
        };
        void HTMLElement.prototype.click.name;
        delete Object.prototype.get;
        apply(click, input, []);
      },
    },
    "lets choose in an open shadow root": {
      ready({ take }) {
        const element = document.createElement("div");
        document.body.append(element);
        const root = element.attachShadow({ mode: "open" });
        root.innerHTML = FRAME_INPUT;
        usurp(root, take, false);
        uploads(root.querySelector("input"));
      },
    },
    "lets choose in a closed shadow root": {
      ready({ take }) {
        const element = document.createElement("div");
        document.body.append(element);
        const root = element.attachShadow({ mode: "closed" });
        root.innerHTML = FRAME_INPUT;
        usurp(root, take, false);
        uploads(root.querySelector("input"));
      },
    },
    "lets choose in a closed shadow root in an open one": {
      ready({ take }) {
        const outer = document.createElement("div");
        document.body.append(outer);
        const inner = document.createElement("div");
        outer.attachShadow({ mode: "open" }).append(inner);
        const root = inner.attachShadow({ mode: "closed" });
        root.innerHTML = FRAME_INPUT;
        usurp(root, take, false);
        uploads(root.querySelector("input"));
      },
    },

    // Those that go for the panel.

    "shows another page in the frame while the dialog is open": {
      ready({ take }) {
        attacks.target = undefined;
        const element = frame();
        const input = element.contentDocument.body.appendChild(document.createElement("input"));
        input.type = "file";
        input.click();
        every(20, () => take(input));
        element.onload = () => uploads(input);
        element.src = "blank.html";
      },
    },
    "reads the panel": {
      early({ learn }) {
        const roots = [];
        patch(
          Element.prototype,
          "attachShadow",
          (original) =>
            function (init) {
              const root = apply(original, this, [{ ...init, mode: "open" }]);
              roots.push(root);
              return root;
            },
        );
        for (const name of ["append", "setAttribute", "replaceChildren"])
          patch(
            Element.prototype,
            name,
            (original) =>
              function (...args) {
                if (this !== document.body) learn("called", name);
                return apply(original, this, args);
              },
          );
        const read = (node) => {
          const element = node.nodeType === 1 ? node : undefined;
          learn("texts", node.textContent);
          learn("texts", element?.innerText);
          learn("texts", element?.getHTML?.({ serializableShadowRoots: true, shadowRoots: roots }));
          learn("texts", element?.shadowRoot?.textContent);
          learn("texts", element?.ariaLabel);
        };
        new MutationObserver((records) => {
          for (const { addedNodes, target } of records) {
            for (const node of addedNodes) read(node);
            if (target.nodeType === 1 && target !== document.body) read(target);
          }
        }).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
        for (const type of ["beforetoggle", "toggle", "slotchange", "animationstart", "focusin"])
          apply(addEventListener, window, [
            type,
            (event) => {
              for (const node of event.composedPath()) if (node.nodeType === 11) read(node);
            },
            true,
          ]);
        attacks.read = () => {
          const there = host();
          learn("saw", there !== undefined);
          if (!there) return;
          read(there);
          getSelection().selectAllChildren(document.documentElement);
          learn("texts", getSelection().toString());
          for (let y = innerHeight; y > innerHeight - 300; y -= 6)
            for (const element of document.elementsFromPoint(innerWidth - 60, y)) {
              if (element !== there && there.contains(element)) read(element);
              if (element.getRootNode() !== document) learn("inside", element.localName);
            }
          const range = document.caretRangeFromPoint?.(innerWidth - 120, innerHeight - 60);
          if (range?.startContainer.getRootNode() !== document)
            learn("inside", range?.startContainer.textContent);
          learn("children", there.childNodes.length);
          learn("internals", roots.length);
        };
      },
      pending() {
        attacks.read();
        const timer = every(50, () => (attacks.uploads > 0 ? clearInterval(timer) : attacks.read()));
      },
    },
    "presses the panel": {
      pending({ learn }) {
        const press = () => {
          const there = host();
          learn("saw", there !== undefined);
          if (!there) return;
          there.focus();
          there.click();
          const targets = new Set([there, document.activeElement, document.documentElement]);
          for (let y = innerHeight - 1; y > innerHeight - 300; y -= 8)
            for (let x = innerWidth - 350; x < innerWidth; x += 30) {
              const element = document.elementFromPoint(x, y);
              if (!element || (element !== there && !there.contains(element))) continue;
              for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
                element.dispatchEvent(
                  new PointerEvent(type, {
                    bubbles: true,
                    composed: true,
                    cancelable: true,
                    clientX: x,
                    clientY: y,
                  }),
                );
            }
          for (const target of targets)
            for (const key of ["Tab", "Enter", " ", "Escape"])
              for (const type of ["keydown", "keypress", "keyup"])
                target.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, composed: true }));
        };
        press();
        const timer = every(100, () => (attacks.uploads > 0 ? clearInterval(timer) : press()));
      },
    },
    "takes the panel away": {
      pending({ learn }) {
        every(10, () => {
          const there = host();
          if (!there) return;
          learn("saw", true);
          try {
            there.hidePopover();
          } catch {
            // It was not shown yet.
          }
          there.remove();
        });
      },
    },

    // Those that only want to know whether somebody is there. They must find the same as without the extension.

    "counts the globals": {
      ready({ learn }) {
        const ours = new Set(["attacks"]);
        for (const name of Reflect.ownKeys(window)) if (!ours.has(name)) learn("window", String(name));
        for (const name of Reflect.ownKeys(navigator)) learn("navigator", String(name));
        for (const name of Reflect.ownKeys(document)) learn("document", String(name));
      },
    },
    "looks over the document": {
      ready({ learn }) {
        const look = (when) => {
          const { documentElement: root } = document;
          learn("html", `${when} ${root.outerHTML.length} ${root.querySelectorAll("*").length}`);
          learn("html", [...root.attributes].map(({ name }) => name).join());
          learn("sheets", `${document.styleSheets.length} ${document.adoptedStyleSheets.length}`);
          learn("frames", window.length);
          learn("animations", document.getAnimations().length);
          learn("input", document.querySelector("#photo").outerHTML);
          learn("form", Reflect.ownKeys(document.querySelector("#photo")).join());
        };
        look("at once");
        setTimeout(() => look("later"), 200);
      },
    },
    "compares the natives": {
      ready({ learn }) {
        const owners = {
          window,
          Element,
          EventTarget,
          Event,
          File,
          Blob,
          FileList,
          FileReader,
          HTMLInputElement,
          HTMLFormElement,
          HTMLElement,
          DataTransfer,
          DataTransferItem,
          DataTransferItemList,
          DragEvent,
          ClipboardEvent,
          Document,
          Node,
          ShadowRoot,
          FormData,
          URL,
          Response,
          FileSystemFileHandle: window.FileSystemFileHandle,
        };
        const text = Function.prototype.toString;
        const describe = (path, value) => {
          if (typeof value !== "function") return;
          learn(
            "natives",
            `${path} ${apply(text, value, [])} ${value.name} ${value.length} ${Reflect.ownKeys(value).map(String)}`,
          );
          learn(
            "natives",
            `${path} ${Object.getPrototypeOf(value) === Function.prototype} ${"prototype" in value}`,
          );
          let thrown;
          // To call a constructor could open something; a method of a prototype refuses a wrong `this`.
          if (path.includes("prototype"))
            try {
              apply(value, null, []);
            } catch (error) {
              thrown = `${error.name} ${error.message} ${error.stack.split("\n").length}`;
            }
          learn("natives", `${path} ${thrown}`);
        };
        for (const [name, owner] of Object.entries(owners)) {
          if (!owner) continue;
          for (const object of owner === window ? [window] : [owner, owner.prototype])
            for (const key of Reflect.ownKeys(object)) {
              if (object === window && !/^(show|create|fetch|File|open$|post|structured)/.test(String(key)))
                continue;
              const path = `${name}${object === owner ? "" : ".prototype"}.${String(key)}`;
              const descriptor = Object.getOwnPropertyDescriptor(object, key);
              learn(
                "natives",
                `${path} ${Object.keys(descriptor)} ${descriptor.enumerable} ${descriptor.configurable} ${descriptor.writable}`,
              );
              for (const part of ["value", "get", "set"]) describe(`${path} ${part}`, descriptor[part]);
            }
        }
      },
    },
    "looks at what was loaded": {
      ready({ learn }) {
        for (const { name } of performance.getEntries()) if (!/^https?:/.test(name)) learn("entries", name);
        learn("runtime", `${typeof chrome} ${typeof chrome?.runtime} ${typeof browser}`);
        learn("stack", new Error().stack.split("\n").length);
        learn("scripts", document.scripts.length);
      },
    },
    "asks call sites for their files": {
      ready({ learn }) {
        // Outside of Chromium there are no call sites.
        if (!("stackTraceLimit" in Error)) return;
        const seen = (file) => learn("file", String(file).replace(/\?.*/, ""));
        // Whatever else is called with all call sites tells of them, too.
        const { push, filter } = Array.prototype;
        for (const own of [push, filter])
          Array.prototype[own.name] = function (...args) {
            for (const site of [...this, ...args]) if (site?.getFileName) seen(site.getFileName());
            return own.apply(this, args);
          };
        const files = (_, sites) => sites.map((site) => site.getFileName());
        const inner = frame(() => {}).contentWindow;
        for (const realm of [window, inner])
          for (const way of [
            () => {
              realm.Error.prepareStackTrace = files;
            },
            () => {
              delete realm.Error.prepareStackTrace;
              realm.Error.prepareStackTrace = files;
            },
            () =>
              Reflect.defineProperty(realm.Error, "prepareStackTrace", { value: files, configurable: true }),
          ]) {
            way();
            const button = realm.document.createElement("button");
            const later = [];
            button.addEventListener("click", () => later.push(new realm.Error()));
            button.addEventListener("click", () => {
              for (const file of new realm.Error().stack) seen(file);
            });
            button.click();
            button.dispatchEvent(new Event("click"));
            try {
              HTMLElement.prototype.click.call({});
            } catch (error) {
              later.push(error);
            }
            for (const { stack } of later) if (Array.isArray(stack)) for (const file of stack) seen(file);
          }
        Object.assign(Array.prototype, { push, filter });
        for (const { Error: errors } of [window, inner]) errors.prepareStackTrace = undefined;
      },
    },
    "counts the events of a choice that is no picture": {
      ready({ learn, input }) {
        const transfer = new DataTransfer();
        transfer.items.add(new File(["text"], "own.txt", { type: "text/plain" }));
        input.files = transfer.files;
        let heard = 0;
        for (const type of ["input", "change"]) {
          apply(addEventListener, input, [
            type,
            (event) => learn("event", `${type} ${event.isTrusted} ${++heard} ${input.files.length}`),
          ]);
          learn("dispatched", input.dispatchEvent(new Event(type, { bubbles: true, cancelable: true })));
        }
        input.value = "";
      },
    },
    "asks for the extension's files": {
      async ready({ learn }) {
        const base = `chrome-extension://${new URLSearchParams(location.search).get("id")}/`;
        const FILES = [
          "manifest.json",
          "popup.html",
          "offscreen.html",
          "icons/16.png",
          "content-scripts/uploads.js",
          "models/imagenet-classes.json",
          "nothing.txt",
        ];
        attacks.reads++;
        for (const file of FILES) {
          await fetch(base + file).then(
            (response) => learn("fetch", `${file} ${response.status}`),
            (error) => learn("fetch", `${file} ${error.name} ${error.message}`),
          );
          await new Promise((resolve) => {
            for (const [tag, key] of [
              ["img", "src"],
              ["script", "src"],
              ["link", "href"],
            ]) {
              const element = document.createElement(tag);
              if (tag === "link") element.rel = "stylesheet";
              element.onload = () => resolve(learn("loaded", `${tag} ${file}`));
              element.onerror = () => resolve(learn("refused", file));
              element[key] = base + file;
              document.head.append(element);
            }
          });
        }
        for (const file of ["popup.html", "offscreen.html"]) {
          const element = frame((element) => {
            element.src = base + file;
          });
          await new Promise((resolve) => setTimeout(resolve, 300));
          let origin = "closed";
          try {
            origin = element.contentDocument ? "open" : "closed";
          } catch {
            origin = "closed";
          }
          learn("framed", `${file} ${origin} ${element.contentWindow.length}`);
          element.contentWindow.postMessage({ kind: "hello", probe: new Blob(["penumbra"]) }, "*");
        }
        attacks.reads--;
      },
    },
    "calls the extension": {
      ready({ learn }) {
        const id = new URLSearchParams(location.search).get("id");
        for (const call of ["connect", "sendMessage"])
          try {
            learn("called", typeof chrome.runtime[call](id, { request: "ensureWorker", args: [] }));
          } catch (error) {
            learn("refused", `${call} ${error.name}`);
          }
      },
    },
    "guesses messages and events": {
      ready({ learn }) {
        apply(addEventListener, window, [
          "message",
          ({ data, source }) => source === window || learn("answer", JSON.stringify(data)),
        ]);
        const picture = new File([new Uint8Array(500)], "own.jpg", { type: "image/jpeg" });
        const guesses = [
          { request: "ensureWorker", args: [] },
          { request: "reportFinished", args: [{}] },
          { kind: "hello", probe: new Blob(["penumbra"]) },
          {
            kind: "start",
            name: "own.jpg",
            options: { epsilon: 0.03, surrogate: "efficientnet-lite0", objective: "overlap" },
          },
          { kind: "blob", blob: picture },
          { kind: "picture", url: location.href, readHere: true },
          { type: "wxt:content-script-started", contentScriptName: "uploads" },
        ];
        const replies = [];
        for (const type of [
          "penumbra",
          "uploads",
          "picture",
          "save-picture",
          "wxt:content-script-started",
          "penumbra:ready",
        ]) {
          apply(addEventListener, document, [type, () => replies.push(type)]);
          for (const detail of guesses)
            for (const target of [window, document, document.documentElement])
              target.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
        }
        for (const guess of guesses) window.postMessage(guess, "*");
        const channel = new BroadcastChannel("penumbra");
        channel.onmessage = ({ data }) => learn("answer", JSON.stringify(data));
        channel.postMessage(guesses[0]);
        learn("own", replies.length);
        setTimeout(() => learn("panel", host() !== undefined), 300);
      },
    },
  };

  function apiOf(name) {
    const learn = (key, value) => {
      facts[name][key] ??= [];
      if (value != null && !facts[name][key].includes(value)) facts[name][key].push(value);
    };
    return {
      take: taker(name),
      learn,
      get input() {
        return document.querySelector("#photo");
      },
      get form() {
        return document.querySelector("#form");
      },
    };
  }

  const apis = {};
  for (const name of names) {
    loot[name] = {};
    facts[name] = {};
    apis[name] = apiOf(name);
  }
  const phase = (which) => () => {
    for (const name of names) ATTEMPTS[name][which]?.(apis[name]);
  };

  phase("early")();
  return Object.assign(attacks, {
    names: Object.keys(ATTEMPTS),
    pending: phase("pending"),
    ready() {
      if (names.length === 0) return;
      uploads(document.querySelector("#photo"));
      phase("ready")();
    },
  });
})();
