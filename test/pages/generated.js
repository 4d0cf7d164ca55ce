/**
 * A page made of parts that a generator chooses (test/support/generated.ts), each part by its name. `generated.build` makes a
 * widget for each case, `generated.places` says where a person has to click, and `generated.got` has all that the page got.
 */
window.generated = (() => {
  const got = {};
  const heard = {};
  const openers = {};
  const inputs = new Map();

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  async function keep(id, file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    // An empty file stands for a folder, which cannot be read at all.
    if (text) got[id].push(text);
  }

  /** What a page gets out of a drop or a paste, texts included. */
  function search(id, transfer) {
    for (const file of transfer.files) keep(id, file);
    for (const item of transfer.items) {
      const file = item.kind === "file" && item.getAsFile();
      if (file) keep(id, file);
      walk(id, item.webkitGetAsEntry?.());
      // Chromium ends a page without an origin that asks for one.
      if (item.kind === "file" && origin !== "null")
        item
          .getAsFileSystemHandle?.()
          .then((handle) => walkHandle(id, handle))
          .catch(() => {});
    }
    for (const type of transfer.types) if (type !== "Files") got[id].push(transfer.getData(type));
  }

  function walk(id, entry) {
    if (entry?.isFile) entry.file((file) => keep(id, file));
    if (entry?.isDirectory)
      entry.createReader().readEntries((entries) => entries.forEach((inner) => void walk(id, inner)));
  }

  async function walkHandle(id, handle) {
    if (handle?.kind === "file") await keep(id, await handle.getFile());
    if (handle?.kind === "directory") for await (const inner of handle.values()) await walkHandle(id, inner);
  }

  // ---- Where the input lives.

  const FRAMES = {
    "a frame": (frame) => frame.setAttribute("src", "blank.html"),
    "a frame of about:blank": () => {},
    "a frame of srcdoc": (frame) => frame.setAttribute("srcdoc", "<!doctype html><body>"),
    "a frame of a blob": (frame) => {
      frame.src = URL.createObjectURL(new Blob(["<!doctype html><body>"], { type: "text/html" }));
    },
    "a frame of XHTML": (frame) => frame.setAttribute("src", "blank.xhtml"),
    "a frame without an answer": (frame) => frame.setAttribute("src", "no-content"),
    "a frame that hangs": (frame) => frame.setAttribute("src", "never"),
    "a frame that is a download": (frame) => frame.setAttribute("src", "download"),
    "a lazy frame": (frame) => {
      frame.loading = "lazy";
      frame.src = "blank.html";
    },
    "a frame of javascript:": (frame) => frame.setAttribute("src", "javascript:void 0"),
    "a frame that is written": () => {},
  };

  const windows = [];
  const OPENED = "a window that it opened";

  /** The document in which the widget of a case is: of another window for some. */
  async function homeOf({ realm, id }) {
    // The windows of a page without an origin are none of its own.
    if (realm !== OPENED || origin === "null") return document;
    const opened = open("blank.html", id, "popup,width=500,height=300");
    while (opened.document.readyState !== "complete" || opened.location.href === "about:blank")
      await wait(20);
    windows.push(opened);
    return opened.document;
  }

  /** A document, and the window that its events reach. Listeners of the case are there before the frame's page is. */
  async function realmOf({ realm }, row, listen) {
    if (realm === OPENED) {
      listen(row.ownerDocument.defaultView);
      return row.ownerDocument;
    }
    // The frames of a page without an origin are none of its own.
    if (!(realm in FRAMES) || origin === "null") {
      listen(window);
      return document;
    }
    const frame = document.createElement("iframe");
    FRAMES[realm](frame);
    frame.style.cssText = `position: ${realm === "a lazy frame" ? "static; margin-top: 9000px" : "absolute; left: 120px"}; width: 260px; height: 46px; border: 0`;
    (realm === "a lazy frame" ? document.body : row).append(frame);
    listen(frame.contentWindow);
    await wait(120);
    if (realm === "a frame that is written") {
      frame.contentDocument.open();
      listen(frame.contentWindow);
      frame.contentDocument.write("<!doctype html><body>");
      frame.contentDocument.close();
    }
    return frame.contentDocument;
  }

  function makeInput({ realm, way }, document) {
    let maker = document;
    if (realm === "adopted from a frame" && origin !== "null")
      maker = window.document.body.appendChild(window.document.createElement("iframe")).contentDocument;
    if (realm === "adopted from a document without a window")
      maker = document.implementation.createHTMLDocument();
    const input = maker.createElementNS("http://www.w3.org/1999/xhtml", "input");
    input.type = "file";
    input.name = "photo";
    input.webkitdirectory = way === "drop of a folder on the input";
    input.style.cssText = "width: 240px; height: 30px";
    return maker === document ? input : document.adoptNode(input);
  }

  // ---- The tree that it is in.

  /** In SVG the body is in a foreign object. */
  const bodyOf = (realm) => realm.body ?? realm.querySelector("body") ?? realm.documentElement;

  const box = (parent) =>
    parent.appendChild(parent.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "div"));
  const shadow = (host, mode) => host.attachShadow({ mode });

  const TREES = {
    "in the page": (parent) => parent,
    "beside a decoy": (parent, input) => {
      parent.append(input.cloneNode());
      parent.lastChild.style.display = "none";
      return parent;
    },
    "in an open shadow root": (parent) => shadow(box(parent), "open"),
    "in a closed shadow root": (parent) => shadow(box(parent), "closed"),
    "in a closed shadow root in an open one": (parent) => {
      const outer = shadow(box(parent), "open");
      return shadow(
        outer.appendChild(parent.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "div")),
        "closed",
      );
    },
    "in a declarative shadow root": (parent) => {
      const host = box(parent);
      host.setHTMLUnsafe("<div><template shadowrootmode=open><p></p></template></div>");
      return host.firstChild.shadowRoot;
    },
    detached: () => undefined,
    "in a detached element": (parent) =>
      parent.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "div"),
  };

  // ---- How its dialog opens.

  const OPENERS = {
    "a person": () => {},
    "click()": (input) => input.click(),
    "showPicker()": (input) => input.showPicker(),
    "an event": (input) => input.dispatchEvent(new MouseEvent("click")),
    "a label": (input) => {
      const label = input.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "label");
      if (input.parentNode) input.replaceWith(label);
      label.append(input);
      label.click();
    },
    "an invoker": (input) => {
      const button = input.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "button");
      Object.assign(button, { type: "button", command: "show-picker", commandForElement: input });
      (input.parentNode ?? input.ownerDocument.body).append(button);
      button.click();
    },
    "the method of another window": (input) => {
      const { contentWindow } = bodyOf(document).appendChild(document.createElement("iframe"));
      contentWindow.HTMLElement.prototype.click.call(input);
    },
  };

  // ---- What the page does with it while the dialog is open.

  const other = () => bodyOf(document).appendChild(document.createElement("iframe")).contentDocument;
  const MEANWHILE = {
    "nothing happens": () => {},
    "it is removed": (input) => input.remove(),
    "its parent is removed": (input) => input.parentNode?.remove?.(),
    "it is moved into a shadow root": (input) => shadow(box(bodyOf(document)), "closed").append(input),
    "it is moved into a frame": (input) => other().body.append(input),
    "it is moved into a document without a window": (input) =>
      document.implementation.createHTMLDocument().body.append(input),
    "it is moved into a detached element": (input) => document.createElement("div").append(input),
    "it is a text field for a moment": (input) => {
      input.type = "text";
      input.type = "file";
    },
    "it takes several files": (input) => {
      input.multiple = true;
    },
    "its form is reset": (input) => input.form?.reset(),
    "its place is written anew": (input) => {
      const { parentNode } = input;
      if (parentNode && "innerHTML" in parentNode) parentNode.innerHTML = "";
    },
    "its document is written anew": (input) => {
      const realm = input.ownerDocument;
      if (!realm.defaultView?.frameElement || realm === document) return;
      realm.open();
      realm.write("<!doctype html><body>");
      realm.close();
      realm.body.append(input);
    },
    "its frame is removed": (input) => {
      const frame = input.ownerDocument.defaultView?.frameElement;
      if (!frame || input.ownerDocument === document) return;
      bodyOf(document).append(input);
      frame.remove();
    },
    "it is moved into a window": (input) => {
      // One that a case has opened; to open one takes the person away from the dialog.
      for (const opened of windows) if (!opened.closed) opened.document.body.append(input);
    },
    "the methods of the language are patched": () => {
      const { from } = Array;
      Array.from = (...args) => from(...args);
    },
  };

  // ---- How the page takes the files.

  const look = (id, input) => {
    for (const file of input.files ?? []) keep(id, file);
  };

  /** Each listens at what it is given, once, and hands on the input that an event is about. */
  const TAKERS = {
    "a listener at the input": { at: "input", capture: false },
    "a capturing listener at the input": { at: "input", capture: true },
    "a listener at its root": { at: "root", capture: true },
    "a listener at the document": { at: "document", capture: true },
    "a listener at the window": { at: "window", capture: true },
    "a bubbling listener at the window": { at: "window", capture: false },
    "a handler property": { at: "property" },
    polling: { at: "poll" },
    FormData: { at: "form" },
    "the event of a form's data": { at: "formdata" },
    "a form": { at: "submit" },
    "a form that is asked to submit": { at: "request" },
    "a worker": { at: "worker" },
  };

  function listenFor({ id, taker }, at, target, input) {
    if (TAKERS[taker].at !== at) return;
    for (const type of ["input", "change"])
      target.addEventListener(
        type,
        (event) => {
          const inner = event.composedPath()[0];
          if (inner === input.current) look(id, inner);
        },
        TAKERS[taker].capture,
      );
  }

  function takeAtInput({ id, taker }, input) {
    const { at } = TAKERS[taker];
    if (at === "property") input.oninput = input.onchange = () => look(id, input);
    if (at === "poll") setInterval(() => look(id, input), 7);
    if (["form", "formdata", "submit", "request"].includes(at)) {
      const form = input.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "form");
      Object.assign(form, {
        action: `upload?${id}`,
        method: "post",
        enctype: "multipart/form-data",
        target: "sink",
      });
      if (input.parentNode) input.replaceWith(form);
      form.append(input);
      const keepAll = (data) => {
        for (const [, value] of data) if (typeof value === "object" && value.size) keep(id, value);
      };
      if (at === "formdata") form.addEventListener("formdata", ({ formData }) => keepAll(formData));
      input.addEventListener("change", () => {
        if (at === "submit") form.submit();
        else if (at === "form") keepAll(new FormData(form));
        else form.requestSubmit();
      });
    }
    if (at === "worker")
      input.addEventListener("change", () => {
        const code =
          "onmessage = ({ data }) => Promise.all([...data].map((file) => file.arrayBuffer())).then(postMessage)";
        const worker = new Worker(URL.createObjectURL(new Blob([code])));
        worker.onmessage = ({ data }) => data.forEach((bytes) => void keep(id, new Blob([bytes])));
        worker.postMessage(input.files);
      });
  }

  function record({ id }, input) {
    const names = () => [...input.files].map(({ name, webkitRelativePath }) => webkitRelativePath || name);
    for (const type of ["input", "change", "cancel"])
      input.addEventListener(type, ({ bubbles, composed }) =>
        heard[id].push([type, bubbles, composed, ...names()].join()),
      );
  }

  async function buildInput(options, row) {
    const { id, tree, opener, meanwhile } = options;
    const input = { current: undefined };
    const realm = await realmOf(options, row, (reached) => {
      listenFor(options, "window", reached, input);
      listenFor(options, "document", reached.document, input);
    });
    const made = makeInput(options, realm);
    input.current = made;
    inputs.set(made, id);
    listenFor(options, "document", realm, input);
    const parent = TREES[tree](realm === row.ownerDocument ? row : bodyOf(realm), made);
    parent?.append(made);
    takeAtInput(options, made);
    listenFor(options, "input", made, input);
    listenFor(options, "root", made.getRootNode(), input);
    record(options, made);
    made.addEventListener("click", () => setTimeout(() => MEANWHILE[meanwhile](made)));
    openers[id] = () => {
      OPENERS[opener](made);
      if (opener === "showPicker()") setTimeout(() => MEANWHILE[meanwhile](made));
    };
    return opener === "a person" || options.way !== "dialog" ? made : undefined;
  }

  /** A place to drop on or to paste into. */
  async function buildArea(options, row) {
    const { id, tree, taker, way } = options;
    const area = { current: undefined };
    const take = (event) => {
      if (!event.composedPath().includes(area.current) && !/shadow/.test(tree)) return;
      const transfer = event.dataTransfer ?? event.clipboardData;
      if (!transfer) return;
      event.preventDefault();
      if (event.currentTarget === event.composedPath()[0] || TAKERS[taker].at !== "input")
        search(id, transfer);
      const { types, files, effectAllowed, dropEffect } = transfer;
      heard[id].push(
        [event.type, ...types, [...files].map(({ name }) => name), effectAllowed, dropEffect].join(),
      );
    };
    const listen = (at, target) => {
      if (TAKERS[taker].at === at || (at === "input" && !/^(root|document|window)$/.test(TAKERS[taker].at)))
        for (const type of ["drop", "paste"]) target.addEventListener(type, take, TAKERS[taker].capture);
    };
    const realm = await realmOf(options, row, (reached) => {
      listen("window", reached);
      listen("document", reached.document);
      reached.addEventListener("dragover", (event) => event.preventDefault());
    });
    realm.addEventListener("dragover", (event) => event.preventDefault());
    listen("document", realm);
    const parent = TREES[/detached/.test(tree) ? "in the page" : tree](
      realm === row.ownerDocument ? row : bodyOf(realm),
      makeInput(options, realm),
    );
    area.current = realm.createElementNS("http://www.w3.org/1999/xhtml", "div");
    area.current.contentEditable = "true";
    area.current.style.cssText = "width: 240px; height: 30px; background: #eee";
    parent.append(area.current);
    listen("input", area.current);
    listen("root", area.current.getRootNode());
    if (/^clipboard.read/.test(way)) {
      area.current.addEventListener("click", async () => {
        for (const item of await navigator.clipboard.read())
          for (const type of item.types) await keep(id, await item.getType(type));
      });
    }
    return area.current;
  }

  const places = {};

  return {
    got,
    heard,
    parts: {
      realms: [
        "the window",
        "adopted from a frame",
        "adopted from a document without a window",
        ...Object.keys(FRAMES),
      ],
      trees: Object.keys(TREES),
      openers: Object.keys(OPENERS),
      meanwhile: Object.keys(MEANWHILE),
      takers: Object.keys(TAKERS),
    },
    /** For the page that opened this window, whose listeners are older than the document. */
    early(event) {
      const input = event.composedPath()[0];
      if (inputs.has(input)) look(inputs.get(input), input);
    },
    /** Makes the widgets of some cases, one below the other. */
    async build(cases) {
      await Promise.all(
        cases.map(async (options, i) => {
          const { id } = options;
          got[id] = [];
          heard[id] = [];
          const row = box(bodyOf(await homeOf(options)));
          row.style.cssText = `position: absolute; left: 0; top: ${row.ownerDocument === document ? 50 * i : 0}px; width: 400px; height: 46px`;
          const button = row.appendChild(
            row.ownerDocument.createElementNS("http://www.w3.org/1999/xhtml", "button"),
          );
          button.style.cssText = "width: 100px; height: 40px; position: absolute; right: 0";
          button.onclick = () => openers[id]();
          const isArea = !(options.way === "dialog" || / on the input$/.test(options.way));
          const target = await (isArea ? buildArea : buildInput)(options, row).catch((error) => {
            heard[id].push(`not built: ${error.name}`);
          });
          places[id] = target ?? button;
        }),
      );
    },
    /** The middle of what a person has to click, drop on or paste into. */
    place(id) {
      let { x, y, width, height } = places[id].getBoundingClientRect();
      for (
        let view = places[id].ownerDocument.defaultView;
        view !== window && view?.frameElement;
        view = view.parent
      ) {
        const frame = view.frameElement.getBoundingClientRect();
        x += frame.x;
        y += frame.y;
      }
      return { x: x + width / 2, y: y + height / 2, name: places[id].ownerDocument.defaultView?.name ?? "" };
    },
  };
})();
