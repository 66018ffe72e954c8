// People who edit one draft at random, each with a plain y-websocket, while their server is killed. Obeys lines of JSON.
//
// Every word that is put in is put in once: [e3.17] is the 17th of the third. Where a word stands, nobody puts another
// into the middle of it. So in the end each of them is there once, or was taken out as a whole by somebody who saw it.

import * as Y from "yjs";

import { canonical, Draft } from "../../frontend/js/draft/document.js";
import { hashOf, obey, pause, providerOf, until, UPDATE } from "./wire.mjs";

const WORD = /\[e\d+\.\d+\]/g;
const THUMB = "👍";
const MOST_ENTRIES = 20;

let config;
let random;
let editors = [];
const put = new Set();
const taken = new Set();
const tally = { operations: 0, disconnects: 0, leaves: 0, cuts: 0, faults: [] };
let acked = [];

const fault = (error) => tally.faults.push(String((error && error.stack) || error).slice(0, 400));
process.on("uncaughtException", fault);
process.on("unhandledRejection", fault);
console.error = (...said) => fault(said.join(" "));

// mulberry32: the same edits for the same seed, though never at the same moments.
const randomFrom = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};
const below = (count) => Math.floor(random() * count);
const oneOf = (these) => these[below(these.length)];

class Editor {
  constructor(number) {
    this.number = number;
    this.words = 0;
    this.begin();
  }

  /** As a browser that has never been here: everything comes from the server. */
  begin() {
    this.doc = new Y.Doc();
    this.draft = new Draft(this.doc, config.shape);
    this.provider = providerOf(this.doc, {
      addresses: config.addresses,
      room: config.room,
      cookie: config.cookies[this.number % config.cookies.length],
      acknowledged: (frames) => {
        for (const frame of frames) if (frame.kind === UPDATE) acked.push(hashOf(bodyOf(frame.bytes)));
      },
      options: { resyncInterval: 15_000 },
    });
    this.provider.connect();
  }

  get unacknowledged() {
    return this.provider.wsconnected ? (this.provider.ws?.waiting.length ?? 0) : 0;
  }

  get isSettled() {
    return this.provider.synced && (!config.acknowledges || this.unacknowledged === 0);
  }

  async edit(isOver) {
    while (!isOver()) {
      await pause(random() * 2 * config.pause);
      if (this.isSeen) await this.step();
      else this.isSeen = this.provider.synced;
    }
  }

  async step() {
    tally.operations += 1;
    const what = random() * 100;
    if (what < 2) return this.goAway();
    if (what < 2.4) return this.leave();
    this.doc.transact(() => {
      if (what < 72) this.write(this.place());
      else if (what < 84) this.takeOut(this.place());
      else if (what < 88) for (let count = 2 + below(6); count > 0; count -= 1) this.write(this.place());
      else if (what < 93) this.draft.fields("rhythm").set(...oneOf([["minutes", `${1 + below(999)}`], ["weekday", `${below(7)}`]]));
      else if (what < 95) this.entry();
      else if (config.cuts) this.cut(this.place());
      else this.write(this.place());
    });
  }

  /** A text of a part that stands, or stood. */
  place() {
    const entries = [...this.draft.items.keys()].map((key) => `${key}.${key.startsWith("commitment") ? "what" : "text"}`);
    return this.doc.getText(oneOf([...config.texts, ...config.texts, ...entries]));
  }

  word() {
    return `e${this.number}.${(this.words += 1)}`;
  }

  write(text) {
    const said = text.toString();
    const ends = [0, said.length, ...[...said.matchAll(WORD)].map((found) => found.index + found[0].length)];
    const word = `[${this.word()}]`;
    put.add(word);
    text.insert(oneOf(ends), config.cuts && random() < 0.3 ? word + THUMB : word);
  }

  takeOut(text) {
    const words = [...text.toString().matchAll(WORD)];
    if (words.length === 0) return;
    const { index, 0: word } = oneOf(words);
    text.delete(index, word.length);
    taken.add(word);
  }

  /** Puts something between the two halves of a sign, or takes one of them out: no client should, and one may. */
  cut(text) {
    const signs = [...text.toString().matchAll(/👍/g)];
    if (signs.length === 0) return text.insert(text.length, THUMB);
    const middle = oneOf(signs).index + 1;
    tally.cuts += 1;
    if (random() < 0.5) text.delete(middle, 1);
    else {
      const word = `[${this.word()}]`;
      put.add(word);
      text.insert(middle, word);
    }
  }

