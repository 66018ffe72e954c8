"""The weeks of a contract of the demo community: what became of its meetings, what both logged, and gave each
other.

Each thing happens at its own hour before or after its meeting. What lies ahead has not happened yet, but for a check-in
of the next meeting, which one of the two has sent already.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from accounts import clock, zones
from accounts.models import User
from checkins import books, series
from checkins.actions import checkins, help as helping, meetings, replying
from checkins.actions.checkins import Said
from checkins.models import Help
from checkins.series import Occurrence
from contracts.lifecycle import Side
from contracts.models import Contract

Act = tuple[dt.datetime, User, Callable[[], Any]]

CHANGED_BEFORE = dt.timedelta(hours=26)
WRITTEN_BEFORE = {Side.FIRST: dt.timedelta(hours=5), Side.SECOND: dt.timedelta(hours=3)}
SENT_AHEAD = dt.timedelta(minutes=40)
ANSWERED_AFTER = {Side.FIRST: dt.timedelta(hours=14), Side.SECOND: dt.timedelta(hours=16)}
HELD_AFTER = dt.timedelta(minutes=20)
HELPED_AFTER = dt.timedelta(minutes=40)
CONFIRMED_AFTER = dt.timedelta(hours=15)


def acts(weeks: list[Mapping[str, Any]], pk: int, parties: Mapping[Side, User], now: dt.datetime) -> list[Act]:
    """Return what the two did by `now` in the weeks of a contract in force: when, who, and the doing, in this order."""
    found = series.of(Contract.objects.get(pk=pk))
    assert found is not None
    all_meetings = found.all()
    coming = next((one for one in all_meetings if one.at > now), None)
    done = [
        act for week in weeks for act in _of_week(week, pk, all_meetings[week["meeting"] - 1], coming, parties, now)
    ]
    return sorted((act for act in done if act[0] < now), key=lambda act: act[0])


def _of_week(
    week: Mapping[str, Any],
    pk: int,
    one: Occurrence,
    coming: Occurrence | None,
    parties: Mapping[Side, User],
    now: dt.datetime,
) -> Iterator[Act]:
    about = {"contract_id": pk, "on": one.on}
    begins = one.at
    if change := week.get("cancelled"):
        by = parties[Side(change["by"])]
        yield begins - CHANGED_BEFORE, by, partial(meetings.cancel, by=by, **about, note=change["note"], seen=0)
    if change := week.get("moved"):
        by = parties[Side(change["by"])]
        to_on, to_time = one.on + dt.timedelta(days=change["days"]), dt.time.fromisoformat(change["time"])
        yield (
            begins - CHANGED_BEFORE,
            by,
            partial(
                meetings.move, by=by, **about, to_on=to_on, to_time=to_time, zone=one.zone, note=change["note"], seen=0
            ),
        )
        begins += dt.datetime.combine(to_on, to_time) - dt.datetime.combine(one.on, one.rhythm.time)
    for side, by in parties.items():
        if side.value in week:
            written_at = begins - WRITTEN_BEFORE[side]
            yield (min(written_at, now - SENT_AHEAD) if one == coming else written_at), by, _log(week[side], by, about)
    for side, answer in week.get("replies", {}).items():
        by, words = parties[Side(side)], answer["words"]
        said = partial(replying.reply, by=by, **about, is_cheer=answer.get("cheer", False), words=words)
        yield begins + ANSWERED_AFTER[Side(side)], by, said
    if "held" in week and begins < now:
        by = parties[Side.FIRST]
        yield (
            begins + dt.timedelta(minutes=one.minutes) + HELD_AFTER,
            by,
            partial(meetings.say_held, by=by, **about, held=week["held"]),
        )
    for number, given in enumerate(week.get("help", [])):
        ended = begins + dt.timedelta(minutes=one.minutes + number) + HELPED_AFTER
        yield from _help(given, pk, ended, parties)


def _help(given: Mapping[str, Any], pk: int, at: dt.datetime, parties: Mapping[Side, User]) -> Iterator[Act]:
    """Help on the promise of that number of the giver's. What is `forgotten` the receiver writes down.

    `confirmed` is the amount that reached the other, "yes" for a fact, or "not yet"; without it, it waits.
    """
    giver = Side(given["giver"])
    writer = giver.other if given.get("forgotten") else giver
    amount = Decimal(given["amount"]) if "amount" in given else None
    written: list[Help] = []

    def say() -> None:
        row = [row for row in books.of(Contract.objects.get(pk=pk)).given_by(giver) if row.out_on is None][
            given["promise"] - 1
        ]
        said = {"version": row.version, "key": row.key, "amount": amount, "words": given.get("words", "")}
        today = zones.local_time(parties[writer].time_zone, clock.now()).date()
        written.append(helping.say(by=parties[writer], contract_id=pk, on=today, **said))

    def answer() -> None:
        about = {"by": parties[giver.other], "contract_id": pk, "help_id": written[0].pk}
        if given["confirmed"] == "not yet":
            helping.say_not_yet(**about)
        else:
            reached = Decimal(given["confirmed"]) if amount is not None else None
            helping.confirm(**about, amount=reached, words=given.get("answer", ""))

    yield at, parties[writer], say
    if "confirmed" in given:
        yield at + CONFIRMED_AFTER, parties[giver.other], answer


def _log(said: Mapping[str, Any] | str, by: User, about: Mapping[str, Any]) -> Callable[[], Any]:
    if said == "skip":
        return partial(checkins.skip, by=by, **about)
    assert not isinstance(said, str)
    words = dict(said)
    if "indicator" in words:
        words["indicator"] = Decimal(words["indicator"])
    return partial(checkins.send, by=by, **about, said=Said(**words), asked_long="long_goal" in words)
