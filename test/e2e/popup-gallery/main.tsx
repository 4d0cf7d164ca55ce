/** Shows one state of the popup: `?state=NAME`, with `&photo=URL` for a real picture. */
import { render } from "preact";
import "../../../src/bridge/theme.css";
import "../../../src/pages/components/base.css";
import type { PopupActions } from "../../../src/pages/popup/model.ts";
import { Popup } from "../../../src/pages/popup/popup.tsx";
import { makePreviews } from "./pictures.ts";
import { states } from "./states.ts";

const query = new URL(location.href).searchParams;
const photo = query.get("photo") ?? undefined;
const all = states(await makePreviews(320, 224, photo), await makePreviews(240, 320, photo));
const model = all[query.get("state") ?? "empty"];
const root = document.getElementById("app");
if (!model || !root) throw new Error(`expected one of ${Object.keys(all).join(", ")}`);

const nothing = () => undefined;
const actions: PopupActions = {
  change: nothing,
  switchSite: nothing,
  addSite: async () => false,
  removeSite: nothing,
  forgetFiles: nothing,
};
render(<Popup model={model} actions={actions} />, root);
document.documentElement.dataset.ready = "";
