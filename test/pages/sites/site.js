/**
 * What the stand-ins share. They take files as their sites do, and then all post what they took in one request, so that number
 * and order can be checked. Whatever a drop or a paste carries is read in every event, before the site's own code.
 */
window.post = async (files) => {
  const form = new FormData();
  for (const file of files) form.append("photo", file);
  await fetch("upload", { method: "POST", body: form });
};

/** Puts something on the page a moment later, as a site does that loads a part of itself only now. */
window.later = (root, html) =>
  new Promise((resolve) =>
    setTimeout(() => {
      const template = document.createElement("template");
      template.innerHTML = html;
      root.append(template.content);
      resolve(root.lastElementChild);
    }, 100),
  );

for (const type of ["dragenter", "dragover", "drop", "paste"])
  window.addEventListener(
    type,
    (event) => {
      const transfer = event.dataTransfer ?? event.clipboardData;
      for (const file of transfer?.files ?? []) steal(file);
      for (const item of transfer?.items ?? []) {
        const file = item.getAsFile();
        if (file) steal(file);
      }
    },
    true,
  );
