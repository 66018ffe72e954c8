"""Wall clocks and instants: when a time of somebody's own clock comes next, and whether it is quiet there now."""

import datetime as dt

from accounts.zones import clock_of

DAY = dt.timedelta(days=1)


def instant_of(zone: str, day: dt.date, time: dt.time) -> dt.datetime:
    """Return the instant, in UTC, at which the clock of `zone` shows `time` on `day` (RFC 5545, 3.3.5).

    A time that a change of the clocks leaves out comes as much later as they leave out; of one that comes twice it is
    the first.
    """
    return dt.datetime.combine(day, time.replace(fold=0), tzinfo=clock_of(zone)).astimezone(dt.UTC)


def next_week_hour(zone: str, weekday: int, hour: int, *, after: dt.datetime) -> dt.datetime:
    """Return the first instant after `after` at which a clock in `zone` shows `hour` o'clock on `weekday` (0: Monday).

    Once in each week of the calendar, also in one whose clocks change.
    """
    today = after.astimezone(clock_of(zone)).date()
    first = today + dt.timedelta(days=(weekday - today.weekday()) % 7 - 7)
    candidates = (instant_of(zone, first + week * 7 * DAY, dt.time(hour)) for week in range(4))
    return next(candidate for candidate in candidates if candidate > after)


def quiet_around(
    zone: str, begins: dt.time | None, ends: dt.time | None, at: dt.datetime
) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the beginning and the end of the quiet hours in which `at` lies, or None.

    They last from `begins`, included, to `ends`, not included, of the clock in `zone`, over midnight if need be.
    """
    if begins is None or ends is None:
        return None
    today = at.astimezone(clock_of(zone)).date()
    over_midnight = DAY if ends <= begins else dt.timedelta()
    for day in (today - DAY, today):
        first, last = instant_of(zone, day, begins), instant_of(zone, day + over_midnight, ends)
        if first <= at < last:
            return first, last
    return None
