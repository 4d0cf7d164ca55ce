/** Put into a tab by "Protect this image": protects the picture and saves the copy. */

import { onClickedPicture } from "../background/image-menu.ts";
import { requestFor } from "../bridge/settings.ts";
import { getSettings } from "../bridge/settings-storage.ts";
import { createPanel } from "./panel/panel.ts";
import { createProtectClient } from "./protect-client.ts";
import { saveCopy } from "./save-copy.ts";

declare global {
  /** Set in the content scripts' own world: the script is put into a tab each time the menu is used. */
  var penumbraSaves: true | undefined;
}

/** Answers the menu in this document from now on. */
export function startSaving(): void {
  if (globalThis.penumbraSaves) return;
  globalThis.penumbraSaves = true;

  const openCard = createPanel();
  onClickedPicture(async ({ url, read }) => {
    const options = requestFor(await getSettings());
    await saveCopy(
      url,
      read,
      createProtectClient(() => options),
      openCard,
    );
  });
}
