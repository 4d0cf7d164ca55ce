/**
 * Plaza's page, as many sites do it: a preview of what the file input holds, a form that posts it, a feed. One thing it
 * does on purpose: it peeks at the input in every event and every few milliseconds, and tells the server the hash of each
 * file it ever saw there.
 */
const form = document.querySelector("form");
const input = document.querySelector("#photo");
const chosen = document.querySelector(".chosen");
const status = document.querySelector(".file");
const button = document.querySelector("button");
const prompt = document.querySelector(".empty b");
const feed = document.querySelector(".feed");
const template = document.querySelector("#post");

const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const size = (bytes) =>
  bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`;

const witness = { seen: [], looks: 0 };
const known = new WeakSet();

async function peek() {
  witness.looks++;
  for (const file of input.files) {
    if (known.has(file)) continue;
    known.add(file);
    const hash = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    if (!witness.seen.includes(hash)) witness.seen.push(hash);
    form.elements.witness.value = JSON.stringify(witness);
  }
}
for (const type of ["input", "change"]) window.addEventListener(type, peek, true);
setInterval(peek, 5);

function preview() {
  const files = [...input.files];
  chosen.replaceChildren(
    ...files.map((file) => {
      const img = new Image();
      img.src = URL.createObjectURL(file);
      img.alt = file.name;
      return img;
    }),
  );
  chosen.hidden = files.length === 0;
  form.classList.toggle("ready", files.length > 0);
  button.disabled = files.length === 0;
  prompt.textContent = files.length === 0 ? "Choose a photo" : "Choose another";
  status.textContent =
    files.length === 0
      ? "No photo chosen"
      : files.map((file) => `${file.name} · ${size(file.size)}`).join(", ");
}
input.addEventListener("change", preview);

form.addEventListener("submit", () => {
  form.elements.witness.value = JSON.stringify(witness);
  button.textContent = "Posting …";
});

function rows(list, entries) {
  list.replaceChildren(
    ...entries.flatMap(([name, value]) => {
      const dt = document.createElement("dt");
      const dd = document.createElement("dd");
      dt.textContent = name;
      dd.textContent = value;
      return [dt, dd];
    }),
  );
}

function figure(path, words) {
  const element = document.createElement("figure");
  const img = new Image();
  img.src = path;
  img.alt = words;
  const caption = document.createElement("figcaption");
  caption.textContent = words;
  element.append(img, caption);
  return element;
}

const VERDICTS = {
  protected: "Not the original",
  original: "The original",
  unknown: "",
};

function render(post, article) {
  article.querySelector("time").textContent = new Date(post.receivedAt).toLocaleTimeString();
  article.querySelector(".caption").textContent = post.caption;
  const notes = post.notes ?? {};
  const verdict = article.querySelector(".verdict");
  verdict.textContent = notes.pending ? "Measuring …" : (VERDICTS[notes.verdict] ?? "");
  verdict.dataset.verdict = notes.pending ? "pending" : (notes.verdict ?? "unknown");
  rows(article.querySelector(".wire"), [
    ["File", post.name],
    ["Type", post.type],
    ["Size", size(post.size)],
    ["SHA-256", post.sha256],
    ...(notes.originalSha256 ? [["Original", notes.originalSha256]] : []),
  ]);
  rows(article.querySelector(".figures"), notes.figures ?? []);
  const strip = article.querySelector(".strip");
  if (notes.strip && strip.childElementCount === 0)
    strip.append(...notes.strip.map(([path, words]) => figure(path, words)));
}

const articles = new Map();
async function refresh() {
  const posts = await (await fetch("/posts.json")).json();
  for (const post of posts.toReversed()) {
    let article = articles.get(post.id);
    if (!article) {
      article = template.content.cloneNode(true).querySelector("article");
      article.querySelector(".picture img").src = `/media/${post.id}`;
      if (articles.size === 0) feed.replaceChildren();
      articles.set(post.id, article);
      feed.prepend(article);
    }
    render(post, article);
  }
  if (posts.some((post) => post.notes?.pending)) setTimeout(refresh, 700);
}
void refresh();
