/** What went wrong is read first, and its links lead to the field, not only into view. */
export function startErrors(root) {
  const problem = root.querySelector("[data-problem]");
  if (!problem) return;
  problem.focus();
  problem.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details:not([open])")?.setAttribute("open", "");
    (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}