  entry() {
    const keys = [...this.draft.items.keys()];
    if (keys.length >= MOST_ENTRIES || random() < 0.3) {
      const key = oneOf(keys);
      if (key) this.draft.items.set(key, this.draft.items.get(key) !== true);
      return;
    }
    const number = 100_000_000_000 + below(900_000_000_000);
    const key = oneOf([`have-first-${number}`, `have-second-${number}`, `need-second-${number}`, `commitment-${number}`]);
    this.draft.fields(key).set("position", `a${below(10)}`);
    this.draft.items.set(key, true);
    this.write(this.doc.getText(`${key}.${key.startsWith("commitment") ? "what" : "text"}`));
  }

  async goAway() {
    tally.disconnects += 1;
    this.provider.disconnect();
    setTimeout(() => this.provider.connect(), 50 + below(1500));
  }

  /** Closes the browser once it says that everything is saved, and comes back with another that knows nothing. */
  async leave() {
    if (!(await until(() => this.isSettled, 3))) return;
    tally.leaves += 1;
    this.end();
    this.isSeen = false;
    this.begin();
  }

  end() {
    this.provider.destroy();
    this.doc.destroy();
  }

  /** Every word in it, by how often it stands there; in texts alone, of what was taken out as well. */
  found() {
    const counts = new Map();
    for (const name of this.doc.share.keys()) {
      if (!name.includes(".")) continue;
      for (const [word] of this.doc.getText(name).toString().matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return counts;
  }

  /** What it would sign. */
  text() {
    return canonical(this.draft.document(config.document));
  }
}

function bodyOf(frame) {
  let at = 2;
  while (frame[at++] >= 128);
  return frame.subarray(at);
}

let editing = Promise.resolve();
let isOver = true;

await obey({
  start: (said) => {
    config = said.config;
    random = randomFrom(config.seed);
    editors = Array.from({ length: config.editors }, (_each, number) => new Editor(number));
  },
  edit: () => {
    isOver = false;
    editing = Promise.all(editors.map((each) => each.edit(() => isOver).catch(fault)));
  },
  rest: async () => {
    isOver = true;
    await editing;
  },
  tally: () => ({ ...tally, put: put.size, taken: taken.size }),
  // Kills a process while updates are on their way to the server; says how many, and from how many people.
  kill: async ({ pid, after, seconds = 15 }) => {
    await pause(after);
    const waits = () => editors.reduce((sum, each) => sum + each.unacknowledged, 0);
    const people = () => editors.filter((each) => each.unacknowledged > 0).length;
    const deadline = Date.now() + seconds * 1000;
    while (config.acknowledges && waits() === 0 && Date.now() < deadline) await new Promise((next) => setImmediate(next));
    // At any point of its way: sent, read, written, committed.
    const moment = performance.now() + random() * 6;
    while (performance.now() < moment) await new Promise((next) => setImmediate(next));
    while (config.acknowledges && waits() === 0 && Date.now() < deadline) await new Promise((next) => setImmediate(next));
    const found = { unacknowledged: waits(), people: people() };
    process.kill(pid, "SIGKILL");
    return found;
  },
  // The hashes of the updates that were acknowledged since this was last asked.
  acknowledged: () => {
    const found = acked;
    acked = [];
    return found;
  },
  // Everybody is connected, nothing is on its way, all show the same.
  settle: async ({ seconds }) => {
    const began = performance.now();
    const passed = () => (performance.now() - began) / 1000;
    const isQuiet = () => editors.every((each) => each.isSettled) && new Set(editors.map((each) => each.text())).size === 1;
    for (let quiet = 0; quiet < 3; await pause(100)) {
      quiet = isQuiet() ? quiet + 1 : 0;
      if (passed() > seconds) return { isSettled: false, seconds: passed() };
    }
    return { isSettled: true, seconds: passed() };
  },
  // Closes every browser, and opens others that know nothing.
  leave: () => editors.forEach((each) => each.end()),
  come: () => editors.forEach((each) => each.begin()),
  // What is wrong with what the first of them shows: words that are not there, there twice, or there again.
  read: () => {
    const found = editors[0].found();
    const stands = [...put].filter((word) => !taken.has(word));
    return {
      texts: new Set(editors.map((each) => each.text())).size,
      text: editors[0].text(),
      stands,
      lost: stands.filter((word) => !found.has(word)),
      doubled: [...found].filter(([, count]) => count > 1).map(([word]) => word),
      back: [...taken].filter((word) => found.has(word)),
    };
  },
});
