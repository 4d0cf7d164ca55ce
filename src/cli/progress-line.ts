/** A progress bar in one line of a terminal. Draws nothing where the output is not a terminal. */
import type { WriteStream } from "node:tty";

const WIDTH = 30;

export function createProgressLine(stream: Pick<WriteStream, "isTTY" | "write">) {
  return {
    /** @param fraction 0..1 */
    show(text: string, fraction: number): void {
      if (!stream.isTTY) return;
      const full = Math.round(WIDTH * Math.max(0, Math.min(1, fraction)));
      stream.write(`\r\x1b[2K${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${text}`);
    },
    clear(): void {
      if (stream.isTTY) stream.write("\r\x1b[2K");
    },
  };
}
