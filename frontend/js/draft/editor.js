// The draft of a contract as both edit it at once. The page is whole without this: it shows the text, and a form for each
// part. Here the forms take the places of the text, and each box is tied to its place in the shared draft.

import { generateKeyBetween } from "fractional-indexing";
import * as Y from "yjs";

import { Connection } from "./connection.js";
import { Draft, isEntry, kindOf } from "./document.js";
import { ChoiceField, HERE, TextField } from "./fields.js";

const LOOK_AFTER = 1200;
const SAY_SAVING_AFTER = 400;

class Editor {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(document.getElementById("draft-data").textContent);
    this.words = document.getElementById("draft-words").dataset;
    this.doc = new Y.Doc();
    this.draft = new Draft(this.doc, this.data.shape);
    this.parts = new Map();
    this.written = new Map(Object.entries(this.data.written));
    this.bar = root.querySelector("[data-bar]");
    this.connection = new Connection(this.doc, this.data, {
      changed: () => this.#sayState(),
      lookAgain: () => this.#look(),
    });
    this.#watchWriters();
    this.#open();
  }

  async #open() {
    // Who leaves while something is on its way, and on no disk, is asked.
    addEventListener("beforeunload", (event) => {
      if (!this.connection.isSaved && !this.connection.isKept) event.preventDefault();
    });
    this.bar.hidden = false;
    this.#sayState();
    await this.connection.open();
    this.undoing = new Y.UndoManager(this.doc, { trackedOrigins: new Set([HERE]), captureTimeout: 600 });
    this.#startBar();
    this.#startPresence();
    this.#build();
    this.draft.items.observe(() => this.#arrange());
    this.doc.on("update", (_update, origin) => origin === this.connection.store || this.#lookSoon());
    this.#follow(this.data.state);
    // Somebody may have signed while this page was on its way, or while there was no connection.
    this.connection.provider.on("sync", (isSynced) => isSynced && this.#lookSoon());
    this.#lookSoon();
    document.getElementById("standing").addEventListener("click", (event) => this.#goTo(event));
  }

  // --- The parts ------------------------------------------------------------------------------------------------------

  #build() {
    for (const entry of this.root.querySelectorAll("[data-still] [id]")) entry.removeAttribute("id");
    for (const place of this.root.querySelectorAll("[data-live]")) {
      this.parts.set(place.dataset.live, new Part(this, place.dataset.live, place));
    }
    for (const list of this.root.querySelectorAll("[data-live-list]")) {
      list.closest("section").addEventListener("click", ({ target }) => {
        const button = target.closest("button[data-add]");
        if (button) this.#add(list.dataset.liveList, list.dataset.side);
      });
    }
    this.#arrange();
    // The text makes room for its forms. What was said of an entry goes with it.
    for (const still of this.root.querySelectorAll("[data-still]")) still.remove();
    for (const live of this.root.querySelectorAll("[data-live], [data-live-list], [data-add]")) live.hidden = false;
    this.root.dataset.isLive = "yes";
  }

  /** Brings each list into the order of the draft: entries that are new, gone, or in another place. */
  #arrange() {
    const standing = new Set();
    for (const list of this.root.querySelectorAll("[data-live-list]")) {
      const { liveList: kind, side } = list.dataset;
      const keys =
        kind === "commitment"
          ? this.draft.entries(kind).filter((key) => (this.draft.value(key, "giver") || "first") === side)
          : this.draft.entries(kind, side);
      let before = null;
      for (const key of keys) {
        standing.add(key);
        const part = this.parts.get(key) ?? this.#makeEntry(key);
        const next = before ? before.nextElementSibling : list.firstElementChild;
        if (part.place !== next) keepingFocus(part.place, () => list.insertBefore(part.place, next));
        part.number(keys.indexOf(key), keys.length);
        before = part.place;
      }
      list.closest("section").querySelector("[data-empty]").hidden = keys.length > 0;
    }
    for (const [key, part] of this.parts) {
      if (isEntry(key) && !standing.has(key)) {
        part.destroy();
        this.parts.delete(key);
      }
    }
    this.#offerNeeds();
  }

  #makeEntry(key) {
    const place = document.createElement("li");
    place.className = "live-entry";
    place.id = key;
    const part = new Part(this, key, place);
    place.append(this.root.querySelector(`[data-still] [data-comments="${key}"]`) ?? this.#wayToComments(key));
    this.parts.set(key, part);
    return part;
  }

  #wayToComments(key) {
    const row = document.createElement("p");
    row.className = "small";
    const link = document.createElement("a");
    link.href = this.data.comments.replace("KEY", key);
    link.textContent = this.words.comment;
    row.append(link);
    return row;
  }

  /** A promise says which need it serves: the needs of the other, as they stand. */
  #offerNeeds() {
    for (const [key, part] of this.parts) {
      if (kindOf(key) === "commitment") part.offerNeeds();
    }
  }

  #add(kind, side, said = {}) {
    const most = this.data.shape.most[kind];
    if (this.draft.entries(kind, kind === "commitment" ? "" : side).length >= most) return this.say(this.words.full);
    const number = crypto.getRandomValues(new BigUint64Array(1))[0] % 900_000_000_000n;
    const key = kind === "commitment" ? `${kind}-${number + 100_000_000_000n}` : `${kind}-${side}-${number + 100_000_000_000n}`;
    this.doc.transact(() => {
      const fields = this.draft.fields(key);
      const first = kind === "commitment" ? { giver: side, ...said } : { kind: "skill", ...said };
      for (const [name, value] of Object.entries(first)) fields.set(name, value);
      fields.set("position", this.#placeAfter(kind, kind === "commitment" ? "" : side));
      this.draft.items.set(key, true);
    }, HERE);
    this.parts.get(key)?.focus();
  }

  #placeAfter(kind, side) {
    const last = this.draft.entries(kind, side).at(-1);
    return between(last ? this.draft.position(last) : null, null);
  }

  remove(key) {
    const after = this.parts.get(key)?.place;
    const next = (after?.nextElementSibling ?? after?.previousElementSibling)?.querySelector("textarea");
    this.undoing.stopCapturing();
    this.doc.transact(() => this.draft.items.set(key, false), HERE);
    this.say(this.words.removed);
    (next ?? this.bar.querySelector("[data-undo]")).focus();
  }

  move(key, by) {
    const kind = kindOf(key);
    const side = kind === "commitment" ? "" : key.split("-")[1];
    const all = this.draft.entries(kind, side);
    // The list of a giver shows a part of all promises: a step is one in that list.
    const shown = [...this.parts.get(key).place.parentElement.children].map((place) => place.id);
    const to = shown[shown.indexOf(key) + by];
    if (!to) return;
    const rest = all.filter((each) => each !== key);
    const at = rest.indexOf(to) + (by > 0 ? 1 : 0);
    const [before, after] = [rest[at - 1], rest[at]];
    this.undoing.stopCapturing();
    this.doc.transact(() => {
      const place = between(before ? this.draft.position(before) : null, after ? this.draft.position(after) : null);
      this.draft.fields(key).set("position", place);
    }, HERE);
    this.arrangeSoon();
  }

  arrangeSoon() {
    this.arranging ??= queueMicrotask(() => {
      this.arranging = undefined;
      this.#arrange();
    });
  }

  promise(need) {
    const giver = need.split("-")[1] === "first" ? "second" : "first";
    this.#add("commitment", giver, { need });
  }

  // --- Who wrote what, and who is where -------------------------------------------------------------------------------

  /** Notes who changed each field last: what comes from here is mine, what comes from elsewhere the other's. */
  #watchWriters() {
    this.doc.on("afterTransaction", (transaction) => {
      const { origin } = transaction;
      const isMine = origin === HERE || origin === this.undoing;
      if (!isMine && !(origin === this.connection.provider && this.isWatching)) return;
      const side = isMine ? this.data.side : this.data.side === "first" ? "second" : "first";
      for (const [type, keys] of transaction.changed) {
        const name = nameOf(this.doc, type);
        const places = name?.includes(".") ? [name] : name ? [...keys].map((key) => `${name}.${key}`) : [];
        for (const place of places) this.#noteWriter(place, side);
      }
    });
  }

  #noteWriter(place, side) {
    this.written.set(place, side);
    this.parts.get(place.slice(0, place.indexOf(".")))?.showWriter(place.slice(place.indexOf(".") + 1));
  }

  writer(place) {
    const side = this.written.get(place);
    if (!side) return "";
    return side === this.data.side ? this.words.byYou : this.words.by.replace("{name}", this.data.names[side]);
  }

  #startPresence() {
    // From here on what comes is typed just now; what came before is older.
    this.isWatching = true;
    const { awareness } = this.connection;
    awareness.setLocalState({ at: "" });
    this.root.addEventListener("focusin", ({ target }) => {
      const at = target.closest("[data-at]")?.dataset.at ?? "";
      if (awareness.getLocalState()?.at !== at) awareness.setLocalState({ at });
    });
    this.root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.root.contains(relatedTarget)) awareness.setLocalState({ at: "" });
    });
    awareness.on("change", () => this.#showOthers());
    this.#showOthers();
  }

  #showOthers() {
    const { awareness } = this.connection;
    const there = new Map();
    let isHere = false;
    for (const [client, state] of awareness.getStates()) {
      if (client === this.doc.clientID || !state.user || state.user.side === this.data.side) continue;
      isHere = true;
      if (state.at) there.set(String(state.at), this.data.names[state.user.side]);
    }
    for (const box of this.root.querySelectorAll("[data-at]")) {
      const name = there.get(box.dataset.at);
      const sign = box.querySelector("[data-there]");
      if ((sign.textContent !== "") === Boolean(name)) continue;
      sign.textContent = name ? this.words.typing.replace("{name}", name) : "";
      box.classList.toggle("is-shared", Boolean(name));
    }
    const other = this.data.names[this.data.side === "first" ? "second" : "first"];
    const said = isHere ? this.words.here.replace("{name}", other) : "";
    const sign = this.bar.querySelector("[data-here]");
    if (sign.textContent !== said) sign.textContent = said;
  }

  // --- The bar --------------------------------------------------------------------------------------------------------

  #startBar() {
    const [undo, redo] = ["[data-undo]", "[data-redo]"].map((each) => this.bar.querySelector(each));
    const show = () => {
      undo.setAttribute("aria-disabled", String(this.undoing.undoStack.length === 0));
      redo.setAttribute("aria-disabled", String(this.undoing.redoStack.length === 0));
    };
    for (const name of ["stack-item-added", "stack-item-popped", "stack-cleared"]) this.undoing.on(name, show);
    undo.addEventListener("click", () => this.undoing.undo());
    redo.addEventListener("click", () => this.undoing.redo());
    show();
    this.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      // The browser's own undo knows nothing of what the other typed meanwhile.
      event.preventDefault();
      if (this.isLocked) return;
      if (key === "y" || event.shiftKey) this.undoing.redo();
      else this.undoing.undo();
    });
  }

  #sayState() {
    const { connection, words } = this;
    clearTimeout(this.saying);
    const saved = connection.isSaved;
    this.root.dataset.saved = saved ? "yes" : "no";
    if (connection.closed) return this.#sayClosed(connection.closed);
    if (saved) return this.say(words.saved, "saved");
    if (connection.isConnected) {
      this.saying = setTimeout(() => this.say(words.saving, "saving"), SAY_SAVING_AFTER);
      return;
    }
    const state = this.wasOpen ? (connection.isKept ? words.offline : words.offlineNotKept) : words.connecting;
    this.saying = setTimeout(() => this.say(state, "offline"), SAY_SAVING_AFTER);
  }

  #sayClosed(code) {
    const { words } = this;
    const isOver = { 4403: words.noParty, 4410: words.ended }[code];
    const again = code === 4401 ? words.loggedOut : words.closed;
    const said = isOver ?? (this.connection.isKept ? again : words.closedNotKept);
    this.say(said, "closed");
    if (code === 4403 || code === 4410) this.#lock(true);
  }

  say(text, state = "") {
    const status = this.bar.querySelector("[data-status]");
    if (status.textContent !== text) status.textContent = text;
    if (!state) return;
    this.bar.dataset.state = state;
    if (state === "saved") this.wasOpen = true;
  }

  // --- Where the contract stands --------------------------------------------------------------------------------------

  #lookSoon() {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.#look(), LOOK_AFTER);
  }

  /** What is missing is a link to a form; here the form is on the page. */
  #goTo(event) {
    const link = event.target.closest("a[data-goes-to], a[data-promises]");
    if (!link || this.isLocked) return;
    const part = this.parts.get(link.dataset.goesTo);
    if (!part && !link.dataset.promises) return;
    event.preventDefault();
    if (part) part.focus();
    else this.#add("commitment", link.dataset.promises);
  }

  /** Asks the server what is missing, who has signed, and what was commented. */
  async #look() {
    const place = document.getElementById("standing");
    try {
      const answer = await fetch(this.data.standing, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      if (answer.redirected || !answer.ok) return;
      const drawn = document.createElement("template");
      drawn.innerHTML = await answer.text();
      const found = drawn.content.firstElementChild;
      if (found.dataset.leaves) return location.reload();
      const opened = place.querySelector("details[open]") !== null;
      if (place.innerHTML !== found.innerHTML && !place.contains(document.activeElement)) {
        place.innerHTML = found.innerHTML;
        if (opened) place.querySelector("details")?.setAttribute("open", "");
      }
      place.dataset.state = found.dataset.state;
      this.#follow(found.dataset.state);
    } catch {
      // Without a connection it stays as it was; the bar says so.
    }
  }

  /** While a signature stands on the text, a stray key must not take it away. */
  #follow(state) {
    const isSigned = state === "signed_by_one" || state === "amendment_signed_by_one";
    if (!isSigned) this.mayChange = false;
    this.#lock(isSigned && !this.mayChange);
    const ask = this.root.querySelector("[data-edit-anyway]");
    if (ask) {
      ask.hidden = !(isSigned && !this.mayChange);
      ask.querySelector("button").onclick = () => this.#unlock();
    }
  }

  #unlock() {
    this.mayChange = true;
    this.#follow(document.getElementById("standing").dataset.state);
    this.root.querySelector("[data-live] textarea")?.focus();
  }

  #lock(isLocked) {
    this.isLocked = isLocked;
    this.root.dataset.isLocked = isLocked ? "yes" : "no";
    for (const fieldset of this.root.querySelectorAll("fieldset[data-lock]")) fieldset.disabled = isLocked;
    for (const button of this.root.querySelectorAll("[data-add]")) button.disabled = isLocked;
  }
}

