const PATIENCE = 10_000;

/** A form is sent once, however often its button is pressed, until the answer is there or has taken too long. */
export function sendOnce() {
  const underWay = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // What a script sends by itself is its own affair.
    if (event.defaultPrevented || form.method !== "post") return;
    if (underWay.has(form)) {
      event.preventDefault();
      return;
    }
    underWay.add(form);
    setTimeout(() => underWay.delete(form), PATIENCE);
  });
  addEventListener("pageshow", () => underWay.clear());
}
