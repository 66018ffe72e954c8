"""A pair that has fallen silent: what we do about it, step by step, and what ends it.

Beat asks for it every hour. It may run twice, at once, or after a long time away: a pair is looked at again under the
lock of its contract before anything is done, and each step waits its time from when the one before was told.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, notices, zones
from accounts.clock import Now
from accounts.models import Notice, User
from accounts.rules import Refused
from checkins import series
from checkins.actions import planning
from checkins.models import Pause, Silence
from checkins.series import Series
from checkins.signs import last_signs
from checkins.silence import ASK_AFTER, CLOSE_AFTER, LEADS_TO, Days, Deed, Quiet, Step
from contracts.actions.ending import close_with_thanks
from contracts.actions.holding import hold, hold_for_us
from contracts.lifecycle import Side
from contracts.models import Contract

FAMILY = "silence"
BATCH = 200
LASTS = dt.timedelta(days=14)
# A week longer than until the pair is closed: nobody is reminded of a meeting in between, should we be late.
OUR_PAUSE = CLOSE_AFTER + dt.timedelta(weeks=1)
WAITING = (Notice.State.PENDING, Notice.State.SENDING)


def look_after_all() -> int:
    """Look at each pair whose time has come; return for how many something was done."""
    done = 0
    while ids := list(
        Silence.objects.filter(look_at__lte=Now()).order_by("look_at").values_list("pk", flat=True)[:BATCH]
    ):
        now = clock.now()
        found = _quiet_of(ids, now)
        for pk in ids:
            quiet = found.get(pk)
            if quiet is None:
                Silence.objects.filter(pk=pk).delete()
            elif quiet.due(now) is None:
                _look_later(pk, quiet, now)
            else:
                done += _look_after(pk)
    return done


def _look_after(contract_id: int) -> bool:
    """Do what is due for one pair, under its lock; return whether anything was."""
    with transaction.atomic():
        contract = hold_for_us(contract_id)
        now = clock.now()
        quiet = _quiet_of([contract_id], now).get(contract_id) if contract else None
        if contract is None or quiet is None:
            Silence.objects.filter(pk=contract_id).delete()
            return False
        deed = quiet.due(now)
        if deed is None:
            _look_later(contract_id, quiet, now)
            return False
        _DEEDS[deed](contract, now)
        return True


def _look_later(contract_id: int, quiet: Quiet, now: dt.datetime) -> None:
    Silence.objects.filter(pk=contract_id, step=quiet.step).update(look_at=quiet.look_at(now))


def _step(contract: Contract, deed: Deed, now: dt.datetime) -> None:
    step = LEADS_TO[deed]
    assert step is not None
    told_at = None if step is Step.HEARD else now
    look_at = now + (ASK_AFTER if step is Step.HEARD else dt.timedelta(hours=1))
    Silence.objects.filter(pk=contract.pk).update(step=step, told_at=told_at, look_at=look_at)


def _ask(contract: Contract, now: dt.datetime) -> None:
    _step(contract, Deed.ASK, now)
    for side in Side:
        _tell(contract, side, "asked", now)


def _pause(contract: Contract, now: dt.datetime) -> None:
    found = series.of(contract)
    assert found is not None
    today = zones.local_time(found.rhythm.zone, now).date()
    Pause.objects.create(contract=contract, from_on=today, until_on=today + OUR_PAUSE, note="", said_by="")
    _step(contract, Deed.PAUSE, now)
    for side in Side:
        _tell(contract, side, "paused", now)
    planning.plan(contract)


def _close(contract: Contract, now: dt.datetime) -> None:
    close_with_thanks(contract)
    Silence.objects.filter(pk=contract.pk).delete()


def _hear(contract: Contract, now: dt.datetime) -> None:
    """Either has done something, elsewhere than in an action of ours."""
    if _lift(contract):
        for side in Side:
            _tell(contract, side, "resumed", now)
        planning.plan(contract)
    _step(contract, Deed.HEAR, now)


_DEEDS = {Deed.HEAR: _hear, Deed.ASK: _ask, Deed.PAUSE: _pause, Deed.CLOSE: _close}


def go_on(*, by: User, contract_id: int) -> None:
    """Say that the two go on, which is a sign as good as any."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        if not contract.is_in_force:
            raise Refused(_("This contract has ended. If you both like, begin another from your conversation."))
        now = clock.now()
        Silence.objects.update_or_create(
            contract=contract, defaults={"said_at": now}, create_defaults={"said_at": now, "look_at": now + ASK_AFTER}
        )
        heard(contract, by=side)
        planning.plan(contract)


