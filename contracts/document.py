"""The text of a contract as a document: its parts, and the whole that is frozen and signed.

A part is a small dictionary of strings under a key: `goal-first`, `push-second`, `have-second-12`, `need-first-7`,
`commitment-31`, `rhythm`. The number is any: it tells entries of a list apart. Pure: no database.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from accounts import zones
from accounts.models.profiles import Medium
from contracts.lifecycle import Side

FORMAT = "peermentor/contract/2"
"""Version 1 knew no `push`: a text of it is read and amended as before, and never written anew."""

Content = Mapping[str, str]

# What a part of each kind holds. Dates are ISO 8601, a time is HH:MM of the named IANA zone, numbers are
# decimal, the rest is text. A text frozen before a field was known lacks it.
FIELDS: dict[str, tuple[str, ...]] = {
    "goal": ("long", "short", "by", "indicator", "start", "target", "unit", "strategies"),
    "push": ("way", "how", "believe", "consent"),
    "have": ("kind", "text"),
    "need": ("kind", "text", "elsewhere"),
    "commitment": ("giver", "need", "what", "measure", "amount", "unit", "fact", "by"),
    "rhythm": (
        *("weekday", "time", "zone", "minutes", "every_weeks", "medium", "where"),
        *("first_on", "weeks", "review_on"),
    ),
}
# Which of these are texts, in which both may type at once; of the others the last word said holds.
TEXTS: dict[str, tuple[str, ...]] = {
    "goal": ("long", "short", "indicator", "unit", "strategies"),
    "push": ("how", "believe"),
    "have": ("text",),
    "need": ("text",),
    "commitment": ("what", "unit", "fact"),
    "rhythm": ("where",),
}
FIXED = ("goal-first", "goal-second", "push-first", "push-second", "rhythm")
"""The parts that every contract has; the others are entries of lists."""
MOST = {"have": 60, "need": 60, "commitment": 250}
"""How many parts of a kind a contract holds, per party for what they have and need."""


class Key(NamedTuple):
    """The name of a part, taken apart: `side` is None where the part belongs to both."""

    kind: str
    side: Side | None = None
    number: int | None = None

    def __str__(self) -> str:
        return "-".join(str(part) for part in self if part is not None)


def shape() -> dict[str, Any]:
    """Return what a client has to know of the parts to make the same text of a draft: see docs/protocol.md."""
    return {"format": FORMAT, "fields": FIELDS, "texts": TEXTS, "of_party": ["goal", "push"], "most": MOST}


def parse_key(key: str) -> Key:
    """Return the key taken apart. Raises ValueError for what is no key."""
    kind, *rest = key.split("-")
    if kind == "rhythm" and not rest:
        return Key("rhythm")
    if kind in {"goal", "push"} and len(rest) == 1:
        return Key(kind, Side(rest[0]))
    if kind == "commitment" and len(rest) == 1:
        return Key("commitment", None, _number(rest[0]))
    if kind in {"have", "need"} and len(rest) == 2:
        return Key(kind, Side(rest[0]), _number(rest[1]))
    raise ValueError(f"{key!r} names no part of a contract")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ValueError(f"{text!r} is no number of a part")
    return int(text)


def content_of(kind: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the content of a part from its values: every field of the kind, each a string."""
    return {field: str(values.get(field) or "") for field in FIELDS[kind]}


def sound(kind: str, content: Content) -> dict[str, str]:
    """Return the content of a part without the choices that are none, such as a ninth day of the week.

    A form never says such a thing; somebody else's client may.
    """
    return {
        name: value if name in TEXTS[kind] or not value or CHOICES[name](value) else UNSAID.get(name, "")
        for name, value in content_of(kind, content).items()
    }


def _is_date(value: str) -> bool:
    try:
        return dt.date(2000, 1, 1) <= dt.date.fromisoformat(value) < dt.date(2200, 1, 1) and len(value) == 10
    except ValueError:
        return False


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


_NUMBER = _matches(r"-?[0-9]{1,12}(\.[0-9]{1,3})?")
_COUNT = _matches(r"[1-9][0-9]{0,2}")
_YES = _matches("yes")
# What a choice may be, by the name of its field; the empty one always.
CHOICES: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("by", "first_on", "review_on"), _is_date),
    **dict.fromkeys(("start", "target", "amount"), _NUMBER),
    **dict.fromkeys(("minutes", "weeks"), _COUNT),
    **dict.fromkeys(("elsewhere", "consent"), _YES),
    "kind": _matches("skill|resource|contact"),
    "giver": _matches("first|second"),
    "need": _matches(r"need-(first|second)-[0-9]{1,15}"),
    "measure": _matches("amount|fact"),
    "way": _matches("call|ask|wait"),
    "weekday": _matches("[0-6]"),
    "time": _matches("([01][0-9]|2[0-3]):[0-5][0-9]"),
    "zone": lambda value: value in zones.known(),
    "every_weeks": _matches("[12]"),
    "medium": lambda value: value in Medium.values,
}
UNSAID = {"giver": Side.FIRST.value}
"""What stands for a choice that is none, where there has to be one."""


def document_of(
    parts: Mapping[str, Content], names: Mapping[Side, str], *, amends: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the whole text of a contract: what `canonical` makes bytes of, and both sign.

    `parts` are those of the draft by key, `names` the parties' own, `amends` the number and hash of the version that an
    amendment follows. Entries of a list stand in the order of `parts`.
    """
    of_kind = _by_kind(parts)
    needs = {str(key) for key, _content in of_kind["need"]}
    return {
        "format": FORMAT,
        "amends": dict(amends) if amends else None,
        "parties": [
            {
                "side": side.value,
                "name": names[side],
                "goal": _of_side("goal", side, of_kind),
                "push": _of_side("push", side, of_kind),
                "haves": [_item(key, content) for key, content in of_kind["have"] if key.side is side],
                "needs": [_item(key, content) for key, content in of_kind["need"] if key.side is side],
            }
            for side in Side
        ],
        "commitments": [
            # A need that was taken out since is not named any more.
            _item(key, {**content, "need": content["need"] if content["need"] in needs else ""})
            for key, content in of_kind["commitment"]
        ],
        "rhythm": next((dict(content) for _key, content in of_kind["rhythm"]), _empty("rhythm")),
    }


def parts_of(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the parts that a document was made of: the draft of an amendment begins with them."""
    parts: dict[str, dict[str, str]] = {"rhythm": dict(document["rhythm"])}
    for party in document["parties"]:
        parts[f"goal-{party['side']}"] = dict(party["goal"])
        if "push" in party:
            parts[f"push-{party['side']}"] = dict(party["push"])
        for item in [*party["haves"], *party["needs"]]:
            parts[item["id"]] = {field: value for field, value in item.items() if field != "id"}
    for item in document["commitments"]:
        parts[item["id"]] = {field: value for field, value in item.items() if field != "id"}
    return parts


def _by_kind(parts: Mapping[str, Content]) -> dict[str, list[tuple[Key, Content]]]:
    found: dict[str, list[tuple[Key, Content]]] = {kind: [] for kind in FIELDS}
    for key, content in parts.items():
        where = parse_key(key)
        found[where.kind].append((where, content))
    return found


def _of_side(kind: str, side: Side, of_kind: Mapping[str, list[tuple[Key, Content]]]) -> dict[str, str]:
    return next((dict(content) for key, content in of_kind[kind] if key.side is side), _empty(kind))


def _item(key: Key, content: Content) -> dict[str, str]:
    return {"id": str(key), **content}


def _empty(kind: str) -> dict[str, str]:
    return dict.fromkeys(FIELDS[kind], "")
