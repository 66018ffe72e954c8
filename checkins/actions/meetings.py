"""A meeting is moved, cancelled or put back, its agenda ticked off; a pair pauses; somebody says whether they met."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.notices import planned
from accounts.notices.planned import Planned
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak
from checkins import series
from checkins.actions import silence
from checkins.actions.planning import MEETING, plan
from checkins.agenda import POINTS
from checkins.models import Meeting, Pause, Tick
from checkins.rhythm import moment
from checkins.series import FARTHEST, Occurrence, Series, Standing
from contracts.actions.holding import are_apart, hold
from contracts.lifecycle import Side
from contracts.models import Contract

# The other is told a little later, so that who has slipped can undo it and nobody hears of it.
TOLD_AFTER = dt.timedelta(minutes=1)
TOLD_LASTS = dt.timedelta(days=7)
LONGEST_PAUSE = dt.timedelta(weeks=12)
MOST_CHANGES = 20


def move(
    *, by: User, contract_id: int, on: dt.date, to_on: dt.date, to_time: dt.time, zone: str, note: str, seen: int
) -> Occurrence:
    """Move a meeting to a wall-clock time of a zone; return it. `seen` is how often the page said it was changed."""
    with constraints_speak(), transaction.atomic():
        contract, side, meetings, one = _held(by, contract_id, on)
        asked = {"moved_on": to_on, "moved_time": to_time, "moved_zone": zone, "note": note}
        if _is_pressed_twice(one, side, state=Meeting.State.MOVED, **asked):
            return one
        _check_seen(contract, side, one, seen)
        _check_is_open(one)
        _check_time(meetings, one, to_on, to_time, zone)
        _change(contract, side, one, state=Meeting.State.MOVED, **asked)
        now_is = _again(contract, on)
        _tell(contract, side.other, "moved", on, needed_by=min(one.at, now_is.at))
        silence.heard(contract, by=side)
        plan(contract)
        return now_is


def cancel(*, by: User, contract_id: int, on: dt.date, note: str, seen: int) -> Occurrence:
    """Cancel a meeting; return it."""
    with constraints_speak(), transaction.atomic():
        contract, side, _meetings, one = _held(by, contract_id, on)
        if _is_pressed_twice(one, side, state=Meeting.State.CANCELLED, note=note):
            return one
        _check_seen(contract, side, one, seen)
        _check_is_open(one)
        _change(contract, side, one, state=Meeting.State.CANCELLED, note=note)
        _tell(contract, side.other, "cancelled", on, needed_by=one.at)
        silence.heard(contract, by=side)
        plan(contract)
        return _again(contract, on)


def put_back(*, by: User, contract_id: int, on: dt.date, seen: int | None = None) -> Occurrence:
    """Let a meeting be as the rhythm says again; return it. Without `seen` it is an undo of whatever was done last."""
    with constraints_speak(), transaction.atomic():
        contract, side, _meetings, one = _held(by, contract_id, on)
        if one.row is None or _is_pressed_twice(one, side, state=Meeting.State.PLANNED):
            return one
        _check_seen(contract, side, one, seen)
        if one.row.state == Meeting.State.PLANNED:
            return one
        if one.held or (one.row.state == Meeting.State.MOVED and one.at <= clock.now()):
            raise Refused(_("This meeting has begun or is over."))
        if one.by_rhythm.at <= clock.now():
            raise Refused(_("The time that the contract says has passed: it cannot take place then any more."))
        was_untold = bool(planned.unplan(_key(one.row, kind, side.other, contract) for kind in ("moved", "cancelled")))
        # Of a second change the other may still know the first, which has gone with it.
        is_news = not was_untold or one.sequence > 1
        _change(contract, side, one, state=Meeting.State.PLANNED)
        if is_news:
            _tell(contract, side.other, "put_back", on, needed_by=min(one.at, one.by_rhythm.at))
        silence.heard(contract, by=side)
        plan(contract)
        return _again(contract, on)


def say_held(*, by: User, contract_id: int, on: dt.date, held: str) -> Occurrence:
    """Say whether the two met, or take that back (empty). What either says last stands."""
    with constraints_speak(), transaction.atomic():
        contract, side, _meetings, one = _held(by, contract_id, on, must_hold=False)
        if one.at > clock.now():
            raise Refused(_("This meeting is still to come."))
        if one.standing is Standing.CANCELLED:
            raise Refused(_("This meeting was cancelled."))
        if are_apart(contract):
            raise Refused(_("This contract has ended. Its meetings stay here to read."))
        Meeting.objects.update_or_create(contract=contract, on=on, defaults={"held": held, "held_at": Now()})
        silence.heard(contract, by=side)
        return _again(contract, on)


def tick(*, by: User, contract_id: int, on: dt.date, point: str, is_done: bool) -> None:
    """Tick a point of the agenda off, for both, or take that back. Done twice it is done once. Raises Refused."""
    with transaction.atomic():
        contract, side, _meetings, one = _held(by, contract_id, on)
        if point not in POINTS or not one.takes_place:
            raise Refused(_("There is no such point on the agenda of this meeting."))
        if is_done:
            Tick.objects.get_or_create(contract=contract, on=on, point=point, defaults={"side": side})
        else:
            Tick.objects.filter(contract=contract, on=on, point=point).delete()


def pause(*, by: User, contract_id: int, from_on: dt.date, until_on: dt.date, note: str) -> Pause:
    """Let the pair pause from one day to another, both included; return the pause."""
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        meetings = _in_force(contract)
        if until_on < clock.local().date():
            raise Refused(_("That day has passed. Choose one that is still to come."))
        if until_on < from_on:
            raise Refused(_("The last day comes after the first."))
        if until_on - from_on > LONGEST_PAUSE:
            raise Refused(
                _("Twelve weeks at most. For longer, end the contract, and begin another when the time comes.")
            )
        if any(each.said_by and each.from_on <= until_on and from_on <= each.until_on for each in meetings.pauses):
            raise Refused(_("You two have a pause in those days already. Lift it first."))
        if Pause.objects.filter(contract=contract, said_at__gt=Now() - dt.timedelta(days=1)).count() >= MOST_CHANGES:
            raise Refused(_("That was back and forth a lot for one day. Let it rest until tomorrow, or talk it over."))
        said = Pause.objects.create(contract=contract, from_on=from_on, until_on=until_on, note=note, said_by=side)
        _tell_about_pause(contract, side.other, "paused", said, meetings)
        silence.heard(contract, by=side, is_told=False)
        plan(contract)
        return said


def lift(*, by: User, contract_id: int, pause_id: int) -> None:
    """Lift a pause: the meetings in it take place again. Lifting it twice is lifting it once."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        said = Pause.objects.get(contract=contract, pk=pause_id)
        if said.lifted_at is not None:
            return
        meetings = _in_force(contract)
        Pause.objects.filter(pk=said.pk).update(lifted_at=Now(), lifted_by=side)
        silence.heard(contract, by=side, is_told=False)
        if not planned.unplan([_pause_key(said, "paused", side.other, contract)]):
            _tell_about_pause(contract, side.other, "resumed", said, meetings)
        plan(contract)


