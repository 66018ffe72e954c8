"""The text of a contract while both edit it: a log of edits, of which the last of each part is the draft.

This module alone knows how a draft is stored. Its callers hold the lock of the contract's row when they write.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.document import Content, Key, content_of, parse_key
from contracts.lifecycle import Side
from contracts.models import Contract, Edit


@dataclass(frozen=True)
class Part:
    """One part of the draft as it stands. `number` is its version: the edit that made it. `by` is None at the start."""

    key: str
    number: int
    content: dict[str, str] | None
    by: Side | None


class Stale(Exception):
    """Somebody else changed the part since it was shown. Nothing was written."""

    def __init__(self, current: Part | None) -> None:
        super().__init__("the part has changed since")
        self.current = current


def read(contract: Contract, *, upto: int | None = None) -> dict[str, Part]:
    """Return the parts of the draft by key, as they stand or stood at the change `upto`, without those taken out."""
    return {key: part for key, part in _latest(contract, upto=upto).items() if part.content is not None}


def read_all(contract: Contract) -> dict[str, Part]:
    """Return the parts by key, those taken out as well, with None for their content."""
    return _latest(contract)


def contents(contract: Contract, *, upto: int | None = None) -> dict[str, Content]:
    """Return the contents alone, by key."""
    return {key: part.content for key, part in read(contract, upto=upto).items() if part.content is not None}


def part(contract: Contract, key: str) -> Part | None:
    """Return one part as it stands, even when it was taken out; None when there never was one."""
    return _latest(contract, key=key).get(key)


def write(contract: Contract, key: str, content: Mapping[str, str] | None, *, by: Side | None, base: int) -> Part:
    """Write one part, or take it out with None. `base` is the number of the part as it was shown, 0 for none.

    Raises Stale when the part has another number by now. What is there already is not written again.
    """
    current = part(contract, key)
    if (current.number if current else 0) != base:
        raise Stale(current)
    said = content_of(parse_key(key).kind, content) if content is not None else None
    if current and current.content == said:
        return current
    return _append(contract, key, said, by=by)


def unchanged(contract: Contract, key: str, content: Mapping[str, str], *, base: int) -> bool:
    """Whether writing this would change nothing: nobody's signature is void for that."""
    current = part(contract, key)
    return (
        current is not None and current.number == base and current.content == content_of(parse_key(key).kind, content)
    )


def count_edits(contract: Contract, *, by: Side, since: dt.datetime) -> int:
    """Return how many edits a party has made since an instant."""
    return Edit.objects.filter(contract=contract, by=by, at__gt=since).count()


def just_added(
    contract: Contract, kind: str, content: Content, *, by: Side, side: Side | None, since: dt.datetime
) -> str | None:
    """Return the key of the part that this party added with the very same content since an instant, if it stands."""
    said = content_of(kind, content)
    edits = Edit.objects.filter(contract=contract, by=by, at__gt=since, content=said).order_by("-number")
    standing = read(contract)
    for key, number in edits.values_list("key", "number"):
        # A part bears the number of the edit that brought it in.
        if parse_key(key) == Key(kind, side, number) and key in standing and standing[key].content == said:
            return str(key)
    return None


def last_content(contract: Contract, key: str) -> dict[str, str]:
    """Return what a part said before it was taken out."""
    edits = Edit.objects.filter(contract=contract, key=key, content__isnull=False).order_by("-number")
    content: dict[str, str] | None = edits.values_list("content", flat=True)[0]
    assert content is not None
    return content


def add(
    contract: Contract, kind: str, content: Mapping[str, str], *, by: Side | None, side: Side | None = None
) -> Part:
    """Write a new part of a list (have, need, commitment), whose key its own number makes."""
    key = str(Key(kind, side, contract.head + 1))
    return _append(contract, key, content_of(kind, content), by=by)


def replace(contract: Contract, parts: Mapping[str, Content], *, by: Side | None) -> None:
    """Make the draft say exactly `parts`, with as few edits as it takes."""
    for key, now in read(contract).items():
        if key not in parts:
            _append(contract, key, None, by=by)
        elif now.content != dict(parts[key]):
            _append(contract, key, dict(parts[key]), by=by)
    standing = read(contract)
    for key, content in parts.items():
        if key not in standing:
            _append(contract, key, dict(content), by=by)


def changed_since(parts: Mapping[str, Part], number: int, *, by: Side) -> list[Part]:
    """Return the parts that the party `by` changed or took out last, after the change `number`, oldest first."""
    return sorted((each for each in parts.values() if each.number > number and each.by is by), key=lambda p: p.number)


def _append(contract: Contract, key: str, content: dict[str, str] | None, *, by: Side | None) -> Part:
    contract.head += 1
    contract.save(update_fields=["head"])
    Edit.objects.create(contract=contract, number=contract.head, key=key, content=content, by=by or "")
    return Part(key, contract.head, content, by)


def _latest(contract: Contract, *, key: str | None = None, upto: int | None = None) -> dict[str, Part]:
    edits = Edit.objects.filter(contract=contract)
    if key is not None:
        edits = edits.filter(key=key)
    if upto is not None:
        edits = edits.filter(number__lte=upto)
    latest = edits.order_by("key", "-number").distinct("key").values_list("key", "number", "content", "by")
    return {name: Part(name, number, content, Side(by) if by else None) for name, number, content, by in latest}