/** One part of the draft: the boxes of its form, tied to the draft. */
class Part {
  constructor(editor, key, place) {
    this.editor = editor;
    this.key = key;
    this.place = place;
    this.bound = [];
    const { draft } = editor;
    const drawn = document.querySelector(`template[data-form="${key}"], template[data-form="${kindOf(key)}"]`);
    const form = drawn.content.cloneNode(true);
    this.#name(form);
    for (const field of editor.data.shape.fields[kindOf(key)]) {
      const boxes = [...form.querySelectorAll(`[name="${CSS.escape(`${key}.${field}`)}"]`)];
      if (boxes.length === 0) continue;
      const row = boxes[0].closest(".field");
      row.dataset.at = `${key}.${field}`;
      row.dataset.field = field;
      row.append(sign("data-there", "live-there"), sign("data-by", "live-by"));
      this.bound.push(
        draft.isText(key, field)
          ? new TextField(boxes[0], draft.text(key, field))
          : new ChoiceField(boxes, draft.fields(key), field, { changed: (value) => this.#changed(field, value) }),
      );
    }
    const lock = document.createElement("fieldset");
    lock.dataset.lock = "";
    lock.className = "live-part";
    lock.append(form);
    this.#startButtons(lock);
    if (kindOf(key) === "commitment") lock.addEventListener("input", (event) => this.#measure(event));
    place.replaceChildren(lock);
    place.hidden = false;
    lock.disabled = Boolean(editor.isLocked);
    for (const field of editor.data.shape.fields[kindOf(key)]) this.showWriter(field);
    this.onPlace = (event) => event.keysChanged.has("position") && editor.arrangeSoon();
    if (isEntry(key)) draft.fields(key).observe(this.onPlace);
  }

  /** The ids and names of a form are for one of a kind: here they begin with the part's own. */
  #name(form) {
    const rename = (said) => said.split(" ").map((each) => `${this.key}-${each}`).join(" ");
    for (const each of form.querySelectorAll("[id], [for], [aria-describedby], [name]")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        if (each.hasAttribute(name)) each.setAttribute(name, rename(each.getAttribute(name)));
      }
      if (each.name) each.name = `${this.key}.${each.name === "kind_of_thing" ? "kind" : each.name}`;
      each.removeAttribute("required");
      // By its placeholder the style sheet knows that a box is empty.
      if (each.matches("textarea, input:not([type])") || each.type === "text") each.placeholder = " ";
    }
  }

  #startButtons(lock) {
    for (const [name, act] of [
      ["up", () => this.editor.move(this.key, -1)],
      ["down", () => this.editor.move(this.key, 1)],
      ["remove", () => this.editor.remove(this.key)],
      ["promise", () => this.editor.promise(this.key)],
    ]) {
      lock.querySelector(`[data-do="${name}"]`)?.addEventListener("click", act);
    }
  }