def _held(
    by: User, contract_id: int, on: dt.date, *, must_hold: bool = True
) -> tuple[Contract, Side, Series, Occurrence]:
    """Lock the contract; return it with the asker's side, its meetings, and the one of that name."""
    contract, side = hold(by=by, contract_id=contract_id)
    meetings = _in_force(contract) if must_hold else series.of(contract)
    one = meetings.find(on) if meetings else None
    if meetings is None or one is None:
        raise Refused(_("There is no such meeting any more: the contract has changed meanwhile."))
    return contract, side, meetings, one


def _check_seen(contract: Contract, side: Side, one: Occurrence, seen: int | None) -> None:
    """Raise Refused where the meeting has been changed since the asker saw it (None: whatever was done may go)."""
    if seen is None or seen == one.sequence:
        return
    if one.row and one.row.changed_by == side:
        raise Refused(_("You have changed this meeting meanwhile. Look at how it stands now."))
    words = {"name": contract.called(side.other)}
    raise Refused(_("%(name)s has changed this meeting meanwhile. Look at how it stands now.") % words)


def _is_pressed_twice(one: Occurrence, side: Side, **asked: object) -> bool:
    """Whether the asker has just made this very change: the second press of a button finds it done."""
    row = one.row
    if row is None or row.changed_at is None or row.changed_by != side:
        return False
    is_same = all(getattr(row, name) == said for name, said in asked.items())
    return is_same and row.changed_at > clock.now() - PRESSED_TWICE


