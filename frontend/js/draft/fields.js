// The boxes of a form, each tied to its place in the draft. What others type appears where it belongs; the caret stays.

/** What is done here, by the person before the screen: undo takes back this alone. */
export const HERE = { name: "here" };

const isHigh = (text, at) => at >= 0 && at < text.length && (text.charCodeAt(at) & 0xfc00) === 0xd800;
const cuts = (text, at) => isHigh(text, at - 1) && (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** How `after` differs from `before`: what to take out at `start`, and what to put there. Never half of a character. */
export function difference(before, after) {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  if (cuts(before, start) || cuts(after, start)) start -= 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  if (end > 0 && (cuts(before, before.length - end) || cuts(after, after.length - end))) end -= 1;
  return { start, gone: before.length - end - start, added: after.slice(start, after.length - end) };
}

/** Where a place in a text is after what Yjs says was changed. `sticks` to what comes before when something is put there. */
export function moved(place, delta, sticks = true) {
  let at = 0;
  for (const step of delta) {
    if (at > place || (at === place && sticks && step.insert !== undefined)) break;
    if (step.retain) at += step.retain;
    else if (step.insert !== undefined) {
      place += step.insert.length;
      at += step.insert.length;
    } else place = Math.max(at, place - step.delete);
  }
  return place;
}

/** A textarea or a line, and a Y.Text. While an input method composes, the box is left alone. */
export class TextField {
  constructor(box, text) {
    this.box = box;
    this.text = text;
    this.shown = text.toString();
    this.waiting = [];
    this.isComposing = false;
    box.value = this.shown;
    // The browser turns some characters into others (a line of a box without lines): what it shows is what is compared.
    this.shown = box.value;
    this.observe = (event, transaction) => this.#show(event.delta, transaction);
    text.observe(this.observe);
    box.addEventListener("input", () => this.isComposing || this.#take());
    box.addEventListener("compositionstart", () => (this.isComposing = true));
    box.addEventListener("compositionend", () => {
      this.isComposing = false;
      this.#take();
    });
    box.addEventListener("blur", () => {
      if (this.isComposing) {
        this.isComposing = false;
        this.#take();
      }
    });
  }

  #take() {
    const { start, gone, added } = difference(this.shown, this.box.value);
    this.shown = this.box.value;
    if (gone || added) {
      // What came while the input method composed has moved the place.
      const from = this.waiting.reduce((place, delta) => moved(place, delta), start);
      const to = this.waiting.reduce((place, delta) => moved(place, delta), start + gone);
      this.isOwn = true;
      this.text.doc.transact(() => {
        if (to > from) this.text.delete(from, to - from);
        if (added) this.text.insert(from, added);
      }, HERE);
      this.isOwn = false;
    }
    this.waiting = [];
    if (this.shown !== this.text.toString()) this.#put([]);
  }

  #show(delta, transaction) {
    if (this.isOwn && transaction.origin === HERE) return;
    if (this.isComposing) this.waiting.push(delta);
    else this.#put(delta);
  }

  #put(delta) {
    const { box } = this;
    const [from, to] = [box.selectionStart, box.selectionEnd].map((place) => moved(place ?? 0, delta));
    const { scrollTop } = box;
    box.value = this.text.toString();
    this.shown = box.value;
    if (document.activeElement === box && box.setSelectionRange) {
      box.setSelectionRange(from, to);
      box.scrollTop = scrollTop;
    }
  }

  destroy() {
    this.text.unobserve(this.observe);
  }
}

/** A choice, a date, a number or a tick, and an entry of a Y.Map: of two who change it at once, one holds. */
export class ChoiceField {
  constructor(boxes, map, name, { changed = () => {} } = {}) {
    this.boxes = boxes;
    this.map = map;
    this.name = name;
    this.observe = (event) => event.keysChanged.has(name) && this.#show();
    map.observe(this.observe);
    for (const box of boxes) {
      box.addEventListener("change", () => {
        const value = this.#value();
        if (value === (map.get(name) ?? "")) return;
        map.doc.transact(() => map.set(name, value), HERE);
        changed(value);
      });
    }
    this.#show();
  }

  #value() {
    const [box] = this.boxes;
    if (box.type === "checkbox") return box.checked ? "yes" : "";
    if (box.type === "radio") return this.boxes.find((each) => each.checked)?.value ?? "";
    if (box.inputMode === "decimal") return plain(box.value);
    return box.value;
  }

  #show() {
    const said = this.map.get(this.name);
    const value = typeof said === "string" ? said : "";
    for (const box of this.boxes) {
      if (box.type === "checkbox") box.checked = value === "yes";
      else if (box.type === "radio") box.checked = box.value === value;
      else if (box.value !== value) box.value = value;
    }
  }

  /** Shows it again: the options of a list have changed. */
  refresh() {
    this.#show();
  }

  destroy() {
    this.map.unobserve(this.observe);
  }
}

/** A number as the contract says it: a point, no zeros that say nothing. What is no number stays as it is. */
function plain(value) {
  const said = value.trim().replace(",", ".");
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(said)) return said;
  return said.includes(".") ? said.replace(/\.?0+$/, "") : said;
}
