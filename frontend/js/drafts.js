import { fresh, words } from "./words.js";

const PAUSE = 800;

/** Keeps what is typed on the server as a draft, so that a closed tab or a dead battery loses nothing. */
export function startDrafts(root) {
  for (const form of fresh(root, "form[data-draft]", "drafted")) new Draft(form);
}

class Draft {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-draft-status]");
    this.status?.setAttribute("role", "status");
    this.kept = this.fields();
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", () => this.later());
    form.addEventListener("submit", () => this.stop());
    // Back on a page that had been sent: what is typed now is something new.
    addEventListener("pageshow", (event) => event.persisted && this.begin());
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
    });
  }

  fields() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      // Neither the token nor a password is part of what somebody wrote.
      if (typeof value !== "string" || name === "csrfmiddlewaretoken") continue;
      if (this.form.elements[name]?.autocomplete?.includes("password")) continue;
      fields.append(name, value);
    }
    return fields.toString();
  }

  later() {
    this.sent = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE);
  }

  begin() {
    this.sent = false;
    this.form.elements.draft_page.value = crypto.randomUUID();
  }

  /** The form is on its way. What is under way of the draft need not arrive; the server leaves it if it does. */
  stop() {
    this.sent = true;
    clearTimeout(this.timer);
    this.saving?.abort();
  }

  leave() {
    if (this.sent) return;
    clearTimeout(this.timer);
    this.keep();
  }

  async keep() {
    const fields = this.fields();
    if (this.sent || fields === this.kept) return;
    // One at a time, or an older text could arrive last and win.
    if (this.busy && document.visibilityState === "visible") return this.later();
    this.busy = true;
    this.saving = new AbortController();
    this.say(words.saving);
    try {
      const answer = await fetch(this.form.dataset.draft, {
        method: "POST",
        body: fields,
        signal: this.saving.signal,
        keepalive: fields.length < 60_000,
        headers: {
          "Content-Type": "application/x-www-form-urlencoded",
          "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value,
          "X-Requested-With": "XMLHttpRequest",
        },
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      this.kept = fields;
      this.say(words.saved);
    } catch {
      this.say(words.notSaved);
    } finally {
      this.busy = false;
    }
  }

  say(text) {
    if (this.status && !this.sent) this.status.textContent = text;
  }
}
