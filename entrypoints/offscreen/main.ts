import { startWork } from "../../src/worker/start.ts";

startWork();
