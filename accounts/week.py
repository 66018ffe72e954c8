"""The hours of a week in which a member is free, and the hours that two members share.

A member says it in wall-clock hours of their own zone: 0 is Monday 00:00 to 01:00, 167 is Sunday 23:00 to 24:00.
Zones differ by quarters of an hour (Kathmandu is UTC+05:45), so that two weeks are compared in quarter hours of a UTC
week: 0 is Monday 00:00 to 00:15 UTC, 671 the last of Sunday. Both weeks are circular.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.zones import clock_of

HOURS = 7 * 24
QUARTERS = HOURS * 4


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of wall-clock time: `day` 0 (Monday) to 6, `start` and `end` in minutes after that day's midnight.

    `end` is at most 1440; a stretch over midnight is two spans.
    """

    day: int
    start: int
    end: int

    @property
    def minutes(self) -> int:
        return self.end - self.start

    @property
    def starts(self) -> dt.time:
        return dt.time(self.start // 60, self.start % 60)

    @property
    def ends(self) -> dt.time:
        """The wall-clock end; midnight is 00:00."""
        return dt.time(self.end // 60 % 24, self.end % 60)


def utc_offset(zone: str, at: dt.datetime) -> int:
    """Return how far `zone` is ahead of UTC at the instant `at`, in minutes, rounded to a quarter of an hour."""
    offset = at.astimezone(clock_of(zone)).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() / 900) * 15


def utc_quarters(hours: Iterable[int], offset: int) -> frozenset[int]:
    """Return the quarters of the UTC week that the wall-clock `hours` cover, `offset` minutes ahead of UTC."""
    shift = offset // 15
    return frozenset((hour * 4 + quarter - shift) % QUARTERS for hour in hours for quarter in range(4))


def hour_starts(quarters: frozenset[int]) -> frozenset[int]:
    """Return the quarters at which a whole free hour begins.

    Two members share an hour exactly when these sets of theirs meet: that is what the database compares.
    """
    return frozenset(q for q in quarters if all((q + step) % QUARTERS in quarters for step in (1, 2, 3)))


def as_bits(quarters: frozenset[int]) -> str:
    """Return the set as a text of 672 zeros and ones, PostgreSQL's bit(672)."""
    return "".join("1" if quarter in quarters else "0" for quarter in range(QUARTERS))


def common_spans(mine: Iterable[int], theirs: Iterable[int], *, my_offset: int, their_offset: int) -> list[Span]:
    """Return when both are free for an hour or longer, in my wall clock, Monday first.

    `mine` and `theirs` are wall-clock hours, each in its owner's zone; the offsets are minutes ahead of UTC.
    """
    common = utc_quarters(mine, my_offset) & utc_quarters(theirs, their_offset)
    covered = {(start + step) % QUARTERS for start in hour_starts(common) for step in range(4)}
    local = sorted((quarter + my_offset // 15) % QUARTERS for quarter in covered)
    spans: list[Span] = []
    for quarter in local:
        day, start = divmod(quarter * 15, 24 * 60)
        if spans and spans[-1].day == day and spans[-1].end == start:
            spans[-1] = Span(day, spans[-1].start, start + 15)
        else:
            spans.append(Span(day, start, start + 15))
    return spans


def minutes(spans: Iterable[Span]) -> int:
    """Return how many minutes the spans last together."""
    return sum(span.minutes for span in spans)
