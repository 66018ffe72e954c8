// Clients that measure a server of drafts: ours, or the plain one of y-websocket. Obeys lines of JSON; times are in ms.

import WebSocket from "ws";
import * as Y from "yjs";

import { COMMITTED, obey, pause, providerOf, readNumber, UPDATE, until, updateFrame } from "./wire.mjs";

const TEXT = "goal-first.short";

/** A socket without a document behind it: one author who types a letter at a time, and notes when each is acknowledged. */
class Typist {
  constructor({ address, room, cookie, acknowledges }) {
    this.acknowledges = acknowledges;
    this.doc = new Y.Doc();
    this.text = this.doc.getText(TEXT);
    this.doc.on("update", (update) => {
      this.next = Buffer.from(update);
    });
    this.waiting = [];
    this.times = [];
    this.count = 0;
    const url = `${address}/${room}`;
    this.ws = new WebSocket(url, { headers: { origin: new URL(url).origin.replace("ws", "http"), cookie } });
    this.ws.on("message", (message) => this.hear(message));
    this.opened = new Promise((resolve, reject) => {
      this.ws.once("open", resolve);
      this.ws.once("error", reject);
    });
    this.closed = 0;
    this.ws.on("close", (code) => (this.closed = code || 1));
  }

  type() {
    this.text.insert(this.text.length, "x");
    this.waiting.push({ at: performance.now(), update: this.next });
    this.ws.send(updateFrame(this.next));
  }

  hear(message) {
    if (this.acknowledges && message[0] === COMMITTED) {
      const [count] = readNumber(message, 1);
      for (; this.count < count; this.count += 1) this.times.push(performance.now() - this.waiting.shift().at);
    } else if (!this.acknowledges && message[0] === 0 && message[1] === UPDATE && this.waiting.length) {
      // The plain server says nothing, but sends each update to all, its author among them.
      const [, start] = readNumber(message, 2);
      if (message.subarray(start).equals(this.waiting[0].update)) this.times.push(performance.now() - this.waiting.shift().at);
    }
    this.heard?.();
  }
}

async function typists(sockets) {
  const all = sockets.map((each) => new Typist(each));
  await Promise.all(all.map((each) => each.opened));
  await pause(500);
  return all;
}

async function finish(all) {
  const isDone = await until(() => all.every((each) => each.waiting.length === 0), 30);
  const left = all.reduce((sum, each) => sum + each.waiting.length, 0);
  for (const each of all) each.ws.terminate();
  if (!isDone) throw new Error(`${left} updates were never acknowledged; closed: ${all.map((each) => each.closed)}`);
  return all.flatMap((each) => each.times);
}

const isThere = (provider) => until(() => provider.synced, 30);

await obey({
  // Each has `window` letters on their way at any time, for so many seconds.
  full: async ({ sockets, seconds, window }) => {
    const all = await typists(sockets);
    const end = performance.now() + seconds * 1000;
    let count = 0;
    for (const each of all) {
      each.heard = () => {
        while (performance.now() < end && each.waiting.length < window) each.type();
      };
    }
    for (const each of all) each.heard();
    await pause(seconds * 1000);
    for (const each of all) count += each.times.length;
    return { count, times: await finish(all) };
  },
  // All together type so many letters a second, whether the earlier ones are acknowledged or not.
  steady: async ({ sockets, rate, seconds }) => {
    const all = await typists(sockets);
    const began = performance.now();
    for (let typed = 0; typed < rate * seconds; typed += 1) {
      const due = began + (typed * 1000) / rate;
      if (due > performance.now()) await pause(due - performance.now());
      all[typed % all.length].type();
    }
    return { times: await finish(all) };
  },
  // From a letter in one document to the same letter in another, `rate` a second.
  across: async ({ from, to, letters, rate }) => {
    const [one, other] = [new Y.Doc(), new Y.Doc()];
    const providers = [providerOf(one, from), providerOf(other, to)];
    for (const each of providers) each.connect();
    for (const each of providers) if (!(await isThere(each))) throw new Error("not synced");
    const [here, there] = [one.getText("rhythm.where"), other.getText("rhythm.where")];
    const [sent, times] = [[], []];
    there.observe(({ delta }) => {
      for (const step of delta) for (const _each of step.insert ?? "") times.push(performance.now() - sent[times.length]);
    });
    for (let typed = 0; typed < letters; typed += 1) {
      sent.push(performance.now());
      here.insert(here.length, "x");
      await pause(1000 / rate);
    }
    await until(() => times.length === letters, 10);
    for (const each of providers) each.destroy();
    return { times };
  },
  // From the first step of a connection until the whole draft is there.
  open: async ({ at, times, characters }) => {
    const found = [];
    for (let time = 0; time < times; time += 1) {
      const doc = new Y.Doc();
      const began = performance.now();
      const provider = providerOf(doc, at);
      provider.connect();
      while (!provider.synced) {
        if (performance.now() - began > 30_000) throw new Error("not synced");
        await new Promise((next) => setImmediate(next));
      }
      found.push(performance.now() - began);
      if (doc.getText(TEXT).length < characters) throw new Error(`${doc.getText(TEXT).length} characters`);
      provider.destroy();
    }
    return { times: found };
  },
  // What somebody sends who types so many letters, and takes some of them back.
  updates: ({ count }) => {
    const doc = new Y.Doc();
    const text = doc.getText(TEXT);
    const found = [];
    doc.on("update", (update) => found.push(Buffer.from(update).toString("base64")));
    while (found.length < count) {
      if (found.length % 11 === 10) text.delete(text.length - 1, 1);
      else text.insert(text.length, "abcdefgh ijkl mnop"[found.length % 18]);
    }
    return { updates: found, characters: text.length };
  },
  // Puts updates into a document of the plain server, which keeps them as long as somebody stays: until this process ends.
  fill: async ({ at, updates }) => {
    const doc = new Y.Doc();
    const provider = providerOf(doc, at);
    provider.connect();
    if (!(await isThere(provider))) throw new Error("not synced");
    for (const update of updates) Y.applyUpdate(doc, Buffer.from(update, "base64"));
    await pause(1000);
    return {};
  },
});
