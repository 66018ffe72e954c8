import { fresh, words } from "./words.js";

/** How many characters are left, seen once half of them are used, and said only when the writer pauses. */
export function startCounters(root) {
  for (const area of fresh(root, "textarea[maxlength]", "counted")) {
    const limit = Number(area.getAttribute("maxlength"));
    const seen = document.createElement("p");
    seen.className = "count";
    seen.setAttribute("aria-hidden", "true");
    const said = document.createElement("p");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    area.after(seen, said);

    let pause;
    const count = () => {
      // A form counts a line break as two characters.
      const left = limit - area.value.replace(/\r?\n/g, "\r\n").length;
      const text = `${words.left} ${Math.max(0, left)}`;
      seen.textContent = left < limit / 2 ? text : "";
      clearTimeout(pause);
      pause = setTimeout(() => (said.textContent = left < limit / 10 ? text : ""), 1000);
    };
    area.addEventListener("input", count);
    count();
  }
}
