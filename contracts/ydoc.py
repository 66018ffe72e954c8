"""A draft as Yjs holds it: the names of its roots, reading its parts, and writing what a form changed. Pure.

- `items`, a map: the key of each entry of a list, true while it stands.
- `KEY`, a map: the fields of a part that are no texts, and `position`, the place of an entry among its like.
- `KEY.FIELD`, a text.

Roots alone, found by name: nobody ever puts a text into a place that another may have filled. docs/protocol.md says so
to those who write a client.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fractional_indexing import FIError, generate_n_keys_between
from pycrdt import Doc, Map, Text, get_state, merge_updates

from contracts.document import FIELDS, FIXED, TEXTS, Key, parse_key, sound

ITEMS = "items"
POSITION = "position"
EMPTY = b"\x00\x00"
"""An update in which there is nothing."""
TOGETHER = 16
PLACE = re.compile("[0-9A-Za-z]{1,200}")
"""What a place among entries may be; a browser and we sort these alike."""


@dataclass(frozen=True)
class Said:
    """What a part says; `content` is None for an entry that was taken out."""

    content: dict[str, str] | None
    position: str


def is_update(data: bytes) -> bool:
    """Whether these bytes are a Yjs update (version 1)."""
    try:
        get_state(data)
    except ValueError:
        return False
    return True


def state_of(updates: Iterable[bytes]) -> bytes:
    """Return the state vector of what these updates make: what it knows of each author."""
    return doc_of(updates).get_state()


def doc_of(updates: Iterable[bytes]) -> Doc[Any]:
    """Return the document that these updates make."""
    doc: Doc[Any] = Doc()
    for update in updates:
        doc.apply_update(update)
    return doc


def merge(updates: list[bytes]) -> bytes:
    """Return one update that says what these say, made of their bytes, in a tree: one by one takes the square."""
    while len(updates) > 1:
        updates = [
            merge_updates(*group) if len(group := updates[at : at + TOGETHER]) > 1 else group[0]
            for at in range(0, len(updates), TOGETHER)
        ]
    return updates[0] if updates else EMPTY


def read(doc: Doc[Any]) -> dict[str, Said]:
    """Return every part of the document by key, those taken out as well, the entries of each kind in their order."""
    return dict(sorted(_all(doc), key=lambda pair: in_order(pair[0], pair[1].position)))


def in_order(key: str, position: str) -> tuple[str, str, int]:
    """By what entries of a kind are sorted: by place; where two have the same one, the older key first."""
    return (parse_key(key).kind, position, parse_key(key).number or 0)


def read_part(doc: Doc[Any], key: str) -> Said:
    """Return what one part says."""
    kind = parse_key(key).kind
    fields: Map[Any] = doc.get(key, type=Map)
    said = {
        name: _string(str(doc.get(f"{key}.{name}", type=Text))) if name in TEXTS[kind] else _string(fields.get(name))
        for name in FIELDS[kind]
    }
    said = sound(kind, said)
    stands = key in FIXED or doc.get(ITEMS, type=Map).get(key) is True
    position = _string(fields.get(POSITION))
    return Said(said if stands else None, position if PLACE.fullmatch(position) else "")


def write(doc: Doc[Any], parts: Mapping[str, Mapping[str, str] | None]) -> bytes:
    """Make the parts say what is given, None taking one out; return the update that this is. It may be EMPTY.

    A text is changed where it differs, so that what the other types elsewhere in it stays.
    """
    with _noted(doc) as updates, doc.transaction():
        for key, content in parts.items():
            _write_part(doc, key, content)
    return updates[0] if updates else EMPTY


def place_last(doc: Doc[Any], keys: Iterable[str]) -> bytes:
    """Give entries their places, in this order, after all others of their kind; return the update."""
    with _noted(doc) as updates, doc.transaction():
        for kind, of_kind in _by_kind(keys).items():
            taken = [said.position for key, said in _all(doc) if parse_key(key).kind == kind and key not in of_kind]
            for key, position in zip(of_kind, _after(max(taken, default=""), len(of_kind)), strict=True):
                doc.get(key, type=Map)[POSITION] = position
    return updates[0] if updates else EMPTY


def new_key(kind: str, side: Any) -> str:
    """Return the key of a new entry: of those that both make at once, no two are alike."""
    return str(Key(kind, side, 10**11 + secrets.randbelow(9 * 10**11)))


def says_something_new(doc: Doc[Any], update: bytes) -> bool:
    """Apply an update; return whether the document did not know it. A greeting repeats what was deleted long ago."""
    with _noted(doc) as found:
        doc.apply_update(update)
    return any(each != EMPTY for each in found)


@contextmanager
def _noted(doc: Doc[Any]) -> Iterator[list[bytes]]:
    """Note the updates that changes of the document are."""
    found: list[bytes] = []
    subscription = doc.observe(lambda event: found.append(event.update))
    try:
        yield found
    finally:
        doc.unobserve(subscription)


class Watch:
    """Says which parts an update changed: `apply` returns their keys."""

    def __init__(self, doc: Doc[Any]) -> None:
        self.doc = doc
        self._changed: set[str] = set()
        self._known: set[str] = set()
        self._kept: list[Any] = []
        items: Map[Any] = doc.get(ITEMS, type=Map)
        self._kept.append(items.observe(self._listed))
        for key in (*FIXED, *filter(is_key_of_an_item, items.keys())):
            self._follow(key)

    def apply(self, update: bytes) -> set[str]:
        self._changed = set()
        self.doc.apply_update(update)
        # Roots are not made in the middle of a transaction. What came with the entry is in it when it is read.
        for key in self._changed:
            self._follow(key)
        return self._changed

    def _listed(self, event: Any) -> None:
        self._changed.update(filter(is_key_of_an_item, event.keys))

    def _follow(self, key: str) -> None:
        if key in self._known:
            return
        self._known.add(key)
        note: Callable[[Any], None] = partial(self._note, key)
        self._kept.append(self.doc.get(key, type=Map).observe(note))
        for name in TEXTS[parse_key(key).kind]:
            self._kept.append(self.doc.get(f"{key}.{name}", type=Text).observe(note))

    def _note(self, key: str, _event: Any) -> None:
        self._changed.add(key)


def is_key_of_an_item(key: str) -> bool:
    try:
        return parse_key(key).number is not None and str(parse_key(key)) == key
    except ValueError:
        return False


def _all(doc: Doc[Any]) -> Iterator[tuple[str, Said]]:
    for key in (*FIXED, *filter(is_key_of_an_item, doc.get(ITEMS, type=Map))):
        yield key, read_part(doc, key)


def _string(value: object) -> str:
    # PostgreSQL's JSON knows no NUL.
    return value.replace("\0", "\ufffd") if isinstance(value, str) else ""


def _by_kind(keys: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(parse_key(key).kind, []).append(key)
    return found


def _after(last: str, count: int) -> list[str]:
    try:
        return list(generate_n_keys_between(last or None, None, count))
    except FIError:
        # Somebody else's client has written a place that is none: what follows it stands at the end all the same.
        return [f"{last}{number:06}" for number in range(1, count + 1)]


def _write_part(doc: Doc[Any], key: str, content: Mapping[str, str] | None) -> None:
    where = parse_key(key)
    items: Map[Any] = doc.get(ITEMS, type=Map)
    if content is None:
        items[key] = False
        return
    fields: Map[Any] = doc.get(key, type=Map)
    for name in FIELDS[where.kind]:
        wanted = content.get(name, "")
        if name in TEXTS[where.kind]:
            _write_text(doc.get(f"{key}.{name}", type=Text), wanted)
        elif _string(fields.get(name)) != wanted:
            fields[name] = wanted
    if where.number is not None and items.get(key) is not True:
        items[key] = True


def _write_text(text: Text, wanted: str) -> None:
    """Replace what lies between the beginning and the end that both have in common. Places are counted in UTF-8."""
    now = str(text)
    if now == wanted:
        return
    most = min(len(now), len(wanted))
    start = next((at for at in range(most) if now[at] != wanted[at]), most)
    end = next((at for at in range(most - start) if now[-1 - at] != wanted[-1 - at]), most - start)
    first = len(now[:start].encode())
    gone = len(now[start : len(now) - end].encode())
    if gone:
        del text[first : first + gone]
    if added := wanted[start : len(wanted) - end]:
        text.insert(first, added)
