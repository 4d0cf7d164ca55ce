/** Put into a tab by "Protect this image". */
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";
import { startSaving } from "../src/page/save-picture.ts";

export default defineUnlistedScript({ main: startSaving });
