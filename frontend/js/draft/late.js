// Sends what was typed on this device and has reached no server yet; loaded only where there is such a thing.

import * as Y from "yjs";

import { Connection } from "./connection.js";
import { Draft } from "./document.js";

const ENDED = 4410;

export function sendLate(place) {
  const data = JSON.parse(document.getElementById("draft-data").textContent);
  const doc = new Y.Doc();
  const connection = new Connection(doc, data, { changed, lookAgain: () => {} });
  let isOpen = false;

  function changed() {
    if (connection.closed === ENDED) return show();
    if (isOpen && connection.isSaved) location.reload();
  }

  function show() {
    const draft = new Draft(doc, data.shape);
    const keys = [...data.shape.fixed, ...["have", "need"].flatMap((kind) => draft.entries(kind)), ...draft.entries("commitment")];
    const said = keys.flatMap((key) => Object.values(draft.content(key)).filter((value) => value.includes(" ")));
    place.querySelector("textarea").value = said.join("\n\n");
    place.hidden = false;
  }

  connection.open().then(() => {
    isOpen = true;
    changed();
  });
}
