import { startWorker } from "../../src/worker/start.ts";

startWorker();
