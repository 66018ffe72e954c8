// A client of a draft's socket that is not ours: plain y-websocket, as docs/protocol.md describes it.
//
//   node client.mjs URL ORIGIN COOKIE      reads a command a line from standard input, and answers each with a line of JSON

import { createInterface } from "node:readline";

import WebSocket from "ws";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const [url, origin, cookie] = process.argv.slice(2);
const COMMITTED = 100;
const LOOK_AGAIN = 101;

const seen = { sent: 0, committed: 0, lookAgain: 0, closes: [] };

class Socket extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { headers: { origin, cookie } });
    seen.sent = 0;
    seen.committed = 0;
  }

  send(data, ...rest) {
    const bytes = new Uint8Array(data);
    if (bytes[0] === 0 && bytes[1] > 0) seen.sent += 1;
    super.send(data, ...rest);
  }
}

const doc = new Y.Doc();
const at = url.lastIndexOf("/contracts/") + "/contracts".length;
const provider = new WebsocketProvider(url.slice(0, at), url.slice(at + 1), doc, {
  connect: false,
  disableBc: true,
  WebSocketPolyfill: Socket,
  maxBackoffTime: 1000,
});
provider.messageHandlers[COMMITTED] = (_encoder, decoder) => {
  let value = 0;
  let shift = 0;
  for (;;) {
    const byte = decoder.arr[decoder.pos++];
    value |= (byte & 127) << shift;
    if (byte < 128) break;
    shift += 7;
  }
  seen.committed = value;
};
provider.messageHandlers[LOOK_AGAIN] = () => {
  seen.lookAgain += 1;
};
provider.on("connection-close", (event) => seen.closes.push(event ? event.code : 0));

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, seconds) {
  const deadline = Date.now() + seconds * 1000;
  while (!what()) {
    if (Date.now() > deadline) return false;
    await pause(5);
  }
  return true;
}

function everything() {
  const said = {};
  for (const name of [...doc.share.keys()].sort()) {
    const type = doc.share.get(name);
    const isText = name.includes(".");
    said[name] = isText ? doc.getText(name).toString() : doc.getMap(name).toJSON();
    void type;
  }
  return said;
}

const commands = {
  connect: () => provider.connect(),
  disconnect: () => provider.disconnect(),
  settled: ({ seconds = 10 }) => until(() => provider.synced && seen.committed >= seen.sent, seconds),
  insert: ({ text, at: place = -1, value }) => {
    const found = doc.getText(text);
    found.insert(place < 0 ? found.length : Math.min(place, found.length), value);
  },
  delete: ({ text, at: place, count }) => doc.getText(text).delete(place, count),
  set: ({ map, key, value }) => doc.getMap(map).set(key, value),
  many: ({ steps }) => doc.transact(() => steps.forEach((step) => commands[step.do](step))),
  text: ({ text }) => doc.getText(text).toString(),
  map: ({ map }) => doc.getMap(map).toJSON(),
  read: everything,
  until_text: ({ text, value, seconds = 10 }) => until(() => doc.getText(text).toString() === value, seconds),
  be: ({ state }) => provider.awareness.setLocalState(state),
  others: () => [...provider.awareness.getStates()].filter(([id]) => id !== doc.clientID).map(([, state]) => state),
  until_others: ({ count, seconds = 10 }) =>
    until(() => provider.awareness.getStates().size - (provider.awareness.getLocalState() ? 1 : 0) === count, seconds),
  pretend: ({ client, state }) => {
    // Someone else's presence, as y-websocket repeats it; or a lie.
    provider.awareness.states.set(client, state);
    provider.awareness.meta.set(client, { clock: 9, lastUpdated: Date.now() });
    provider.awareness.emit("update", [{ added: [client], updated: [], removed: [] }, "local"]);
  },
  seen: () => seen,
  raw: ({ hex }) => provider.ws.send(Buffer.from(hex, "hex")),
  raw_text: ({ value }) => WebSocket.prototype.send.call(provider.ws, value),
  until_closed: async ({ code, seconds = 10 }) => until(() => seen.closes.includes(code), seconds),
  pause: ({ seconds }) => pause(seconds * 1000),
};

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const command = JSON.parse(line);
  try {
    const answer = await commands[command.do](command);
    process.stdout.write(`${JSON.stringify({ answer: answer ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error && error.stack) })}\n`);
  }
}
process.exit(0);
