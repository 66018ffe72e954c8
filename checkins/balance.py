"""Whether help has gone mostly one way for some weeks, so that both are asked the same question. Pure.

A week leads to a meeting: the days after the meeting before it, up to its own. It counts when its meeting has begun and
nobody said that it did not happen; a week that was cancelled or paused, or in which the two did not meet, neither
counts nor ends a row of weeks. A week is lopsided when confirmed help went one way only, while something was open the
other way: who has given all that they promised owes nothing. Help that waits for an answer may still turn out to be the
missing half, so such a week is set aside until it is known. A week in which nobody gave anything is a quiet one, and
ends the row, as a balanced one does.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checkins.ledger import CONFIRMED, SAID, Given, Ledger
from checkins.series import Occurrence
from contracts.lifecycle import Side

ASKED_AFTER = 3
"""So many lopsided weeks in a row, the same way, are asked about; and so many more once it is fine for somebody."""


@dataclass(frozen=True)
class Week:
    """The days after `after` and up to `upto`, that of its meeting, on the clock of the contract."""

    on: dt.date
    after: dt.date
    upto: dt.date
    counts: bool = True


@dataclass(frozen=True)
class Question:
    """What the two are asked: `weeks` is how long the row is, `upto` names its last meeting. It names nobody."""

    weeks: int
    upto: dt.date


def question(weeks: Sequence[Week], ledger: Ledger, *, fine_upto: dt.date | None = None) -> Question | None:
    """Return what to ask one of the two, or None. `fine_upto` is the last meeting up to which it was fine for them."""
    row: list[dt.date] = []
    way: Side | None = None
    for week in weeks:
        if not week.counts or _is_unknown(week, ledger):
            continue
        this = lopsided(week, ledger)
        row = [*row, week.on] if this is not None and this is way else [week.on] if this is not None else []
        way = this
    new = [on for on in row if fine_upto is None or on > fine_upto]
    return Question(len(row), row[-1]) if len(new) >= ASKED_AFTER else None


def lopsided(week: Week, ledger: Ledger) -> Side | None:
    """Return who alone gave in a week in which the other still had something to give; None for any other week."""
    givers = {row.giver for row in ledger.rows if _has(row.given, week, CONFIRMED)}
    if len(givers) != 1:
        return None
    [giver] = givers
    is_other_open = any(row.is_open_on(week.upto) for row in ledger.given_by(giver.other))
    return giver if is_other_open else None


def weeks_of(meetings: Iterable[Occurrence], *, begun_on: dt.date, now: dt.datetime) -> list[Week]:
    """Return the weeks of all meetings that have begun, in their order. `begun_on` is the first day of the contract."""
    found: list[Week] = []
    after = begun_on - dt.timedelta(days=1)
    for one in meetings:
        if one.at > now:
            break
        upto = one.local(one.rhythm.zone).date()
        found.append(Week(one.on, after, upto, counts=one.takes_place and one.held != "no" and upto > after))
        after = max(after, upto)
    return found


def _is_unknown(week: Week, ledger: Ledger) -> bool:
    """Whether an answer that is still to come can change who gave in that week."""
    confirmed = {row.giver for row in ledger.rows if _has(row.given, week, CONFIRMED)}
    waiting = {row.giver for row in ledger.rows if _has(row.given, week, SAID)}
    return not waiting <= confirmed


def _has(given: Iterable[Given], week: Week, state: str) -> bool:
    return any(each.state == state and week.after < each.on <= week.upto for each in given)
