import { fresh, idOf } from "./words.js";

/** A button that copies what an input holds. `data-copy` is what stands on it, `data-copied` what stands there then. */
export function startCopying(root) {
  if (!navigator.clipboard) return;
  for (const input of fresh(root, "input[data-copy]", "copies")) {
    const box = document.createElement("div");
    box.className = "with-button";
    input.before(box);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", idOf(input, "copied"));
    button.textContent = input.dataset.copy;
    const status = document.createElement("span");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    box.append(input, button, status);

    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(input.value);
      } catch {
        input.focus();
        input.select();
        return;
      }
      button.textContent = status.textContent = input.dataset.copied;
    });
  }
}
