/** What the browser itself shows of the extension: its name, its line in the list of extensions, and its menu. */

/** The extension's name; a browser and a person see the same one everywhere. */
export const name = "Penumbra";

export const manifest = {
  name,
  /** At most 132 characters, or stores refuse it. */
  description:
    "Changes pictures slightly before you upload them, on your own computer, with the aim that AI learns less from them.",
};

export const menu = {
  protectImage: "Protect this image",
};
