// What all clients here have in common: a plain y-websocket that counts what it sends, and what was acknowledged.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

import WebSocket from "ws";
import { WebsocketProvider } from "y-websocket";

// y-websocket looks for it in the global scope when it asks again; older Nodes have none there.
globalThis.WebSocket ??= WebSocket;

export const COMMITTED = 100;
const LOOK_AGAIN = 101;
export const UPDATE = 2;

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function until(what, seconds) {
  const deadline = Date.now() + seconds * 1000;
  while (!what()) {
    if (Date.now() > deadline) return false;
    await pause(2);
  }
  return true;
}

/** A number of y-protocols at `at`: seven bits to the byte, the lowest first. Returns it, and where it ends. */
export function readNumber(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

/** The frame that holds an update. */
export function updateFrame(update) {
  const length = [];
  for (let left = update.length; ; left >>= 7) {
    if (left < 128) {
      length.push(left);
      break;
    }
    length.push((left & 127) | 128);
  }
  return Buffer.concat([Buffer.from([0, UPDATE, ...length]), update]);
}

/** Names an update by its bytes. */
export const hashOf = (update) => createHash("sha256").update(update).digest("hex");

/**
 * A provider of y-websocket with what our socket says besides. `addresses`, of which each connection takes one as a load
 * balancer would; `sent(frame)` is called for each frame with an update, `acknowledged(frames)` for those on the disk.
 */
export function providerOf(doc, { addresses, room, cookie, sent = () => {}, acknowledged = () => {}, options = {} }) {
  const pick = () => addresses[Math.floor(Math.random() * addresses.length)];
  class Socket extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { headers: { origin: new URL(address).origin.replace("ws", "http"), cookie } });
      this.waiting = [];
    }

    send(data, ...rest) {
      const bytes = new Uint8Array(data);
      if (bytes[0] === 0 && bytes[1] > 0) {
        const frame = { kind: bytes[1], bytes };
        this.waiting.push(frame);
        sent(frame);
      }
      super.send(data, ...rest);
    }
  }
  const provider = new WebsocketProvider(pick(), room, doc, {
    connect: false,
    disableBc: true,
    WebSocketPolyfill: Socket,
    maxBackoffTime: 1000,
    ...options,
  });
  provider.messageHandlers[COMMITTED] = (_encoder, decoder, { ws }) => {
    const [count, end] = readNumber(decoder.arr, decoder.pos);
    decoder.pos = end;
    acknowledged(ws.waiting.splice(0, count - (ws.count ?? 0)));
    ws.count = count;
  };
  provider.messageHandlers[LOOK_AGAIN] = () => {};
  provider.on("connection-close", () => {
    provider.serverUrl = pick();
  });
  return provider;
}

/** Answers each line of JSON from standard input with one. A command may take its time; they are done one by one. */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line);
    let said;
    try {
      said = { answer: (await commands[command.do](command)) ?? null };
    } catch (error) {
      said = { error: String(error && error.stack) };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
  process.exit(0);
}
