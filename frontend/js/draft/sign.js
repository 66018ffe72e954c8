// The page on which one signs: this browser makes the text from its own copy of the draft, and says what came out. The
// server signs nothing that is not the same.

import * as Y from "yjs";

import { Connection } from "./connection.js";
import { canonical, Draft, sha256 } from "./document.js";

const SECONDS = 8;

async function start(form) {
  const data = JSON.parse(document.getElementById("draft-data").textContent);
  const doc = new Y.Doc();
  const connection = new Connection(doc, data, { changed: () => {}, lookAgain: () => {} });
  const opened = connection.open().then(() => untilSynced(connection));

  form.addEventListener("submit", async (event) => {
    if (form.dataset.isSeen) return;
    event.preventDefault();
    // Without a socket it is the server's text that was read, and the server's hash that is sent.
    if (await Promise.race([opened, after(SECONDS)])) await fill(form, doc, data);
    form.dataset.isSeen = "yes";
    form.requestSubmit(event.submitter ?? undefined);
  });
}

async function fill(form, doc, data) {
  let text;
  try {
    text = canonical(new Draft(doc, data.shape).document(data));
  } catch {
    text = "";
  }
  form.elements.seen_text.value = text;
  form.elements.seen_sha256.value = await sha256(text);
}

async function untilSynced(connection) {
  if (!connection.provider.synced) await new Promise((resolve) => connection.provider.once("synced", resolve));
  return true;
}

const after = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000, false));

const form = document.querySelector("form[data-sign]");
if (form) start(form);
