import { startWork } from "./work.ts";

startWork();
