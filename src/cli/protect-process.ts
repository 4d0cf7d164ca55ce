/** One of the processes of `processes.ts`: protects one file after the other. */
import { toProblemData } from "../core/contract/problem.ts";
import { createPenumbra } from "./penumbra.ts";
import type { Answer, Work } from "./processes.ts";

const { protect } = createPenumbra();
const answer = (message: Answer) => process.send?.(message);

process.on("message", ({ bytes, request }: Work) => {
  protect(bytes, request, (progress) => answer({ progress })).then(
    (done) => answer({ done }),
    (error) => answer({ failed: toProblemData(error) }),
  );
});
