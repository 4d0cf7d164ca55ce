/** Put into a tab by "Protect this image": protects the picture and saves the copy. */
import { defineUnlistedScript } from "wxt/utils/define-unlisted-script";
import { onClickedPicture } from "../src/platform/image-menu.ts";
import { createProtectClient } from "../src/platform/protect-client.ts";
import { getSettings } from "../src/platform/settings.ts";
import { workOptions } from "../src/shared/upload.ts";
import { createPanel } from "../src/uploads/panel/panel.ts";
import { saveCopy } from "../src/uploads/save-copy.ts";

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
