// allauth's own scripts talk to the browser about passkeys. This one says so on the page when that fails.
import { words } from "./words.js";

const status = document.querySelector("[data-passkey-status]");

if (!window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = true;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  if (status) status.textContent = words.noPasskey;
});