def heard(contract: Contract, *, by: Side, is_told: bool = True) -> None:
    """Note that a party has done something: a pause of ours is lifted, and the other hears of that.

    The caller holds the contract, and plans it. Without `is_told` the caller tells the other more than that.
    """
    if not Silence.objects.filter(pk=contract.pk).exclude(step=Step.HEARD).exists():
        return
    now = clock.now()
    if _lift(contract) and is_told:
        _tell(contract, by.other, "resumed", now)
    _step(contract, Deed.HEAR, now)


def _lift(contract: Contract) -> bool:
    """Lift the pause that we have said; return whether there was one."""
    ours = Pause.objects.filter(contract=contract, said_by="", lifted_at=None)
    return bool(ours.update(lifted_at=Now()))


def _tell(contract: Contract, to: Side, kind: str, now: dt.datetime) -> None:
    member = contract.member(to)
    if member is not None:
        notices.queue(
            key=_key(contract.pk, kind, now, member.pk),
            kind=f"{FAMILY}:{kind}",
            address=member.email,
            member=member,
            context={"contract": contract.pk, "told_at": now.isoformat()},
            lasts=LASTS,
        )


def _key(contract_id: int, kind: str, told_at: dt.datetime, member_id: int) -> str:
    return f"{FAMILY}:{kind}:{contract_id}:{told_at:%Y%m%dT%H%M%S%f}:{member_id}"


@dataclass(frozen=True)
class _Told:
    """What was told of a step: when it went out last, and whether it still waits."""

    at: dt.datetime
    is_waiting: bool


def _told(rows: Iterable[Silence], members: Mapping[int, tuple[int | None, int | None]]) -> dict[int, _Told]:
    """Return when each step was truly told. A mail that waits, as for a mail server, has told nothing yet."""
    keys: dict[str, int] = {}
    found: dict[int, _Told] = {}
    for row in rows:
        if row.told_at is not None:
            found[row.pk] = _Told(row.told_at, is_waiting=False)
            keys |= {_key(row.pk, row.step, row.told_at, member): row.pk for member in members[row.pk] if member}
    for key, state, sent_at in Notice.objects.filter(key__in=keys).values_list("key", "state", "sent_at"):
        before = found[keys[key]]
        at = max(before.at, sent_at) if sent_at else before.at
        found[keys[key]] = _Told(at, is_waiting=before.is_waiting or state in WAITING)
    return found


def _quiet_of(ids: Iterable[int], now: dt.datetime) -> dict[int, Quiet]:
    """Return how it stands with these pairs; those that are not in force are left out. Seven queries at most."""
    rows = list(Silence.objects.filter(pk__in=ids).select_related("contract"))
    contracts = [row.contract for row in rows if row.contract.is_in_force]
    all_series = series.read(contracts)
    signs = last_signs(all_series)
    told = _told(rows, {each.pk: (each.first_id, each.second_id) for each in (row.contract for row in rows)})
    return {
        row.pk: _quiet(row, all_series[row.pk], signs[row.pk], told.get(row.pk), now) for row in rows if row.pk in signs
    }


def _quiet(row: Silence, meetings: Series, sign_at: dt.datetime, told: _Told | None, now: dt.datetime) -> Quiet:
    # Nobody need say anything before the first meeting that was agreed.
    rhythm = meetings.rhythm
    step = Step(row.step)
    if step is Step.HEARD:
        sign_at = max(sign_at, rhythm.moment(rhythm.first_on).at)
    told_at = row.told_at
    if told is not None and told_at is not None and sign_at <= told_at:
        told_at = now if told.is_waiting else told.at
    said = (*meetings.pauses, *meetings.lifted)
    pauses = tuple(_days(each, rhythm.zone) for each in said if each.said_by)
    return Quiet(step, told_at, sign_at, pauses, rhythm.every_weeks)


def _days(pause: Pause, zone: str) -> Days:
    """Return the time that a pause takes: from when it is said until it is lifted, within its days."""
    begins, ends = (
        dt.datetime.combine(day, dt.time(), tzinfo=zones.clock_of(zone)).astimezone(dt.UTC)
        for day in (pause.from_on, pause.until_on + dt.timedelta(days=1))
    )
    return max(begins, pause.said_at), min(ends, pause.lifted_at or ends)
