"""Other times for a meeting that suit both: from the hours that each has said they are free."""

import datetime as dt
from collections.abc import Iterable

from accounts.zones import clock_of
from checkins.rhythm import moment

QUARTER = dt.timedelta(minutes=15)
LOOKED_AT = dt.timedelta(days=21)
NOT_BEFORE = dt.timedelta(hours=2)


def free_quarters(hours: Iterable[int], zone: str, since: dt.datetime, until: dt.datetime) -> set[int]:
    """Return the quarters of an hour in which somebody is free, each as its number since 1970 in UTC.

    `hours` are wall-clock hours of a week in `zone` (0 is Monday 00:00 to 01:00), each taken on its own days.
    """
    by_day: dict[int, list[int]] = {}
    for hour in hours:
        by_day.setdefault(hour // 24, []).append(hour % 24)
    found: set[int] = set()
    day = since.astimezone(clock_of(zone)).date() - dt.timedelta(days=1)
    last = until.astimezone(clock_of(zone)).date() + dt.timedelta(days=1)
    while day <= last:
        for hour in by_day.get(day.weekday(), ()):
            begins = moment(day, dt.time(hour), zone)
            if not begins.is_shifted:
                first = int(begins.at.timestamp()) // 900
                found.update(range(first, first + 4))
        day += dt.timedelta(days=1)
    return found


def times_for_both(
    mine: tuple[Iterable[int], str],
    theirs: tuple[Iterable[int], str],
    *,
    now: dt.datetime,
    minutes: int,
    taken: Iterable[tuple[dt.datetime, dt.datetime]] = (),
    most: int = 3,
) -> list[dt.datetime]:
    """Return the next instants (UTC) at which both are free for so many minutes, in their order.

    `mine` and `theirs` are free hours with their zone; `taken` are the times at which the two meet anyway. They begin
    on the hour or the half hour of my clock, and not within two hours from `now`. The first of each of my days comes
    first; where those are too few, others of the same days do, none over another.
    """
    earliest, latest = now + NOT_BEFORE, now + LOOKED_AT
    both = free_quarters(*mine, earliest, latest) & free_quarters(*theirs, earliest, latest)
    for begins, ends in taken:
        first, last = int(begins.timestamp()) // 900, -(-int(ends.timestamp()) // 900)
        both.difference_update(range(first, last))
    length = -(-minutes // 15)
    zone = clock_of(mine[1])
    by_day: dict[dt.date, list[dt.datetime]] = {}
    for first in sorted(both):
        at = dt.datetime.fromtimestamp(first * 900, dt.UTC)
        local = at.astimezone(zone)
        if not earliest <= at <= latest or local.minute % 30:
            continue
        if not both.issuperset(range(first, first + length)):
            continue
        of_day = by_day.setdefault(local.date(), [])
        if not of_day or at - of_day[-1] >= dt.timedelta(minutes=minutes):
            of_day.append(at)
    in_turn = [at for of_day in by_day.values() for at in of_day[:1]]
    in_turn += [at for of_day in by_day.values() for at in of_day[1:]]
    return sorted(in_turn[:most])
