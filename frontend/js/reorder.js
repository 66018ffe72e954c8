const KEY = "moved";

/** After "up" or "down" the page is loaded again: the same button of the same listing has the focus, at the same height. */
export function keepPlace() {
  document.addEventListener("submit", ({ target, submitter }) => {
    const listing = target.closest("[data-reorder]");
    if (!listing?.id || !submitter) return;
    const top = listing.getBoundingClientRect().top;
    sessionStorage.setItem(KEY, JSON.stringify({ id: listing.id, move: submitter.dataset.move ?? "", top }));
  });

  const moved = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  const listing = moved && document.getElementById(moved.id);
  if (!listing) return;
  scrollBy({ top: listing.getBoundingClientRect().top - moved.top, behavior: "instant" });
  const buttons = [...listing.querySelectorAll("button[data-move]:not(:disabled)")];
  (buttons.find((button) => button.dataset.move === moved.move) ?? buttons[0])?.focus({ preventScroll: true });
}
