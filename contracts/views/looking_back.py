"""What the two say on looking back at a stretch, as one of them may read it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from contracts.actions import closing
from contracts.lifecycle import Move, Side, State
from contracts.models import Contract, StretchReview
from contracts.stretches import Outcome
from contracts.views.pages import may, name_of


@dataclass(frozen=True)
class Said:
    """A review that one may read: whose it is, and what it says."""

    review: StretchReview
    is_mine: bool
    name: str

    @property
    def outcome(self) -> str:
        return {
            Outcome.DONE: _("The goal is met"),
            Outcome.CARRY_OVER: _("The goal is carried over"),
            Outcome.CHANGE: _("The goal is to be changed"),
        }[Outcome(self.review.outcome)]


@dataclass(frozen=True)
class LookBack:
    """What was said of the stretch of one version. `is_open`: each may read the other’s."""

    number: int
    mine: StretchReview | None
    theirs: StretchReview | None
    is_open: bool
    said: list[Said] = field(default_factory=list)


def looking_back(contract: Contract, side: Side) -> dict[str, Any]:
    """What a page shows of the end of the stretch in force, and of those before it. Two small queries."""
    assert contract.version_in_force is not None
    held = contract.version_in_force.number
    by_version: dict[int, list[StretchReview]] = {held: []}
    for each in contract.reviews.select_related("version").order_by("version__number"):
        by_version.setdefault(each.version.number, []).append(each)
    found = {number: _look_back(contract, side, number, reviews) for number, reviews in by_version.items()}
    now, there = found[held], {each.side: each for each in by_version[held]}
    stretch = closing.stretch_in_force(contract)
    today = closing.today_in(stretch)
    is_time = stretch.is_asked_about(today)
    return {
        "look_back": now,
        "earlier": [each for number, each in sorted(found.items(), reverse=True) if number != held and each.said],
        "stretch": stretch,
        "is_time": is_time and contract.is_in_force,
        "is_over": stretch.is_over(today),
        "is_done": contract.state == State.DONE,
        "why_not_review": closing.why_not_review(contract, side, there),
        "may_renew": bool(now.mine) and is_time and may(contract, Move.AMEND, side),
    }


def _look_back(contract: Contract, side: Side, number: int, reviews: Iterable[StretchReview]) -> LookBack:
    there = {each.side: each for each in reviews}
    mine, theirs = there.get(side), there.get(side.other)
    is_held = contract.version_in_force is not None and contract.version_in_force.number == number
    is_open = len(there) == len(Side) or not contract.is_in_force or not is_held
    said = [
        Said(each, each is mine, _("You") if each is mine else name_of(contract, side.other))
        for each in (mine, theirs)
        if each and (each is mine or is_open)
    ]
    return LookBack(number, mine, theirs, is_open, said)
