const KEY = "moved";

/** After "up" or "down" the page is loaded again: the same button of the same listing has the focus, at the same height. */
export function keepPlace() {
  document.addEventListener("submit", ({ target }) => {
    const listing = target.closest("[data-reorder]");
    if (!listing?.id) return;
    const top = listing.getBoundingClientRect().top;
    sessionStorage.setItem(KEY, JSON.stringify({ id: listing.id, action: target.getAttribute("action"), top }));
  });

  const moved = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  if (!moved) return;
  // A #fragment in the address moves page and focus when the page has loaded: this comes after it.
  if (document.readyState === "complete") restore(moved);
  else addEventListener("load", () => requestAnimationFrame(() => restore(moved)));
}

function restore({ id, action, top }) {
  const listing = document.getElementById(id);
  if (!listing) return;
  scrollBy({ top: listing.getBoundingClientRect().top - top, behavior: "instant" });
  const forms = [...listing.querySelectorAll("form")];
  // At the end of the list the button that was pressed is gone: its neighbour takes the focus.
  const form = forms.find((form) => form.getAttribute("action") === action) ?? forms[0];
  form?.querySelector("button:not(:disabled)")?.focus({ preventScroll: true });
}
