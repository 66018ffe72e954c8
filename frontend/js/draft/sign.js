// The page on which one signs: this browser makes the text from its own copy of the draft, and says what came out. The
// server signs nothing that is not the same.

import * as Y from "yjs";

import { Connection } from "./connection.js";
import { canonical, Draft, sha256 } from "./document.js";

/** How long a signature waits for the draft; without a socket it is for the server's text alone, which was read here. */
const SECONDS = 8;

async function start(form) {
  const data = JSON.parse(document.getElementById("draft-data").textContent);
  const doc = new Y.Doc();
  const connection = new Connection(doc, data, { changed: () => {}, lookAgain: () => {} });
  let filled = connection.open().then(async () => {
    if (!connection.provider.synced) await new Promise((resolve) => connection.provider.once("synced", resolve));
    await fill(form, doc, data);
    doc.on("update", () => (filled = fill(form, doc, data)));
  });

  form.addEventListener("submit", async (event) => {
    if (form.dataset.isSeen) return;
    event.preventDefault();
    const { submitter } = event;
    await Promise.race([filled, new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))]);
    form.dataset.isSeen = "yes";
    // Outside of what the first press began: a browser leaves alone a form that is sent while it is being sent.
    setTimeout(() => form.requestSubmit(submitter ?? undefined));
  });
  addEventListener("pageshow", () => delete form.dataset.isSeen);
}

/** Writes into the form what this browser holds. */
async function fill(form, doc, data) {
  let text;
  try {
    text = canonical(new Draft(doc, data.shape).document(data));
  } catch {
    // Half a character: there is no such text, and the server's is another one.
    text = "";
  }
  const digest = await sha256(text);
  form.elements.seen_text.value = text;
  form.elements.seen_sha256.value = digest;
}

const form = document.querySelector("form[data-sign]");
if (form) start(form);
