/** Put into a tab by "Protect this image": protects the picture and saves the copy. */
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";
import { onClickedPicture } from "../src/background/image-menu.ts";
import { getSettings } from "../src/bridge/settings-storage.ts";
import { workOptions } from "../src/bridge/upload.ts";
import { createPanel } from "../src/page/panel/panel.ts";
import { createProtectClient } from "../src/page/protect-client.ts";
import { saveCopy } from "../src/page/save-copy.ts";

declare global {
  /** Set in the content scripts' own world: the script is put into a tab each time the menu is used. */
  var penumbraSaves: true | undefined;
}

export default defineUnlistedScript(() => {
  if (globalThis.penumbraSaves) return;
  globalThis.penumbraSaves = true;

  const openCard = createPanel();
  onClickedPicture(async ({ url, read }) => {
    const options = workOptions(await getSettings());
    await saveCopy(
      url,
      read,
      createProtectClient(() => options),
      openCard,
    );
  });
});
