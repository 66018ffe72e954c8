"""What the pages of a contract show: read once, said in the words and on the clock of who looks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext as _

from accounts.models import User
from accounts.zones import clock_of
from contracts import draft, trail
from contracts.actions import holding, signing
from contracts.canonical import canonical, document_in, sha256
from contracts.coverage import served
from contracts.differences import Difference, differences
from contracts.document import MOST, Content, Key, parse_key, shape
from contracts.forms import FORMS, PartForm
from contracts.history import entries
from contracts.lifecycle import EDITED, HALF_SIGNED, Move, Side, State, outcome
from contracts.models import Contract, Edit, Event, SealedFile, Version
from contracts.models.texts import fingerprint
from contracts.readable import Line, blocks, consent_to_push, part_lines

NEWEST_EDITS = 100


@dataclass(frozen=True)
class Item:
    """One part of the draft on the page; `is_new`: the other changed it; `is_open`: a need that nobody serves."""

    key: str
    lines: list[Line]
    is_new: bool = False
    is_elsewhere: bool = False
    served_by: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class Column:
    """What one party wants, has, needs and gives."""

    side: Side
    name: str
    is_me: bool
    goal: Item
    push: Item
    haves: list[Item] = field(default_factory=list)
    needs: list[Item] = field(default_factory=list)
    gives: list[Item] = field(default_factory=list)
    receiver: str = ""


class Row:
    """A contract in the list."""

    def __init__(self, contract: Contract, viewer: User) -> None:
        self.contract = contract
        side = contract.side_of(viewer)
        other = contract.member(side.other)
        self.name = contract.called(side.other)
        self.other = other.profile if other else None
        self.words = state_words(contract, side, self.name)


def other_name(contract: Contract, viewer: User) -> str:
    return name_of(contract, contract.side_of(viewer).other)


def name_of(contract: Contract, side: Side) -> str:
    member = contract.member(side)
    return (member.profile.first_name if member else "") or contract.name(side)


def state_words(contract: Contract, side: Side, name: str) -> str:
    """Where the contract stands, to one of its parties, in a few words."""
    words = {"name": name}
    if contract.state in HALF_SIGNED:
        return (
            _("You have signed; %(name)s has not yet") % words
            if contract.signer == side
            else _("%(name)s has signed; it is your turn") % words
        )
    return {
        State.DRAFT: _("Draft: nothing is agreed yet"),
        State.IN_FORCE: _("In force: you have both signed"),
        State.AMENDING: _("In force, and you are writing an amendment"),
        State.DONE: _("Done: you both said so"),
        State.PARTED: _("Ended"),
        State.TAKEN_BACK: _("Taken back"),
    }[State(contract.state)]


def may(contract: Contract, move: Move, side: Side) -> bool:
    """Whether the party can make this move now: a button shows exactly then."""
    to = outcome(State(contract.state), move, side, signer=contract.signer_side, said_done=contract.said_done_side)
    return to is not None


def why_not(contract: Contract, move: Move, side: Side) -> str:
    """Return why not, in a sentence; empty when they can."""
    return "" if may(contract, move, side) else holding.why_not(contract, move, side)


def why_not_edit(contract: Contract, viewer: User) -> str:
    return why_not(contract, Move.EDIT, contract.side_of(viewer))


def moves(contract: Contract, side: Side) -> dict[str, bool]:
    """What the party can do now, by the name that templates use."""
    return {f"may_{move.name.lower()}": may(contract, move, side) for move in Move}


def frame(contract: Contract, side: Side) -> dict[str, Any]:
    """What every page of a contract shows."""
    other = contract.member(side.other)
    return {
        "contract": contract,
        "side": side,
        "other": other.profile if other else None,
        "other_name": contract.called(side.other),
        "other_first_name": name_of(contract, side.other),
        "words": state_words(contract, side, name_of(contract, side.other)),
        **moves(contract, side),
    }


def live(contract: Contract, side: Side) -> dict[str, Any] | None:
    """What the editor needs to begin with; None where nothing is edited."""
    if contract.state not in EDITED | HALF_SIGNED:
        return None
    return {
        # Nothing is sent by these: the rules of the forms are asked before anybody signs.
        "forms": _forms(contract),
        "lists": list(MOST),
        "data": {
            **_connection(contract, side),
            "names": {each.value: name_of(contract, each) for each in Side},
            "written": {place: by.value for place, by in draft.last_written(contract).items()},
            "standing": reverse("contract_standing", args=[contract.pk]),
            "comments": reverse("comments", args=[contract.pk, "KEY"]),
            "state": contract.state,
        },
    }


def _forms(contract: Contract) -> dict[str, str]:
    """The fields that the editor copies, as HTML, by kind; those that name a party by key."""
    names = holding.names(contract)
    drawn = _drawn(get_language())
    found = {kind: fields for kind, fields in drawn.items() if kind != "push"}
    for side in Side:
        agrees = conditional_escape(consent_to_push(names[side], names[side.other]))
        found[f"push-{side.value}"] = mark_safe(drawn["push"].replace(_AGREES, agrees))  # noqa: S308
    return found


# What stands for the sentence with the parties' names in the fields that are drawn once for all. Nobody can type it.
_AGREES = "\ue000agrees\ue000"


@lru_cache(maxsize=4)
def _drawn(_language: str | None) -> dict[str, str]:
    """The fields of each kind of part, drawn once in each language: they say the same for every contract."""
    return {
        kind: render_to_string(
            "components/fields.html",
            {"form": form(today=dt.date.min, **({"agrees": _AGREES} if kind == "push" else {}))},
        )
        for kind, form in FORMS.items()
    }


def _connection(contract: Contract, side: Side) -> dict[str, Any]:
    return {
        "contract": contract.pk,
        "member": contract.member_id(side),
        "side": side.value,
        "socket": "/ws/contracts",
        "shape": shape(),
    }


def draft_page(contract: Contract, side: Side) -> dict[str, Any]:
    """The draft as both see it, with what is missing and what the other changed."""
    everything = draft.read_all(contract)
    parts = {key: part for key, part in everything.items() if part.content is not None}
    standing = draft_standing(contract, side, everything)
    document, new = standing["document"], {part.key for _title, part, _words in standing["changed"]}
    return {
        **standing,
        "live": live(contract, side),
        "late": _connection(contract, side),
        "columns": _columns(contract, side, document, parts, new=new),
        "rhythm": _item("rhythm", parts, document, new=new),
        "rhythm_here": here(document["rhythm"]),
        "versions": [] if contract.is_open else list(contract.versions.filter(signatures__isnull=False).distinct()),
    }


def draft_standing(
    contract: Contract, side: Side, everything: Mapping[str, draft.Part] | None = None
) -> dict[str, Any]:
    """Where the draft stands: what is missing, what the other changed, who has signed. `everything` saves a look."""
    everything = draft.read_all(contract) if everything is None else everything
    document = holding.document_from(contract, {key: part.content for key, part in everything.items() if part.content})
    seen = contract.has_seen(side)
    changed = draft.changed_since(everything, seen, by=side.other)
    missing = holding.missing_in(contract, document) if contract.is_open else []
    return {
        **frame(contract, side),
        "document": document,
        "leaves": contract.state not in EDITED | HALF_SIGNED,
        "gaps": missing,
        "changed": [(title(part.key, contract, side), part, _excerpt(part)) for part in changed],
        "changes": _changes_since(contract, seen, document) if changed else [],
        "is_ready": not missing,
        "is_void": contract.state in EDITED and _is_void(contract, side),
    }


def _is_void(contract: Contract, side: Side) -> bool:
    """Whether the other changed the text that this party has signed, and they have not signed since."""
    mine = Event.objects.filter(Q(version__signatures__side=side) | Q(kind=Event.Kind.AMENDING), contract=contract)
    last = mine.order_by("-number").first()
    return last is not None and last.kind == Event.Kind.SIGNATURE_VOIDED and last.by == side.other


def _changes_since(contract: Contract, seen: int, document: Mapping[str, Any]) -> list[Difference]:
    return differences(canonical(holding.document(contract, upto=seen)), canonical(document))


def _columns(
    contract: Contract, side: Side, document: Mapping[str, Any], parts: Mapping[str, draft.Part], *, new: set[str]
) -> list[Column]:
    by_side = {party["side"]: party for party in document["parties"]}
    columns = []
    for each in (side, side.other):
        party = by_side[each.value]
        given = [one for one in document["commitments"] if one["giver"] == each.value]
        columns.append(
            Column(
                side=each,
                name=party["name"],
                is_me=each is side,
                goal=_item(f"goal-{each.value}", parts, document, new=new),
                push=_item(f"push-{each.value}", parts, document, new=new),
                haves=[_item(one["id"], parts, document, new=new) for one in party["haves"]],
                needs=[_item(one["id"], parts, document, new=new) for one in party["needs"]],
                gives=[_item(one["id"], parts, document, new=new) for one in given],
                receiver=by_side[each.other.value]["name"],
            )
        )
    return columns


def _item(key: str, parts: Mapping[str, draft.Part], document: Mapping[str, Any], *, new: set[str]) -> Item:
    part = parts.get(key)
    content = part.content if part and part.content else {}
    where = parse_key(key)
    lines = part_lines(where.kind, content, _needs(document), **_called(where, document)) if content else []
    serving = len(served(document)[key]) if where.kind == "need" else 0
    is_elsewhere = bool(content.get("elsewhere"))
    return Item(
        key=key,
        lines=lines,
        is_new=key in new,
        is_elsewhere=is_elsewhere,
        served_by=serving,
        is_open=where.kind == "need" and not serving and not is_elsewhere,
    )


def _called(where: Key, document: Mapping[str, Any]) -> dict[str, str]:
    """What the party of a part and the other one are called."""
    names = {Side(party["side"]): party["name"] for party in document["parties"]}
    return {"name": names[where.side], "other": names[where.side.other]} if where.side else {}


def _needs(document: Mapping[str, Any]) -> dict[str, str]:
    return {need["id"]: need["text"] for party in document["parties"] for need in party["needs"]}


def needs_of(parts: Mapping[str, draft.Part], side: Side) -> list[tuple[str, str]]:
    """Return the needs of one party as choices: key and a line of text."""
    found = []
    for key, part in parts.items():
        where = parse_key(key)
        if where.kind == "need" and where.side is side and part.content is not None:
            found.append((where.number or 0, key, " ".join(part.content["text"].split())[:120]))
    return [(key, said) for _number, key, said in sorted(found)]


def title(key: str, contract: Contract, side: Side) -> str:
    """What a part is called, to one of the parties."""
    where = parse_key(key)
    if where.side is None:
        return _("When we meet") if where.kind == "rhythm" else _("A commitment")
    if where.side is side:
        return {
            "goal": _("Your goal"),
            "push": _("How you want to be pushed"),
            "have": _("What you have"),
            "need": _("What you need"),
        }[where.kind]
    words = {"name": name_of(contract, where.side)}
    return {
        "goal": _("%(name)s’s goal"),
        "push": _("How %(name)s wants to be pushed"),
        "have": _("What %(name)s has"),
        "need": _("What %(name)s needs"),
    }[where.kind] % words


def _excerpt(part: draft.Part) -> str:
    """Return the words by which an entry of a list is told from its neighbours."""
    content = part.content or {}
    return content.get("text") or content.get("what") or ""


def here(rhythm: Mapping[str, str]) -> str:
    """The first meeting on the wall clock of who looks, where it differs from the one in the text; else nothing."""
    if not (rhythm["first_on"] and rhythm["time"] and rhythm["zone"]):
        return ""
    wall = dt.datetime.fromisoformat(f"{rhythm['first_on']}T{rhythm['time']}").replace(tzinfo=clock_of(rhythm["zone"]))
    mine = timezone.localtime(wall)
    if mine.utcoffset() == wall.utcoffset():
        return ""
    return _("%(day)s at %(time)s on your clock") % {"day": WEEKDAYS[mine.weekday()], "time": f"{mine:%H:%M}"}


def part_page(
    contract: Contract,
    viewer: User,
    where: Key,
    form: PartForm,
    parts: Mapping[str, draft.Part],
    *,
    key: str = "",
    theirs: draft.Part | None = None,
) -> dict[str, Any]:
    """The form of one part; `theirs` is what the other wrote meanwhile."""
    side = contract.side_of(viewer)
    names = holding.names(contract)
    current = parts.get(key)
    giver = where.side
    if where.kind == "commitment" and current and current.content:
        giver = Side(current.content["giver"])
    needs = {
        name: part.content["text"] for name, part in parts.items() if part.content and parse_key(name).kind == "need"
    }
    return {
        **frame(contract, side),
        "form": form,
        "key": key,
        "kind": where.kind,
        "is_mine": where.side is side,
        "giver": names[giver] if giver else "",
        "receiver": names[giver.other] if giver else "",
        "owner": names[where.side] if where.side else "",
        "theirs": _lines_of(where, theirs, needs, names),
        "is_conflict": theirs is not None,
        "is_signed": contract.state in HALF_SIGNED,
        "is_signed_by_me": contract.signer_side is side,
    }


def lines_of(key: str, contract: Contract, parts: Mapping[str, Content]) -> list[Line]:
    """Return a part as it stands among `parts`, in words; nothing for one that is not there."""
    if key not in parts:
        return []
    document = holding.document_from(contract, parts)
    where = parse_key(key)
    return part_lines(where.kind, parts[key], _needs(document), **_called(where, document))


def _lines_of(where: Key, part: draft.Part | None, needs: Mapping[str, str], names: Mapping[Side, str]) -> list[Line]:
    if part is None or not part.content:
        return []
    called = {"name": names[where.side], "other": names[where.side.other]} if where.side else {}
    return part_lines(where.kind, part.content, needs, **called)


def sign_page(contract: Contract, side: Side, *, changes: list[Difference] | None) -> dict[str, Any]:
    text = signing.text_to_sign(contract)
    digest = sha256(text)
    said = document_in(text)
    names = {party["side"]: party["name"] for party in said["parties"]}
    return {
        **frame(contract, side),
        "live": {"data": {**_connection(contract, side), "names": names, "amends": said["amends"]}},
        "blocks": blocks(text),
        "sha256": digest,
        "fingerprint": fingerprint(digest),
        "consent": signing.consent_words().splitlines(),
        "changes": changes,
        "signed_by": contract.open_version.signatures.first() if contract.open_version else None,
    }


def held(contract: Contract, side: Side) -> dict[str, Any]:
    """A contract that is in force, or was."""
    version = contract.version_in_force
    assert version is not None
    late = _connection(contract, side)
    return {
        **version_page(contract, version, side),
        "versions": agreed(contract),
        "late": late,
        "has_fallen_silent": contract.state == State.PARTED
        and Event.objects.filter(contract=contract, kind=Event.Kind.FELL_SILENT).exists(),
    }


def version_page(contract: Contract, version: Version, side: Side) -> dict[str, Any]:
    document = blocks(version.text)
    signatures = list(version.signatures.all())
    return {
        **frame(contract, side),
        "version": version,
        "blocks": document,
        "signatures": signatures,
        "is_agreed": len(signatures) == len(Side),
        "sealed": SealedFile.objects.filter(version=version).defer("pdf").first(),
        "has_before": _has_before(version),
        "is_held": contract.version_in_force_id == version.pk and contract.is_in_force,
        "rhythm_here": here(document_in(version.text)["rhythm"]),
    }


def number_before(version: Version) -> int:
    """Return the number of the version that this one takes the place of, or else of the one before it; 0 for none."""
    amends = document_in(version.text)["amends"]
    return int(amends["version"]) if amends else version.number - 1


def _has_before(version: Version) -> bool:
    number = number_before(version)
    return number > 0 and Version.objects.filter(contract=version.contract_id, number=number).exists()


def agreed(contract: Contract) -> list[Version]:
    """The versions that both have signed, oldest first."""
    versions = Version.objects.filter(contract=contract).prefetch_related("signatures")
    return [version for version in versions if len(version.signatures.all()) == len(Side)]


def history(contract: Contract, side: Side) -> dict[str, Any]:
    """The audit trail and the newest edits, each with who and when."""
    kept = trail.read(contract)
    names = {each: name_of(contract, each) for each in Side}
    edits = Edit.objects.filter(contract=contract).exclude(by="").order_by("-number")[:NEWEST_EDITS]
    return {
        **frame(contract, side),
        "entries": entries(kept.links, names),
        "versions": set(contract.versions.values_list("number", flat=True)),
        "is_erased": any(link.is_erased for link in kept.links),
        "fault": kept.fault,
        "trail_head": kept.head,
        "edits": [(edit, names[Side(edit.by)], title(edit.key, contract, side)) for edit in edits],
    }
