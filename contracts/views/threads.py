"""The comments on a contract, part by part, in the words of who looks."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts import clock
from contracts import draft
from contracts.actions import commenting
from contracts.document import FIELDS, Content, parse_key
from contracts.forms import FORMS
from contracts.lifecycle import Side
from contracts.models import Comment, Contract
from contracts.views import pages

WHOLE = "text"
"""What the address says for the whole text, whose key is empty."""


@dataclass(frozen=True)
class Said:
    """One comment on the page; `about` is the field that it is about, in words."""

    comment: Comment
    name: str
    is_mine: bool
    is_new: bool
    resolver: str
    about: str
    may_take_back: bool


@dataclass(frozen=True)
class Thread:
    """The comments on one part, oldest first."""

    key: str
    open: list[Said] = field(default_factory=list)
    resolved: list[Said] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """The part as the address of its thread says it."""
        return self.key or WHOLE

    @property
    def new(self) -> list[int]:
        """The comments that whoever looks has not seen yet."""
        return [said.comment.pk for said in [*self.open, *self.resolved] if said.is_new]


def threads(contract: Contract, side: Side, *, now: dt.datetime | None = None) -> dict[str, Thread]:
    """Return the comments on a contract by part, each with whether it can be taken back at `now`. One query."""
    names = {each: _("You") if each is side else pages.name_of(contract, each) for each in Side}
    found: dict[str, Thread] = {}
    for comment in Comment.objects.standing().filter(contract=contract):
        thread = found.setdefault(comment.key, Thread(comment.key))
        by = Side(comment.by)
        said = Said(
            comment=comment,
            name=names[by],
            is_mine=by is side,
            is_new=by is not side and comment.seen_at is None,
            resolver=names[Side(comment.resolved_by)] if comment.resolved_by else "",
            about=dict(fields_of(comment.key)).get(comment.field, "") if comment.field else "",
            may_take_back=contract.is_open and now is not None and commenting.may_take_back(comment, side, now),
        )
        (thread.open if comment.is_open else thread.resolved).append(said)
    return found


def new_in(found: dict[str, Thread]) -> list[int]:
    return [pk for thread in found.values() for pk in thread.new]


def fields_of(key: str) -> list[tuple[str, str]]:
    """Return the fields of a part that one can comment on, with the words of the form."""
    if not key:
        return []
    kind = parse_key(key).kind
    fields = FORMS[kind].base_fields
    return [(name, str(fields[name].label)) for name in FIELDS[kind] if name in fields and fields[name].label]


def thread_page(contract: Contract, side: Side, key: str) -> dict[str, Any]:
    """The comments on one part, with what stands there now."""
    everything = draft.read_all(contract)
    parts: dict[str, Content] = {name: part.content for name, part in everything.items() if part.content}
    found = threads(contract, side, now=clock.now())
    return {
        **pages.frame(contract, side),
        "thread": found.get(key) or Thread(key),
        # The page of the whole leads to all others: also to those on parts that were taken out.
        "others": [(pages.title(one.key, contract, side), one) for one in found.values() if one.key and not key],
        "title": pages.title(key, contract, side) if key else _("The whole text"),
        "lines": pages.lines_of(key, contract, parts),
        "is_taken_out": bool(key) and key in everything and key not in parts,
        "may_comment": contract.is_open,
    }
