/**
 * What a person should know about a protected file that was made without a problem, as a code with values.
 * Codes survive messaging; sentences are made where they are shown (`bridge/strings/notices.ts`).
 */

export type Notice =
  | {
      readonly code: /** The original had more than 8 bits a colour value. */
        | "sixteen-bit"
        /** The original held several pictures, of which only the first was kept. */
        | "second-picture"
        /** The map that makes the original brighter on HDR screens was left out. */
        | "gain-map"
        /** The picture has one colour or is tiny: its pixels were not changed, only its file was written anew. */
        | "nothing-to-protect"
        /** Most of the picture has even colours, which stay as they are, and the rest protects it little. */
        | "mostly-flat";
    }
  /** The finished file has so many times the bytes of the original. */
  | { readonly code: "larger"; readonly times: number }
  /** Penumbra does not write the original's format. `from` and `to` are names that people know, e.g. HEIC. */
  | {
      readonly code: "format-changed";
      readonly from: string;
      readonly to: string;
      /** As names of files in the new format end, without the dot. */
      readonly extension: string;
    };
