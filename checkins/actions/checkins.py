"""A party logs a meeting, skips it, or takes back what the other has not read yet."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from checkins import opening, series
from checkins.actions import silence
from checkins.actions.planning import plan
from checkins.models import CheckIn, Meeting
from checkins.series import Occurrence
from contracts.actions.holding import are_apart, hold
from contracts.lifecycle import Side
from contracts.models import Contract

State = CheckIn.State
# A contract that has ended can still be logged for so long.
AFTER_THE_END = dt.timedelta(days=14)
# Between two times that a check-in asks about the long goal as well.
LONG_GOAL_EVERY = dt.timedelta(days=28)


@dataclass(frozen=True)
class Said:
    """What a check-in says; every part may be left empty. `indicator` is in the unit of the author's goal."""

    kept: str = ""
    strategies: list[str] = field(default_factory=list)
    moved: str = ""
    time_spent: str = ""
    indicator: Decimal | None = None
    block: str = ""
    in_the_way: str = ""
    helped: str = ""
    help_given: str = ""
    help_received: str = ""
    next_step: str = ""
    confidence: int | None = None
    long_goal: str = ""
    private_note: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(value not in ("", None, []) for value in asdict(self).values())


def send(
    *,
    by: User,
    contract_id: int,
    on: dt.date,
    said: Said,
    asked_long: bool = False,
    asked_back: dt.date | None = None,
    held_last: str = "",
) -> CheckIn:
    """Send what one says about a meeting; before the other can read it, sending again changes it.

    `asked_back` names the meeting whose block the page asked about, `held_last` whether the two met the last time
    before. Raises Refused.
    """
    with constraints_speak(), transaction.atomic():
        contract, side, one = _meeting(by, contract_id, on)
        mine, theirs = _both(contract, on, side)
        if said.is_empty:
            raise Refused(_("Write one thing at least. Or skip this time: that is fine as well."))
        if mine and mine.state == State.SENT and opening.is_open(mine, theirs, one, clock.now()):
            raise Refused(_("The two check-ins are open already. What you would add, write into the conversation."))
        check_in, _is_new = CheckIn.objects.update_or_create(
            contract=contract,
            on=on,
            side=side,
            defaults={
                **asdict(said),
                "author": by,
                "state": State.SENT,
                "promise": promise_before(contract.pk, side, on),
                "asked_long": asked_long,
                "asked_back": asked_back,
                "sent_at": Now(),
            },
        )
        if held_last:
            _say_last_held(contract, one, held_last)
        silence.heard(contract, by=side)
        _plan_again(contract)
        return check_in


def skip(*, by: User, contract_id: int, on: dt.date) -> None:
    """Skip a check-in. What was typed stays as a draft; nobody is reminded of it any more."""
    with constraints_speak(), transaction.atomic():
        contract, side, _one = _meeting(by, contract_id, on)
        mine, _theirs = _both(contract, on, side)
        if mine and mine.state == State.SENT:
            raise Refused(_("You have sent this check-in already."))
        CheckIn.objects.update_or_create(
            contract=contract, on=on, side=side, defaults={"author": by, "state": State.SKIPPED}
        )
        silence.heard(contract, by=side)
        _plan_again(contract)


def unskip(*, by: User, contract_id: int, on: dt.date) -> None:
    """Take a skip back."""
    with transaction.atomic():
        contract, side, _one = _meeting(by, contract_id, on)
        CheckIn.objects.filter(contract=contract, on=on, side=side, state=State.SKIPPED).delete()
        _plan_again(contract)


def note(*, by: User, contract_id: int, on: dt.date, private_note: str) -> None:
    """Change one's private note, at any time. Raises CheckIn.DoesNotExist where nothing was logged."""
    CheckIn.objects.get(contract=contract_id, on=on, author=by)
    CheckIn.objects.filter(contract=contract_id, on=on, author=by).update(private_note=private_note)


def promise_before(contract_id: int, side: Side, on: dt.date) -> str:
    """Return what the party said last, before this meeting, that they would do."""
    last = CheckIn.objects.of(contract_id, side).sent().filter(on__lt=on).first()
    return last.next_step if last else ""


def asks_about_long_goal(contract_id: int, side: Side, on: dt.date) -> bool:
    """Whether the check-in of this meeting asks about the long goal: the first one does, and then one a month."""
    asked = CheckIn.objects.of(contract_id, side).sent().filter(asked_long=True).exclude(on=on)
    last = asked.filter(on__lt=on).values_list("on", flat=True).first()
    return last is None or on - last >= LONG_GOAL_EVERY


def can_be_logged(contract: Contract, meetings: series.Series, one: Occurrence, now: dt.datetime) -> bool:
    """Whether the meeting is past, or the very next; and the contract in force, or not long over."""
    if contract.ended_at is not None and contract.ended_at + AFTER_THE_END < now:
        return False
    if not one.takes_place:
        return False
    if one.at <= now:
        return True
    coming = (each for each in meetings.between(now, one.at + dt.timedelta(seconds=1)) if each.takes_place)
    return contract.is_in_force and next(coming, one).on == one.on


def _meeting(by: User, contract_id: int, on: dt.date) -> tuple[Contract, Side, Occurrence]:
    contract, side = hold(by=by, contract_id=contract_id)
    meetings = series.of(contract)
    one = meetings.find(on) if meetings else None
    if meetings is None or one is None:
        raise Refused(_("There is no such meeting any more: the contract has changed meanwhile."))
    if not can_be_logged(contract, meetings, one, clock.now()) or are_apart(contract):
        raise Refused(why_not(contract, one, clock.now()))
    return contract, side, one


def why_not(contract: Contract, one: Occurrence, now: dt.datetime) -> str:
    """Return why a meeting cannot be logged now, in a sentence."""
    if one.standing is series.Standing.CANCELLED:
        return _("This meeting was cancelled, so there is nothing to check in for.")
    if one.standing is series.Standing.PAUSED:
        return _("You two pause in that week, so there is nothing to check in for.")
    if contract.ended_at is not None:
        return _("This contract has ended. Its check-ins stay here to read.")
    return _("Another meeting comes first. This one can be logged after it.")


def _both(contract: Contract, on: dt.date, side: Side) -> tuple[CheckIn | None, CheckIn | None]:
    found = {each.side: each for each in CheckIn.objects.filter(contract=contract, on=on)}
    return found.get(side.value), found.get(side.other.value)


def _say_last_held(contract: Contract, one: Occurrence, held: str) -> None:
    meetings = series.of(contract)
    before = [each for each in meetings.all() if each.takes_place and each.at < one.at] if meetings else []
    if before and not before[-1].held and before[-1].at <= clock.now():
        Meeting.objects.update_or_create(contract=contract, on=before[-1].on, defaults={"held": held, "held_at": Now()})


def _plan_again(contract: Contract) -> None:
    if contract.is_in_force:
        plan(contract)