def _in_force(contract: Contract) -> Series:
    found = series.of(contract) if contract.is_in_force else None
    if found is None:
        raise Refused(_("This contract is not in force: there are no meetings to change."))
    return found


def _check_is_open(one: Occurrence) -> None:
    if one.held or one.at <= clock.now():
        raise Refused(_("This meeting has begun or is over."))
    if one.standing is Standing.CANCELLED:
        raise Refused(_("This meeting was cancelled. Put it back first."))
    if one.standing is Standing.PAUSED:
        raise Refused(_("You two pause in that week. Lift the pause first."))
    if one.sequence >= MOST_CHANGES:
        raise Refused(_("This meeting has been changed very often. Talk it over, and cancel or keep it."))


def _check_time(meetings: Series, one: Occurrence, to_on: dt.date, to_time: dt.time, zone: str) -> None:
    """Raise Refused where a meeting cannot be moved to this time. The day comes first: years have ends, clocks too."""
    now = clock.now()
    if to_on < now.date() - dt.timedelta(days=1):
        raise Refused(_("That time has passed. Choose one that is still to come."))
    if abs(to_on - one.on) > FARTHEST:
        raise Refused(_("That is more than four weeks from its own day. Choose a nearer one, or cancel this meeting."))
    at = moment(to_on, to_time, zone).at
    if at <= now:
        raise Refused(_("That time has passed. Choose one that is still to come."))
    if at == one.at:
        raise Refused(_("That is when you meet already. Choose another time."))
    length = dt.timedelta(minutes=one.minutes)
    others = [each for each in meetings.between(at - dt.timedelta(hours=3), at + length) if each.on != one.on]
    if any(each.takes_place and each.ends_at > at for each in others):
        raise Refused(_("You two have another meeting at that time already."))


def _change(contract: Contract, side: Side, one: Occurrence, **fields: object) -> None:
    blank = {"moved_on": None, "moved_time": None, "moved_zone": "", "note": ""}
    Meeting.objects.update_or_create(
        contract=contract,
        on=one.on,
        defaults={
            **blank,
            **fields,
            "changed_by": side,
            "changed_at": clock.now(),
            "sequence": one.sequence + 1,
        },
    )


def _again(contract: Contract, on: dt.date) -> Occurrence:
    found = series.of(contract)
    one = found.find(on) if found else None
    assert one is not None
    return one


def _key(row: Meeting, kind: str, to: Side, contract: Contract) -> str:
    return f"{MEETING}:{kind}:{contract.pk}:{row.on}:{row.sequence}:{contract.member_id(to)}"


def _tell(contract: Contract, to: Side, kind: str, on: dt.date, *, needed_by: dt.datetime) -> None:
    """Tell the other; `needed_by` is when they would wait in vain, or be waited for, if they did not know."""
    row = Meeting.objects.get(contract=contract, on=on)
    about: dict[str, object] = {"on": on.isoformat(), "sequence": row.sequence, "needed_by": needed_by.isoformat()}
    _queue(contract, to, kind, _key(row, kind, to, contract), about)


def _pause_key(said: Pause, kind: str, to: Side, contract: Contract) -> str:
    return f"{MEETING}:{kind}:{contract.pk}:{said.pk}:{contract.member_id(to)}"


def _tell_about_pause(contract: Contract, to: Side, kind: str, said: Pause, meetings: Series) -> None:
    about: dict[str, object] = {"pause": said.pk}
    now = clock.now()
    coming = meetings.between(now, now + TOLD_LASTS)
    if first := next((one for one in coming if said.from_on <= one.on <= said.until_on), None):
        about["needed_by"] = first.at.isoformat()
    _queue(contract, to, kind, _pause_key(said, kind, to, contract), about)


def _queue(contract: Contract, to: Side, kind: str, key: str, about: dict[str, object]) -> None:
    member = contract.member(to)
    if member is not None:
        now = clock.now()
        context = {"contract": contract.pk, **about}
        planned.plan([Planned(key, f"{MEETING}:{kind}", member, now + TOLD_AFTER, now + TOLD_LASTS, context)])
