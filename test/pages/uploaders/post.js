/** What a page does where its uploader leaves the sending to it. */

/** Sends files in one form. */
export function post(files) {
  const form = new FormData();
  for (const file of files) form.append("photo", file);
  return fetch("/upload.json", { method: "POST", body: form });
}

/** Sends what was written in an editor, pictures in it. */
export function save(html) {
  const form = new FormData();
  form.append("html", html);
  return fetch("/upload.json", { method: "POST", body: form });
}
