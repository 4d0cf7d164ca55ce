/** What pages of editors do alike. */
import { post, save } from "../uploaders/post.js";

/** Lets a test see what an editor holds, and saves it when the button is pressed. @param content gives it as text */
export function ready(content) {
  window.content = content;
  document.querySelector("#save").addEventListener("click", () => save(content()));
}

/** A picture as an address that is the picture itself. */
export function addressOf(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Sends a picture. @returns the address that the server gives to every picture */
export async function upload(file) {
  await post([file]);
  return "/uploaded.png";
}