  /** Who says how much, or of what, measures by an amount. */
  #measure({ target }) {
    const { draft } = this.editor;
    const { field } = target.closest("[data-field]")?.dataset ?? {};
    if ((field !== "amount" && field !== "unit") || draft.value(this.key, "measure")) return;
    draft.doc.transact(() => draft.fields(this.key).set("measure", "amount"), HERE);
  }

  /** What belongs to the other way of measuring is kept out of the contract. */
  #changed(field, value) {
    if (field !== "measure") return;
    const { draft } = this.editor;
    draft.doc.transact(() => {
      for (const other of value === "fact" ? ["amount", "unit"] : ["fact"]) {
        if (draft.isText(this.key, other)) {
          const text = draft.text(this.key, other);
          if (text.length) text.delete(0, text.length);
        } else if (draft.value(this.key, other)) draft.fields(this.key).set(other, "");
      }
    }, HERE);
  }

  offerNeeds() {
    const { draft } = this.editor;
    const select = this.place.querySelector(`select[name="${CSS.escape(`${this.key}.need`)}"]`);
    const receiver = draft.value(this.key, "giver") === "second" ? "first" : "second";
    const wanted = draft.entries("need", receiver).map((key) => [key, draft.value(key, "text").trim().slice(0, 120) || "…"]);
    const now = [...select.options].slice(1).map((option) => [option.value, option.textContent]);
    if (JSON.stringify(now) === JSON.stringify(wanted)) return;
    select.replaceChildren(select.options[0], ...wanted.map(([key, said]) => new Option(said, key)));
    this.bound.find((each) => each instanceof ChoiceField && each.name === "need")?.refresh();
  }

  showWriter(field) {
    const mark = this.place.querySelector(`[data-at="${CSS.escape(`${this.key}.${field}`)}"] [data-by]`);
    if (!mark) return;
    const place = `${this.key}.${field}`;
    mark.textContent = this.editor.writer(place);
    // What stands in my part is mine, unless the other wrote it; in theirs it is the other way round.
    const owner = this.key.split("-")[1];
    mark.toggleAttribute("data-is-news", /^(first|second)$/.test(owner) && ![undefined, owner].includes(this.editor.written.get(place)));
  }

  /** Where the entry stands in its list: the first has no way up. */
  number(at, of) {
    for (const [name, isEnd] of [["up", at === 0], ["down", at === of - 1]]) {
      this.place.querySelector(`[data-do="${name}"]`)?.toggleAttribute("hidden", isEnd);
    }
  }

  /** Goes to the first box in which nothing stands. */
  focus() {
    const boxes = [...this.place.querySelectorAll("textarea, select, input:not([type=radio], [type=checkbox], [type=hidden])")];
    (boxes.find((box) => box.value === "" && box.offsetParent) ?? boxes[0])?.focus();
  }

  destroy() {
    for (const each of this.bound) each.destroy();
    if (isEntry(this.key)) this.editor.draft.fields(this.key).unobserve(this.onPlace);
    this.place.remove();
  }
}

function sign(attribute, name) {
  const made = document.createElement("span");
  made.setAttribute(attribute, "");
  made.className = name;
  return made;
}

function keepingFocus(place, act) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const [from, to] = [focused?.selectionStart, focused?.selectionEnd];
  act();
  if (!focused) return;
  focused.focus({ preventScroll: true });
  if (from != null && focused.setSelectionRange) focused.setSelectionRange(from, to);
}

function between(before, after) {
  try {
    return generateKeyBetween(before || null, after && after > (before ?? "") ? after : null);
  } catch {
    // A place that another client made up: what follows it stands after it all the same.
    return `${before ?? ""}V`;
  }
}

function nameOf(doc, type) {
  for (const [name, each] of doc.share) if (each === type) return name;
  return null;
}

const root = document.querySelector("[data-draft-editor]");
if (root) new Editor(root);
