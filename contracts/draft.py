"""The text of a contract while both edit it: a log of updates, and what they say, part by part.

This module alone knows how a draft is stored. The updates are the draft; `settle` reads those that are new and writes
down, as edits, what they made of each part. Its callers hold the lock of the contract's row when they write.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from pycrdt import Doc

from contracts import ydoc
from contracts.document import FIXED, Content, content_of, parse_key
from contracts.lifecycle import Side
from contracts.models import Contract, DraftSnapshot, DraftUpdate, Edit

A_WHILE = dt.timedelta(minutes=1)
"""What one party types in one part within it is one edit."""
ROWS_A_SNAPSHOT = 500


@dataclass(frozen=True)
class Part:
    """One part of the draft as it stands. `number` is its version: the last change of it. `by` is None at the start."""

    key: str
    number: int
    content: dict[str, str] | None
    by: Side | None
    position: str = ""


class Stale(Exception):
    """Somebody else changed the part since it was shown. Nothing was written."""

    def __init__(self, current: Part | None) -> None:
        super().__init__("the part has changed since")
        self.current = current


# --- Reading ----------------------------------------------------------------------------------------------------------


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


def contents_of_the_log(contract: Contract) -> dict[str, Content]:
    """Return the contents by key, read from the updates themselves: what a signature is for."""
    return {key: said.content for key, said in ydoc.read(_doc(contract)).items() if said.content is not None}


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
    of_kind = f"{kind}-{side.value}-" if side else f"{kind}-"
    before = Edit.objects.filter(contract=contract, key=OuterRef("key"), number__lt=OuterRef("number"))
    edits = Edit.objects.filter(contract=contract, by=by, at__gt=since, content=said, key__startswith=of_kind)
    standing = read(contract)
    for key in edits.exclude(Exists(before)).order_by("-number").values_list("key", flat=True):
        if key in standing and standing[key].content == said:
            return str(key)
    return None


def last_content(contract: Contract, key: str) -> dict[str, str]:
    """Return what a part said before it was taken out."""
    edits = Edit.objects.filter(contract=contract, key=key, content__isnull=False).order_by("-number")
    content: dict[str, str] | None = edits.values_list("content", flat=True)[0]
    assert content is not None
    return content


def changed_since(parts: Mapping[str, Part], number: int, *, by: Side) -> list[Part]:
    """Return the parts that the party `by` changed or took out last, after the change `number`, oldest first."""
    return sorted((each for each in parts.values() if each.number > number and each.by is by), key=lambda p: p.number)


def last_written(contract: Contract) -> dict[str, Side]:
    """Return which party changed each field last, by `KEY.FIELD`; not those that stand as they came in."""
    said: dict[str, Mapping[str, str]] = {}
    found: dict[str, Side] = {}
    edits = Edit.objects.filter(contract=contract).order_by("number", "pk").values_list("key", "content", "by")
    for key, content, by in edits:
        before, after = said.get(key, {}), content or {}
        for name, value in after.items():
            if by and value != before.get(name, ""):
                found[f"{key}.{name}"] = Side(by)
        said[key] = after or before
    return found


# --- Writing ----------------------------------------------------------------------------------------------------------


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
    return _append(contract, {key: said}, by=by)[key]


def add(
    contract: Contract, kind: str, content: Mapping[str, str], *, by: Side | None, side: Side | None = None
) -> Part:
    """Write a new part of a list (have, need, commitment), after the others; it has a key of its own."""
    key = ydoc.new_key(kind, side)
    return _append(contract, {key: content_of(kind, content)}, by=by, placed=[key])[key]


def replace(contract: Contract, parts: Mapping[str, Content], *, by: Side | None) -> None:
    """Make the draft say exactly `parts`, in their order."""
    there = read(contract)
    changes: dict[str, dict[str, str] | None] = {
        key: content_of(parse_key(key).kind, {}) if key in FIXED else None for key in there if key not in parts
    }
    for key, content in parts.items():
        if key not in there or there[key].content != dict(content):
            changes[key] = dict(content)
    wanted = [key for key in parts if parse_key(key).number is not None]
    kinds = {parse_key(key).kind for key in wanted}
    moved = [key for kind in kinds for key in _if_out_of_order(wanted, there, kind)]
    if changes or moved:
        _append(contract, changes, by=by, placed=moved)


def append(contract: Contract, data: bytes, *, by: Side) -> int:
    """Write an update that a party sent; return its number."""
    contract.head += 1
    contract.save(update_fields=["head"])
    DraftUpdate.objects.create(contract=contract, number=contract.head, by=by, data=data)
    return contract.head


def settle(contract: Contract) -> list[Edit]:
    """Read the updates that nobody has read yet; return what they made of the parts, written down as edits."""
    if contract.read_head >= contract.head:
        return []
    new = DraftUpdate.objects.filter(contract=contract, number__gt=contract.read_head).order_by("number")
    rows = [(number, by, bytes(data), at) for number, by, data, at in new.values_list("number", "by", "data", "at")]
    edits: list[Edit] = []
    if rows:
        known = {key: (part.content, part.position) for key, part in _latest(contract).items()}
        doc = _doc(contract, upto=contract.read_head)
        for key, said, (number, by, at) in _what_they_made(doc, rows):
            if known.get(key) != (said.content, said.position):
                known[key] = (said.content, said.position)
                edits.append(_edit(contract, key, said, number=number, by=by, at=at))
        Edit.objects.bulk_create(edits)
        _keep_snapshot(contract, rows[-1][0])
    contract.read_head = contract.head
    contract.save(update_fields=["read_head"])
    return edits


Row = tuple[int, str, bytes, dt.datetime]


def _what_they_made(doc: Doc[Any], rows: list[Row]) -> Iterator[tuple[str, ydoc.Said, tuple[int, str, dt.datetime]]]:
    """Go through the updates; for each party and part say what the part was after their last one within a while."""
    watch = ydoc.Watch(doc)
    pending: dict[tuple[str, str], tuple[str, ydoc.Said, tuple[int, str, dt.datetime]]] = {}
    begun: dt.datetime | None = None
    for number, by, data, at in rows:
        if begun is not None and at - begun > A_WHILE:
            yield from sorted(pending.values(), key=lambda one: one[2][0])
            pending, begun = {}, None
        for key in sorted(watch.apply(data)):
            begun = begun or at
            pending[key, by] = (key, ydoc.read_part(doc, key), (number, by, at))
    yield from sorted(pending.values(), key=lambda one: one[2][0])


def _edit(contract: Contract, key: str, said: ydoc.Said, *, number: int, by: str, at: dt.datetime | None) -> Edit:
    edit = Edit(contract=contract, number=number, key=key, content=said.content, position=said.position, by=by)
    if at is not None:
        edit.at = at
    return edit


def _append(
    contract: Contract, parts: Mapping[str, dict[str, str] | None], *, by: Side | None, placed: list[str] | None = None
) -> dict[str, Part]:
    """Write an update of our own making, for what somebody said by a form; return the parts by key.

    Everything that came before has been settled.
    """
    doc = _doc(contract)
    changes = [ydoc.write(doc, parts), ydoc.place_last(doc, placed or [])]
    data = ydoc.merge([change for change in changes if change != ydoc.EMPTY])
    contract.head += 1
    contract.read_head = contract.head
    contract.save(update_fields=["head", "read_head"])
    DraftUpdate.objects.create(contract=contract, number=contract.head, by=by or "", data=data)
    found = {}
    for key in dict.fromkeys((*parts, *(placed or []))):
        said = ydoc.read_part(doc, key)
        _edit(contract, key, said, number=contract.head, by=by or "", at=None).save(force_insert=True)
        found[key] = Part(key, contract.head, said.content, by, said.position)
    return found


def _if_out_of_order(wanted: list[str], there: Mapping[str, Part], kind: str) -> list[str]:
    """Return the entries of a kind, all of them, unless the ones that stand are in this order already."""
    of_kind = [key for key in wanted if parse_key(key).kind == kind]
    stand = [key for key in there if parse_key(key).kind == kind and key in of_kind]
    return of_kind if stand != of_kind else []


# --- The log ----------------------------------------------------------------------------------------------------------


def updates_after(contract_id: int, number: int) -> list[tuple[int, bytes]]:
    """Return the updates after the change `number`, each with its own, as they were sent."""
    rows = DraftUpdate.objects.filter(contract=contract_id, number__gt=number).order_by("number")
    return [(number, bytes(data)) for number, data in rows.values_list("number", "data")]


def whole(contract_id: int, *, upto: int | None = None) -> tuple[list[bytes], int]:
    """Return updates that make the whole draft, and the number of the last one: a snapshot, and what came after it.

    One statement, so that nothing is between the two.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH newest AS (
                SELECT upto, data FROM contracts_draftsnapshot
                WHERE contract_id = %(contract)s AND upto <= coalesce(%(upto)s, 2147483647)
                ORDER BY upto DESC LIMIT 1
            )
            SELECT upto, data FROM newest
            UNION ALL
            SELECT * FROM (
                SELECT number, data FROM contracts_draftupdate
                WHERE contract_id = %(contract)s AND number <= coalesce(%(upto)s, 2147483647)
                    AND number > coalesce((SELECT upto FROM newest), 0)
                ORDER BY number
            ) rows
            """,
            {"contract": contract_id, "upto": upto},
        )
        rows = cursor.fetchall()
    return [bytes(data) for _number, data in rows], max((number for number, _data in rows), default=0)


@dataclass(frozen=True)
class Greeting:
    """What who comes is told: the whole draft as one update, its state vector, the number of the last change."""

    merged: bytes
    state: bytes
    last: int


def greeting(contract_id: int) -> Greeting:
    """Return the draft for who comes to it."""
    updates, last = whole(contract_id)
    merged = ydoc.merge(updates)
    return Greeting(merged, ydoc.state_of([merged]), last)


def _doc(contract: Contract, *, upto: int | None = None) -> Doc[Any]:
    return ydoc.doc_of(whole(contract.pk, upto=upto)[0])


def _keep_snapshot(contract: Contract, upto: int) -> None:
    """Keep what many updates make as one, merged from their bytes; the updates stay."""
    newest = DraftSnapshot.objects.filter(contract=contract).order_by("-upto").values_list("upto", flat=True).first()
    if (
        DraftUpdate.objects.filter(contract=contract, number__gt=newest or 0, number__lte=upto).count()
        < ROWS_A_SNAPSHOT
    ):
        return
    updates, _last = whole(contract.pk, upto=upto)
    DraftSnapshot.objects.create(contract=contract, upto=upto, data=ydoc.merge(updates))


def _latest(contract: Contract, *, key: str | None = None, upto: int | None = None) -> dict[str, Part]:
    edits = Edit.objects.filter(contract=contract)
    if key is not None:
        edits = edits.filter(key=key)
    if upto is not None:
        edits = edits.filter(number__lte=upto)
    latest = edits.order_by("key", "-number").distinct("key").values_list("key", "number", "content", "by", "position")
    found = [
        Part(name, number, content, Side(by) if by else None, position)
        for name, number, content, by, position in latest
    ]
    return {each.key: each for each in sorted(found, key=lambda each: ydoc.in_order(each.key, each.position))}
