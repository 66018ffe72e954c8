"""What will be told about meetings and check-ins in the next two weeks, as rows that are due.

Beat asks for it every few minutes. It may run twice, at once, or after a long time away: the key of a notice says what
it tells, and is written once. A contract is read again only when the ground on which it was planned has changed, or
when two weeks ahead have become less than thirteen days. Who changes a meeting plans its contract in that transaction.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.notices import planned
from accounts.notices.planned import Planned
from checkins import series
from checkins.models import CheckIn, Plan, Silence
from checkins.rhythm import evening_before, moment, morning_after
from checkins.series import Occurrence, Series
from checkins.silence import ASK_AFTER
from contracts.lifecycle import HALF_SIGNED, HOLDING, Side
from contracts.models import Contract

MEETING, CHECK_IN = "meeting", "check_in"
AHEAD = dt.timedelta(days=14)
# A plan that reaches this far is left alone.
ENOUGH = dt.timedelta(days=13)
BATCH = 200
EVENING, MORNING = dt.time(18), dt.time(10)
# Both reminders of an evening come in one mail; the meeting stands first in it.
AFTER_THE_MEETING = dt.timedelta(minutes=1)
# A check-in is asked for once more on the morning after, and not later than this.
LATE_LASTS = dt.timedelta(days=2)
# The morning after may be almost two days after the meeting, on somebody's clock.
LOOKED_BACK = LATE_LASTS + dt.timedelta(days=2)
# The end of a stretch is told so long before its last day.
BEFORE_THE_END = dt.timedelta(days=6)
# Who is waited for is told so long after the other has signed; then it stops.
WAITED = (dt.timedelta(days=3), dt.timedelta(days=7))
WAITED_LASTS = dt.timedelta(days=3)


def plan_all() -> int:
    """Plan every contract that needs it; return how many were planned. Each batch is a transaction of its own."""
    done, last = 0, 0
    while ids := _plan_batch(after=last):
        done, last = done + len(ids), ids[-1]
    _forget_ended()
    return done


def plan(contract: Contract) -> None:
    """Plan one contract again, whatever its plan says. The caller holds the contract."""
    _plan([contract.pk])


def needing() -> QuerySet[Contract]:
    """Return the contracts in force, or signed by one, whose plan is missing, short, or stands on other ground."""
    stands = Plan.objects.filter(contract=OuterRef("pk"), until__gte=Now() + ENOUGH, grounds=OuterRef("grounds_now"))
    return (
        Contract.objects.filter(state__in=sorted(HOLDING | HALF_SIGNED))
        .alias(grounds_now=_grounds())
        .filter(~Exists(stands))
    )


def _plan_batch(*, after: int) -> list[int]:
    """Plan the next contracts, in the order of their ids: a batch does not look again through those before it."""
    with transaction.atomic():
        # Who holds a contract plans it, or it waits for the next run.
        coming = needing().filter(pk__gt=after).order_by("pk")
        held = coming.select_for_update(skip_locked=True, of=("self",), no_key=True)
        ids = list(held.values_list("pk", flat=True)[:BATCH])
        if ids:
            _plan(ids)
    return ids


def _grounds() -> Concat:
    """Return what a contract is planned from, as SQL: what is signed, and on whose clock each party lives."""
    parts = (
        "state",
        "version_in_force",
        "open_version",
        "first__time_zone",
        "second__time_zone",
        "first__email",
        "second__email",
    )
    return Concat(*_joined([Cast(F(part), CharField()) for part in parts]), output_field=CharField())


def _joined(parts: Sequence[Cast]) -> Iterator[Cast | Value]:
    for part in parts:
        yield part
        yield Value(" ")


def _plan(ids: Sequence[int]) -> None:
    contracts = list(
        Contract.objects.filter(pk__in=ids)
        .annotate(grounds_now=_grounds())
        .select_related("first", "second", "open_version")
        .order_by("pk")
    )
    now = clock.now()
    until = now + AHEAD
    all_series = series.read([contract for contract in contracts if contract.is_in_force])
    written = _check_ins_since(all_series, now - LOOKED_BACK)
    before = dict(Plan.objects.filter(pk__in=ids).values_list("pk", "keys"))
    notices: list[Planned] = []
    plans: list[Plan] = []
    dropped: list[str] = []
    for contract in contracts:
        mine = list(_notices_of(contract, all_series.get(contract.pk), now, until, written))
        keys = sorted(each.key for each in mine)
        notices += mine
        dropped += set(before.get(contract.pk, ())).difference(keys)
        plans.append(Plan(contract=contract, until=until, grounds=contract.grounds_now, keys=keys))
    planned.unplan(dropped)
    planned.plan(notices)
    Plan.objects.bulk_create(
        plans, update_conflicts=True, unique_fields=["contract"], update_fields=["until", "grounds", "keys"]
    )
    # Whoever is in force from now on is listened to as well.
    Silence.objects.bulk_create(
        [Silence(contract_id=pk, look_at=now + ASK_AFTER) for pk in all_series], ignore_conflicts=True
    )


def _forget_ended() -> None:
    """Take back what was planned for contracts that hold no more. Nothing of it would be sent in any case."""
    with transaction.atomic():
        over = Plan.objects.exclude(contract__state__in=sorted(HOLDING | HALF_SIGNED)).select_for_update(
            skip_locked=True, of=("self",)
        )
        found = dict(over.values_list("pk", "keys")[:BATCH])
        planned.unplan(key for keys in found.values() for key in keys)
        Plan.objects.filter(pk__in=found).delete()
        Silence.objects.filter(pk__in=found).delete()


def _check_ins_since(contracts: Iterable[int], since: dt.datetime) -> set[tuple[int, dt.date, str]]:
    earliest = (since - series.FARTHEST).date()
    logged = CheckIn.objects.filter(contract__in=contracts, on__gte=earliest)
    return set(logged.values_list("contract", "on", "side"))


def _notices_of(
    contract: Contract,
    meetings: Series | None,
    now: dt.datetime,
    until: dt.datetime,
    written: set[tuple[int, dt.date, str]],
) -> Iterator[Planned]:
    if meetings is not None:
        for one in meetings.between(now - LOOKED_BACK, until):
            if one.takes_place:
                yield from _about_meeting(contract, one, now, written)
        yield from _about_the_end(contract, meetings, now, until)
    if contract.state in HALF_SIGNED:
        yield from _about_signature(contract, now, until)


def _about_meeting(
    contract: Contract, one: Occurrence, now: dt.datetime, written: set[tuple[int, dt.date, str]]
) -> Iterator[Planned]:
    for side, member in _parties(contract):
        evening = evening_before(one.at, member.time_zone, EVENING)
        morning = morning_after(one.at, member.time_zone, MORNING)
        of_meeting = f"{contract.pk}:{one.on}:{one.at:%Y%m%dT%H%M}"
        context = {"contract": contract.pk, "on": one.on.isoformat(), "at": one.at.isoformat()}
        if now < one.at:
            yield _notice(f"{MEETING}:tomorrow", of_meeting, member, evening, one.at, context)
        if (contract.pk, one.on, side.value) in written:
            continue
        if now < one.at:
            yield _notice(f"{CHECK_IN}:due", of_meeting, member, evening + AFTER_THE_MEETING, one.at, context)
        if now < morning + LATE_LASTS:
            yield _notice(f"{CHECK_IN}:late", of_meeting, member, morning, morning + LATE_LASTS, context)


def _about_the_end(contract: Contract, meetings: Series, now: dt.datetime, until: dt.datetime) -> Iterator[Planned]:
    """The stretch ends: on the evening before its last week both are asked how it went."""
    rhythm = meetings.rhythm
    for _side, member in _parties(contract):
        due = moment(rhythm.ends_on - BEFORE_THE_END, EVENING, member.time_zone).at
        ends = moment(rhythm.ends_on, dt.time(23, 59), member.time_zone).at
        if due < until and now < ends:
            context: dict[str, object] = {"contract": contract.pk, "version": meetings.version}
            yield _notice("contract:stretch", f"{contract.pk}:{meetings.version}", member, due, ends, context)


def _about_signature(contract: Contract, now: dt.datetime, until: dt.datetime) -> Iterator[Planned]:
    """The other has signed, and waits: told twice."""
    version, signer = contract.open_version, contract.signer_side
    member = contract.member(signer.other) if signer else None
    if version is None or member is None:
        return
    signed_at = version.frozen_at
    for times, waited in enumerate(WAITED, start=1):
        due = signed_at + waited
        if due < until and now < due + WAITED_LASTS:
            context: dict[str, object] = {"contract": contract.pk, "version": version.pk}
            yield _notice(
                "contract:waiting", f"{contract.pk}:{version.pk}:{times}", member, due, due + WAITED_LASTS, context
            )


def _notice(
    kind: str, about: str, member: User, due_at: dt.datetime, expires_at: dt.datetime, context: dict[str, object]
) -> Planned:
    key = f"{kind}:{about}:{member.pk}"
    return Planned(key, kind, member, due_at, expires_at, context)


def _parties(contract: Contract) -> Iterator[tuple[Side, User]]:
    for side in Side:
        member = contract.member(side)
        if member is not None:
            yield side, member
