// A draft as Yjs holds it, and the text that it makes: the same as contracts/ydoc.py and contracts/document.py, letter by
// letter, since a signature is for its hash. docs/protocol.md describes both.

export const ITEMS = "items";
const PLACE = /^[0-9A-Za-z]{1,200}$/;

/** Reads a draft. `shape` is what the server says of the parts: their fields, which of them are texts, who is called what. */
export class Draft {
  constructor(doc, shape) {
    this.doc = doc;
    this.shape = shape;
    this.items = doc.getMap(ITEMS);
  }

  text(key, field) {
    return this.doc.getText(`${key}.${field}`);
  }

  fields(key) {
    return this.doc.getMap(key);
  }

  isText(key, field) {
    return this.shape.texts[kindOf(key)].includes(field);
  }

  value(key, field) {
    return string(this.isText(key, field) ? this.text(key, field).toString() : this.fields(key).get(field));
  }

  content(key) {
    return Object.fromEntries(this.shape.fields[kindOf(key)].map((field) => [field, this.value(key, field)]));
  }

  position(key) {
    const said = string(this.fields(key).get("position"));
    return PLACE.test(said) ? said : "";
  }

  /** The keys of the entries of a kind that stand, in their order; `side` is left out for commitments. */
  entries(kind, side = "") {
    const start = side ? `${kind}-${side}-` : `${kind}-`;
    const found = [...this.items.keys()].filter(
      (key) => key.startsWith(start) && isEntry(key) && this.items.get(key) === true,
    );
    return found.sort((one, other) => {
      const [a, b] = [this.position(one), this.position(other)];
      return a < b ? -1 : a > b ? 1 : numberOf(one) - numberOf(other);
    });
  }

  /** The whole text, as the server makes it: contracts/document.py, document_of. */
  document({ names, amends }) {
    const item = (key) => ({ id: key, ...this.content(key) });
    const needs = new Set(["first", "second"].flatMap((side) => this.entries("need", side)));
    return {
      format: this.shape.format,
      amends,
      parties: ["first", "second"].map((side) => ({
        side,
        name: names[side],
        ...Object.fromEntries(this.shape.of_party.map((kind) => [kind, this.content(`${kind}-${side}`)])),
        haves: this.entries("have", side).map(item),
        needs: this.entries("need", side).map(item),
      })),
      commitments: this.entries("commitment").map((key) => {
        const said = item(key);
        return needs.has(said.need) ? said : { ...said, need: "" };
      }),
      rhythm: this.content("rhythm"),
    };
  }
}

/** RFC 8785: keys in the order of their UTF-16, no spaces. There are no numbers in a contract. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    const rows = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${rows.join(",")}}`;
  }
  if (typeof value === "string" && !value.isWellFormed()) throw new Error("half of a character");
  return JSON.stringify(value);
}

export async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const kindOf = (key) => key.slice(0, key.indexOf("-") < 0 ? undefined : key.indexOf("-"));
export const isEntry = (key) => /^((have|need)-(first|second)|commitment)-(0|[1-9][0-9]{0,14})$/.test(key);
const numberOf = (key) => Number(key.slice(key.lastIndexOf("-") + 1));
// What the server cannot keep in JSON it reads as this sign, too.
const string = (value) => (typeof value === "string" ? value.replaceAll("\0", "\ufffd") : "");
