// How a draft comes and goes: the device's own copy, the socket, and what of it is safe.

import { IndexeddbPersistence } from "y-indexeddb";
import { WebsocketProvider } from "y-websocket";

const COMMITTED = 100;
const LOOK_AGAIN = 101;
/** Milliseconds without an answer after which the line counts as dead. */
const PATIENCE = 6000;
const STORE_PATIENCE = 4000;

/** Where the copies of this member lie on this device; a logout takes them away (js/leaving.js). */
export const PREFIX = "draft-";

/** Keeps `doc` on this device and on the server. Calls `changed()` when its state changes, `lookAgain()` when told to. */
export class Connection {
  constructor(doc, { contract, member, socket }, { changed, lookAgain }) {
    this.doc = doc;
    this.changed = changed;
    this.name = `${PREFIX}${member}-${contract}`;
    this.isKept = false;
    this.closed = 0;
    this.sent = 0;
    this.committed = 0;
    this.waiting = localStorageOf(`${this.name}-unsent`);

    const counted = (bytes) => this.#count(bytes);
    // y-protocols know no acknowledgement. Ours says how many messages with an update are on the server's disk.
    class Socket extends WebSocket {
      send(data) {
        super.send(data);
        counted(new Uint8Array(data));
      }
    }
    const url = `${location.protocol.replace("http", "ws")}//${location.host}${socket}`;
    this.provider = new WebsocketProvider(url, `${contract}/`, doc, {
      connect: false,
      disableBc: true,
      WebSocketPolyfill: Socket,
      resyncInterval: 15_000,
    });
    this.provider.messageHandlers[COMMITTED] = (_encoder, decoder) => {
      this.committed = readNumber(decoder);
      clearTimeout(this.patience);
      this.patience = undefined;
      this.#settle();
    };
    this.provider.messageHandlers[LOOK_AGAIN] = lookAgain;
    this.provider.on("status", ({ status }) => {
      if (status === "connected") [this.sent, this.committed, this.closed] = [0, 0, 0];
      this.#settle();
    });
    this.provider.on("sync", () => this.#settle());
    this.provider.on("closed", ({ code }) => {
      this.closed = code;
      this.#settle();
    });
    doc.on("update", (_update, origin) => {
      if (origin === this.provider || origin === this.store) return;
      this.waiting.set("yes");
      this.changed();
    });
  }

  /** Resolves when there is something to show: the device's copy, or the server's. */
  async open() {
    const server = new Promise((resolve) => this.provider.once("synced", resolve));
    // First the device's own copy: read after the socket is open, all of it would go out as if it had just been typed.
    const isThere = await Promise.race([this.#openStore(), new Promise((resolve) => setTimeout(resolve, STORE_PATIENCE, false))]);
    this.provider.connect();
    if (!isThere) await server;
    addEventListener("online", () => this.provider.shouldConnect && this.provider.connect());
    addEventListener("offline", () => this.#probe());
  }

  async #openStore() {
    if (!(await canKeep())) return false;
    this.store = new IndexeddbPersistence(this.name, this.doc);
    await this.store.whenSynced;
    this.isKept = true;
    this.changed();
    return this.doc.share.size > 0 && this.doc.getMap("items").size > 0;
  }

  get awareness() {
    return this.provider.awareness;
  }

  /** Whether everything that was typed here is on the server's disk. */
  get isSaved() {
    return this.provider.synced && this.committed >= this.sent && this.waiting.get() === null;
  }

  get isConnected() {
    return this.provider.wsconnected;
  }

  #count(bytes) {
    if (bytes[0] !== 0 || bytes[1] === 0) return;
    this.sent += 1;
    this.patience ??= setTimeout(() => {
      this.patience = undefined;
      // A line that is dead says nothing of it for half a minute. Another attempt is free.
      if (this.committed < this.sent) this.provider.ws?.close();
    }, PATIENCE);
  }

  /** Asks for a sign of life: the server sends one's own presence back. */
  #probe() {
    const before = this.provider.wsLastMessageReceived;
    this.awareness.setLocalState(this.awareness.getLocalState() ?? {});
    setTimeout(() => this.provider.wsLastMessageReceived === before && this.provider.ws?.close(), PATIENCE / 2);
  }

  #settle() {
    if (this.provider.synced && this.committed >= this.sent) this.waiting.set(null);
    this.changed();
  }
}

/** Whether this browser keeps what it is given: in a private window it may say so and not do it. */
async function canKeep() {
  try {
    const db = await new Promise((resolve, reject) => {
      const request = indexedDB.open(`${PREFIX}trial`, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("trial");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    await new Promise((resolve, reject) => {
      const writing = db.transaction("trial", "readwrite");
      writing.objectStore("trial").put(1, "one");
      writing.oncomplete = resolve;
      writing.onerror = writing.onabort = () => reject(writing.error);
    });
    db.close();
    return true;
  } catch {
    return false;
  }
}

function localStorageOf(name) {
  return {
    get: () => safely(() => localStorage.getItem(name), null),
    set: (value) => safely(() => (value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value))),
  };
}

function safely(act, otherwise) {
  try {
    return act();
  } catch {
    return otherwise;
  }
}

function readNumber(decoder) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = decoder.arr[decoder.pos++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}
