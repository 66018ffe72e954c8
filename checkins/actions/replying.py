"""A party answers what the other has logged, and pushes them in a low time: a person, never the application."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.notices import planned
from accounts.notices.planned import Planned
from accounts.rules import Refused, constraints_speak
from checkins import opening, pushing, series
from checkins.actions.checkins import AFTER_THE_END
from checkins.models import CheckIn, Push, Reply
from checkins.pushing import Reason
from checkins.series import Series
from contracts.actions.holding import are_apart, hold
from contracts.canonical import document_in
from contracts.lifecycle import Side
from contracts.models import Contract

REPLY, PUSH = "check_in:reply", "check_in:push"
# A slip can be taken back, and a few words added to a cheer, before the other hears of it.
REPLY_TOLD_AFTER, PUSH_TOLD_AFTER = dt.timedelta(minutes=5), dt.timedelta(minutes=1)
TOLD_LASTS = dt.timedelta(days=7)


def reply(*, by: User, contract_id: int, on: dt.date, is_cheer: bool, words: str) -> Reply | None:
    """Answer the other's check-in for a meeting; saying nothing at all takes the answer back.

    Raises Refused where there is nothing to answer.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        _check_may_reply(contract, side, on)
        about: dict[str, Any] = {"contract": contract, "on": on, "side": side}
        if not (is_cheer or words):
            Reply.objects.filter(**about).delete()
            planned.unplan([_reply_key(contract, side, on)])
            return None
        said, _is_new = Reply.objects.update_or_create(
            **about, defaults={"author": by, "is_cheer": is_cheer, "words": words, "said_at": Now()}
        )
        _tell(contract, side.other, REPLY, _reply_key(contract, side, on), {"on": on.isoformat(), "side": side.value})
        return said


def _check_may_reply(contract: Contract, side: Side, on: dt.date) -> None:
    meetings = series.of(contract)
    one = meetings.find(on) if meetings else None
    there = {each.side: each for each in CheckIn.objects.filter(contract=contract, on=on)}
    now = clock.now()
    is_over = contract.ended_at is not None and contract.ended_at + AFTER_THE_END < now
    if is_over or are_apart(contract):
        raise Refused(_("This contract has ended. Its check-ins stay here to read."))
    if one is None or opening.shown(there.get(side.value), there.get(side.other.value), one, now) is None:
        raise Refused(_("There is no check-in to answer here yet."))


@dataclass(frozen=True)
class Offer:
    """That a party may push the other now: why, how the other wants it, and the party's own words from the contract.

    `way` and `how` are empty where the other has said nothing; `believe` where this party has not.
    """

    reason: Reason
    stretch_on: dt.date
    way: str
    how: str
    believe: str


def offer(
    contract: Contract,
    side: Side,
    meetings: Series,
    check_ins: dict[tuple[dt.date, str], CheckIn],
    pushes: list[Push],
    now: dt.datetime,
) -> Offer | None:
    """Return what a party is offered to say to the other now, or None. It reads nothing.

    `pushes` are all of the pair. Words of the contract are used only where whoever wrote them agreed to that.
    """
    if not contract.is_in_force or contract.member(side.other) is None or contract.version_in_force is None:
        return None
    agreed = {each["side"]: each.get("push", {}) for each in document_in(contract.version_in_force.text)["parties"]}
    mine, theirs = ({**each} if each.get("consent") else {} for each in (agreed[side.value], agreed[side.other.value]))
    logged = {on for on, of in check_ins if of == side.other.value}
    begun = [one for one in meetings.all() if one.at <= now]
    both = ((one, check_ins.get((one.on, side.value)), check_ins.get((one.on, side.other.value))) for one in begun)
    read = {one.on: shown for one, own, other in both if (shown := opening.shown(own, other, one, now))}
    found = pushing.reason(begun, logged, read, now=now, way=theirs.get("way", ""))
    stretch_on = meetings.rhythm.first_on
    of_mine = [each for each in pushes if each.side == side]
    is_said = any(each.state == Push.State.SENT and each.stretch_on == stretch_on for each in of_mine)
    if found is None or is_said or any(each.on >= found.on for each in of_mine):
        return None
    return Offer(found, stretch_on, theirs.get("way", ""), theirs.get("how", ""), mine.get("believe", ""))


def push(*, by: User, contract_id: int, words: str) -> Push:
    """Send the other these words, once a stretch. Raises Refused where it is not offered any more."""
    with constraints_speak(), transaction.atomic():
        contract, side, offered = _offered(by, contract_id)
        said = _say(contract, side, by, offered, state=Push.State.SENT, words=words)
        _tell(contract, side.other, PUSH, f"{PUSH}:{said.pk}", {"push": said.pk})
        return said


def leave(*, by: User, contract_id: int) -> None:
    """Say nothing this time. It is offered again only when there is a new reason."""
    with transaction.atomic():
        contract, side, offered = _offered(by, contract_id)
        _say(contract, side, by, offered, state=Push.State.LEFT, words="")


def _offered(by: User, contract_id: int) -> tuple[Contract, Side, Offer]:
    contract, side = hold(by=by, contract_id=contract_id)
    meetings = series.of(contract)
    check_ins = {(each.on, each.side): each for each in CheckIn.objects.filter(contract=contract)}
    pushes = list(Push.objects.filter(contract=contract))
    offered = offer(contract, side, meetings, check_ins, pushes, clock.now()) if meetings else None
    if offered is None or are_apart(contract):
        words = {"name": contract.called(side.other)}
        raise Refused(
            _("This has settled itself meanwhile. What you would like to say to %(name)s, write into the conversation.")
            % words
        )
    return contract, side, offered


def _say(contract: Contract, side: Side, by: User, offered: Offer, *, state: Push.State, words: str) -> Push:
    return Push.objects.create(
        contract=contract,
        side=side,
        author=by,
        state=state,
        on=offered.reason.on,
        stretch_on=offered.stretch_on,
        words=words,
    )


def _reply_key(contract: Contract, side: Side, on: dt.date) -> str:
    return f"{REPLY}:{contract.pk}:{on}:{contract.member_id(side.other)}"


def _tell(contract: Contract, to: Side, kind: str, key: str, about: dict[str, object]) -> None:
    member = contract.member(to)
    if member is not None:
        due_at = clock.now() + (REPLY_TOLD_AFTER if kind == REPLY else PUSH_TOLD_AFTER)
        context = {"contract": contract.pk, **about}
        planned.plan([Planned(key, kind, member, due_at, due_at + TOLD_LASTS, context)])
