/** Where `npm run applications` puts the applications that end-to-end tests may drive. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

export const APPLICATIONS_FOLDER = join(ROOT, ".applications");

/** What is there once the applications of a kind are: an installation that was broken off does not count. */
const LAST = { python: "python/bin/wagtail", debian: "debian" };

/** Whether applications of a kind are there. */
export const hasApplications = (kind: keyof typeof LAST) => existsSync(join(APPLICATIONS_FOLDER, LAST[kind]));
