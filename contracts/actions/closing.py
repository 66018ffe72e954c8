"""A stretch comes to its end: each party looks back, and says what next."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, zones
from accounts.clock import Now
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from contracts.actions.ending import begin_amendment
from contracts.actions.holding import agree, are_apart, hold, why_not
from contracts.broadcasts import look_again
from contracts.canonical import document_in
from contracts.lifecycle import Move, Side, State
from contracts.models import Contract, StretchReview
from contracts.stretches import Outcome, Stretch, renewed, stretch_of


def review(
    *, by: User, contract_id: int, version: int, outcome: Outcome, learned: str, otherwise: str, thanks: str
) -> StretchReview:
    """Look back on the stretch of the version in force, or change what one has said of it.

    `version` is the number that the page showed. Raises Refused when the other has sent theirs meanwhile, so that both
    are open, or when the stretch is closed.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        held = contract.version_in_force
        if held is None or held.number != version:
            raise Refused(_("Another version has come into force meanwhile. Look at it, and begin again."))
        there = {each.side: each for each in StretchReview.objects.filter(version=held)}
        if refusal := why_not_review(contract, side, there):
            raise Refused(refusal)
        said = {"outcome": outcome, "learned": learned, "otherwise": otherwise, "thanks": thanks}
        if mine := there.get(side):
            if any(getattr(mine, name) != value for name, value in said.items()):
                StretchReview.objects.filter(pk=mine.pk).update(**said, at=Now())
                mine.refresh_from_db()
            return mine
        made = StretchReview.objects.create(contract=contract, version=held, side=side, **said)
        look_again(contract.pk)
        return made


def renew(*, by: User, contract_id: int) -> None:
    """Begin another stretch: the text in force with its dates moved on, as an amendment that both sign.

    Raises Refused before it is time, or when one has not looked back on the stretch yet.
    """
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        agree(contract, Move.AMEND, side)
        assert contract.version_in_force is not None
        said = document_in(contract.version_in_force.text)
        stretch = stretch_of(said["rhythm"])
        today = today_in(stretch)
        if not stretch.is_asked_about(today):
            raise Refused(
                _("This stretch still has some weeks to go. Renew it in its last week, or change something now.")
            )
        reviews = {
            Side(each.side): Outcome(each.outcome)
            for each in StretchReview.objects.filter(version=contract.version_in_force)
        }
        if side not in reviews:
            raise Refused(_("Look back on this stretch first: a few words are enough."))
        parts = renewed(said, reviews, today=today)
        begin_amendment(contract, side, how="renewed", parts=parts, telling="renewing")


def why_not_review(contract: Contract, side: Side, there: dict[str, StretchReview]) -> str:
    """Return why a party cannot write their review now, or change it, in a sentence; empty when they can.

    `there` are those of the version in force, by party.
    """
    if contract.version_in_force_id is None:
        return why_not(contract, Move.PART, side)
    if not (contract.is_in_force or contract.state == State.DONE) or contract.member(side.other) is None:
        return _("This contract has ended.")
    if side in there and (side.other in there or not contract.is_in_force):
        return _("You can both read what you wrote, so it does not change any more.")
    if are_apart(contract):
        return _("This contract has ended.")
    return ""


def stretch_in_force(contract: Contract) -> Stretch:
    """Return the stretch of the version in force, or of the last one that was."""
    assert contract.version_in_force is not None
    return stretch_of(document_in(contract.version_in_force.text)["rhythm"])


def today_in(stretch: Stretch) -> dt.date:
    """Return the present day on the clock that the two have agreed on."""
    return zones.local_time(stretch.zone, clock.now()).date()
