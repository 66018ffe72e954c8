import { fresh, idOf, words } from "./words.js";

/** A button that shows what was typed: fewer mistakes, and no need to type a new password twice. */
export function startPasswords(root) {
  for (const input of fresh(root, 'input[type="password"]', "shown")) {
    const box = document.createElement("div");
    box.className = "with-button";
    input.before(box);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", idOf(input, "password"));
    box.append(input, button);

    const tell = () => {
      const hidden = input.type === "password";
      button.textContent = hidden ? words.show : words.hide;
      button.setAttribute("aria-label", hidden ? words.showPassword : words.hidePassword);
    };
    button.addEventListener("click", () => {
      input.type = input.type === "password" ? "text" : "password";
      tell();
    });
    // Sent as a password, whatever it was shown as, so that the browser offers to keep it.
    input.form?.addEventListener("submit", () => {
      input.type = "password";
      tell();
    });
    tell();
  }
}
