import { fresh, idOf, words } from "./words.js";

const PAUSE = 150;

/** Suggests topics under a box in which anything may be written (the ARIA 1.2 pattern "combobox with listbox"). */
export function startTopics(root) {
  for (const input of fresh(root, "input[data-topics]", "suggesting")) new Topics(input);
}

class Topics {
  constructor(input) {
    this.input = input;
    this.asked = 0;
    this.options = [];
    this.at = -1;

    const box = document.createElement("div");
    box.className = "topics";
    input.before(box);
    this.list = document.createElement("ul");
    this.list.className = "topics__list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", words.topics);
    this.list.hidden = true;
    this.status = document.createElement("p");
    this.status.className = "visually-hidden";
    this.status.setAttribute("role", "status");
    box.append(input, this.list, this.status);

    input.autocomplete = "off";
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", idOf(this.list, "topics"));

    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), PAUSE);
    });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // The box keeps the focus while an option is pressed.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) this.take(this.options.indexOf(option));
    });
  }

  async ask() {
    const query = this.input.value.trim();
    const asked = ++this.asked;
    if (query.length < 2) return this.close();
    const address = new URL(this.input.dataset.topics, location.href);
    address.searchParams.set("q", query);
    const kind = this.kindField();
    if (kind) address.searchParams.set("kind", kind);
    let topics;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      ({ topics } = await answer.json());
    } catch {
      return this.close(); // a plain box to write in
    }
    // An answer that was overtaken by a newer question, or by leaving the box, is not shown.
    if (asked === this.asked && document.activeElement === this.input) this.show(topics);
  }

  kindField() {
    const { topicsKind } = this.input.dataset;
    if (!topicsKind) return "";
    const field = document.querySelector(topicsKind);
    return field?.matches("select, input:not([type=radio])") ? field.value : (field?.querySelector(":checked")?.value ?? "");
  }

  show(topics) {
    this.options = topics.map((topic, index) => {
      const option = document.createElement("li");
      option.className = "topics__option";
      option.id = `${this.list.id}-${index}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.label = topic.label;
      const name = document.createElement("b");
      name.textContent = topic.label;
      const kind = document.createElement("small");
      kind.textContent = topic.kind_label ?? "";
      option.append(name, kind);
      if (topic.match && topic.match !== topic.label) {
        const match = document.createElement("small");
        match.className = "topics__match";
        match.textContent = `${words.also} ${topic.match}`;
        option.append(match);
      }
      // What is set apart by space is set apart by commas when it is read aloud.
      option.setAttribute("aria-label", [...option.children].map((part) => part.textContent).filter(Boolean).join(", "));
      return option;
    });
    this.list.replaceChildren(...this.options);
    this.point(-1);
    const any = topics.length > 0;
    this.list.hidden = !any;
    this.input.setAttribute("aria-expanded", String(any));
    this.status.textContent = any ? `${words.suggestions} ${topics.length}` : words.noSuggestions;
  }

  close() {
    clearTimeout(this.timer);
    this.asked++;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.point(-1);
    this.status.textContent = "";
  }

  point(at) {
    this.options[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const option = this.options[at];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  take(at) {
    this.input.value = this.options[at].dataset.label;
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  key(event) {
    // While letters are being composed (Japanese, an accent typed apart), the keys belong to that.
    if (event.isComposing) return;
    const open = !this.list.hidden;
    const count = this.options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return this.ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the box itself, with nothing chosen.
      this.point(((this.at + 1 + step + count + 1) % (count + 1)) - 1);
    } else if (event.key === "Enter" && open && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}
