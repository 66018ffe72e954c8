import { fresh, words } from "./words.js";

/** The name of a day ticks, or clears, its whole column. */
export function startWeekGrids(root) {
  for (const grid of fresh(root, "table[data-week-grid]", "ready")) {
    for (const head of grid.tHead.querySelectorAll('th[scope="col"]')) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.setAttribute("aria-label", `${words.wholeDay} ${head.dataset.day ?? button.textContent.trim()}`);
      head.append(button);

      const column = head.cellIndex;
      button.addEventListener("click", () => {
        const boxes = [...grid.rows].map((row) => row.cells[column]?.querySelector("input")).filter(Boolean);
        const all = boxes.every((box) => box.checked);
        for (const box of boxes) box.checked = !all;
        grid.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
  }
}
