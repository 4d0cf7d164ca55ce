/** A wrong use of the command line, in a sentence for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
