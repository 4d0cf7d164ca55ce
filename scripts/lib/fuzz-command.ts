/** The command line in a child process of `scripts/fuzz.ts`: what it prints goes to the parent, with what it has cost by then. */
import { main } from "../../src/cli/main.ts";

/** One line of the command. */
export interface CommandLine {
  /** `log` is standard output, `error` is standard error. */
  readonly stream: "log" | "error";
  readonly text: string;
  /** Processor time of the whole process so far. */
  readonly seconds: number;
  /** Most memory of the whole process so far. */
  readonly megabytes: number;
}

for (const stream of ["log", "error"] as const)
  console[stream] = (text: string) => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const line: CommandLine = {
      stream,
      text,
      seconds: (userCPUTime + systemCPUTime) / 1e6,
      megabytes: maxRSS / 1024,
    };
    process.send?.(line);
  };

process.exitCode = await main(process.argv.slice(2));
process.disconnect?.();
