// What the scripts say, translated by the server in components/words.html.
export const words = document.getElementById("words")?.dataset ?? {};

let lastId = 0;

/** The id of an element, given one if it has none, so that aria attributes can point at it. */
export function idOf(element, prefix) {
  element.id ||= `${prefix}-${++lastId}`;
  return element.id;
}

/** All elements within root that match, root included, each handed over once however often the page is searched. */
export function* fresh(root, selector, mark) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  for (const element of found) {
    if (element.dataset[mark]) continue;
    element.dataset[mark] = "yes";
    yield element;
  }
}
