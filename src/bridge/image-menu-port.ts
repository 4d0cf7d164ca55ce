/**
 * What the background and a tab say to each other about "Protect this image". The background names the
 * picture; the tab asks for its bytes if the page may not read them.
 */
import type { ProblemData } from "../core/contract/problem.ts";

/** Name of the port from the background to the tab. */
export const IMAGE_MENU_PORT = "save-picture";

/** From the background. */
export type MenuMessage =
  /** `readHere`: whether the tab can read the picture itself. */
  | { readonly kind: "picture"; readonly url: string; readonly readHere: boolean }
  | { readonly kind: "bytes"; readonly file: Blob }
  | { readonly kind: "failed"; readonly problem: ProblemData };

/** From the tab: asks for the bytes. */
export type TabMessage = { readonly kind: "read" };
