/**
 * A page that wants the original: it looks into every file input in every event at every phase, and into all that an event
 * carries, wraps `addEventListener`, polls every 5 ms, and reads whatever it finds in five ways. `witness.hashes` holds the SHA-256 of
 * all bytes of files that it got, `witness.addresses` those of pictures that it found by their address, in text and in the document.
 */
const witness = { hashes: {}, addresses: {}, looks: 0, events: [], reads: 0 };
window.witness = witness;

const seen = new WeakSet();
const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function keep(file, bytes) {
  const hash = hex(await crypto.subtle.digest("SHA-256", bytes));
  witness.hashes[hash] = { name: file.name, size: bytes.byteLength, type: file.type };
  witness.reads--;
}

function steal(file) {
  if (seen.has(file)) return;
  seen.add(file);
  const ways = [
    () => file.arrayBuffer(),
    () => file.slice().arrayBuffer(),
    () => new Response(file.stream()).arrayBuffer(),
    () => fetch(URL.createObjectURL(file)).then((response) => response.arrayBuffer()),
    () =>
      new Promise((resolve, reject) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result);
        reader.onerror = () => reject(reader.error);
        reader.readAsArrayBuffer(file);
      }),
  ];
  for (const way of ways) {
    witness.reads++;
    way().then(
      (bytes) => keep(file, bytes),
      () => witness.reads--,
    );
  }
}

const known = new Set();

/** Reads a picture that is its own address, or one that the page made an address for. */
function visit(address) {
  if (known.has(address)) return;
  known.add(address);
  witness.reads++;
  fetch(address)
    .then((response) => response.arrayBuffer())
    .then((bytes) => crypto.subtle.digest("SHA-256", bytes))
    .then(
      (hash) => {
        witness.addresses[hex(hash)] = address.slice(0, 40);
        witness.reads--;
      },
      () => witness.reads--,
    );
}

const getFiles = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "files").get;

function look() {
  witness.looks++;
  for (const input of inputs()) for (const file of getFiles.call(input) ?? []) steal(file);
  for (const { src } of document.images) if (/^(data|blob):/.test(src)) visit(src);
}

/** In all the ways in which files can be got out of a drop or a paste. */
function search(transfer) {
  for (const type of transfer.types)
    for (const [address] of transfer.getData(type).matchAll(/data:image\/[\w+.-]+;base64,[\w+/=]+/g))
      visit(address);
  for (const file of transfer.files) steal(file);
  for (const item of transfer.items) {
    const file = item.kind === "file" && item.getAsFile();
    if (file) steal(file);
    searchEntry(item.webkitGetAsEntry());
    item.getAsFileSystemHandle?.()?.then(
      (handle) => handle?.getFile?.().then(steal, () => {}),
      () => {},
    );
  }
}

function searchEntry(entry) {
  if (entry?.isFile) entry.file(steal, () => {});
  if (entry?.isDirectory)
    entry.createReader().readEntries(
      (entries) => entries.forEach(searchEntry),
      () => {},
    );
}

function* inputs(root = document) {
  for (const element of root.querySelectorAll("*")) {
    if (element.localName === "input" && element.type === "file") yield element;
    if (element.shadowRoot) yield* inputs(element.shadowRoot);
  }
}

const TYPES = [
  ...new Set(
    [window, document, HTMLElement.prototype, document.createElement("input")].flatMap((object) => {
      const names = [];
      for (const name in object) if (name.startsWith("on")) names.push(name.slice(2));
      return names;
    }),
  ),
];

function onAny(event) {
  const target = event.composedPath()[0];
  if (target?.localName === "input" && target.type === "file" && event.currentTarget === window)
    witness.events.push({
      type: event.type,
      phase: event.eventPhase,
      trusted: event.isTrusted,
      composed: event.composed,
      bubbles: event.bubbles,
      files: [...(getFiles.call(target) ?? [])].map(({ name, size, type, lastModified }) => ({
        name,
        size,
        type,
        lastModified,
      })),
    });
  const transfer = event.dataTransfer ?? event.clipboardData;
  if (transfer) search(transfer);
  look();
}

const add = EventTarget.prototype.addEventListener;
for (const target of [window, document, document.documentElement])
  for (const type of TYPES) {
    add.call(target, type, onAny, true);
    add.call(target, type, onAny, false);
  }

const remove = EventTarget.prototype.removeEventListener;
const wrappers = new WeakMap();

EventTarget.prototype.addEventListener = function (type, listener, options) {
  if (typeof listener === "function" && !wrappers.has(listener))
    wrappers.set(listener, function (event) {
      look();
      return listener.call(this, event);
    });
  return add.call(this, type, wrappers.get(listener) ?? listener, options);
};

EventTarget.prototype.removeEventListener = function (type, listener, options) {
  return remove.call(this, type, wrappers.get(listener) ?? listener, options);
};

setInterval(look, 5);
