// Sends what no client should: updates in which bytes were changed, cut off, doubled or mixed. Obeys lines of JSON.

import WebSocket from "ws";
import * as Y from "yjs";

import { COMMITTED, obey, updateFrame } from "./wire.mjs";

let seed;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
};
const below = (count) => Math.floor(random() * count);

/** What an honest client sends: letters, signs, deletions, entries of maps, entries of lists, a long text. */
function honest() {
  const doc = new Y.Doc();
  const found = [];
  doc.on("update", (update) => found.push(update));
  const text = doc.getText("goal-first.short");
  text.insert(0, "Ada writes 👍 日本 مرحبا");
  text.insert(3, "!");
  text.delete(1, 4);
  doc.getMap("rhythm").set("minutes", "60");
  doc.getMap("rhythm").set("minutes", "45");
  doc.transact(() => {
    doc.getMap("commitment-123456789012").set("position", "a0");
    doc.getText("commitment-123456789012.what").insert(0, "x".repeat(500));
    doc.getMap("items").set("commitment-123456789012", true);
  });
  doc.getMap("items").set("commitment-123456789012", false);
  found.push(Y.encodeStateAsUpdate(doc));
  return found;
}

function mutate(updates) {
  let bytes = [...updates[below(updates.length)]];
  for (let changes = 1 + below(3); changes > 0; changes -= 1) {
    const at = below(bytes.length);
    const what = below(6);
    if (what === 0) bytes[at] ^= 1 << below(8);
    else if (what === 1) bytes[at] = below(256);
    else if (what === 2) bytes = bytes.slice(0, Math.max(1, at));
    else if (what === 3) bytes.splice(at, 0, ...Array.from({ length: 1 + below(5) }, () => below(256)));
    else if (what === 4) bytes.splice(at, 1 + below(4));
    else bytes = [...bytes.slice(0, at), ...updates[below(updates.length)].slice(below(10))];
    if (bytes.length === 0) bytes = [0];
  }
  return Buffer.from(bytes);
}

/** A socket that sends one update after another, and begins anew when it is closed. */
async function send({ address, room, cookie }, next, tally) {
  const url = `${address}/${room}`;
  const origin = new URL(url).origin.replace("ws", "http");
  for (let update = next(); update; ) {
    await new Promise((resolve) => {
      const ws = new WebSocket(url, { headers: { origin, cookie } });
      const go = () => update && ws.send(updateFrame(update));
      ws.on("open", go);
      ws.on("message", (message) => {
        if (message[0] !== COMMITTED) return;
        tally.accepted += 1;
        update = next();
        if (update) go();
        else ws.close();
      });
      ws.on("close", (code) => {
        if (update) {
          tally.closed[code] = (tally.closed[code] ?? 0) + 1;
          update = next();
        }
        resolve();
      });
      ws.on("error", (error) => (tally.faults[error.message] = (tally.faults[error.message] ?? 0) + 1));
    });
  }
}

await obey({
  send: async ({ at, count, sockets, seed: begin }) => {
    seed = begin;
    const updates = honest();
    const tally = { accepted: 0, closed: {}, faults: {} };
    let left = count;
    const next = () => (left-- > 0 ? mutate(updates) : null);
    await Promise.all(Array.from({ length: sockets }, () => send(at, next, tally)));
    return tally;
  },
});
