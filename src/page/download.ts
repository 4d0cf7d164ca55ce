/** Downloads of protected files, whose names say that they are protected. */

const MARK = "-protected";

/** `cat.jpg` -> `cat-protected.jpg` */
export function protectedName(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) + MARK + name.slice(dot) : name + MARK;
}

/** Whether a name may be one of {@link protectedName}, also if the browser put a number behind it. */
export function isProtectedName(name: string): boolean {
  return name.includes(MARK);
}

/** Downloads a file under a name. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // By then the browser has started the download.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
