"""VTIMEZONE: what a calendar is told about a zone. Pure.

One sub-component for each change of the clock within the days that are used, and one for how the clock stood before.
icalendar has a generator of its own; as of version 7.3 it says that clocks go forward an hour later than they do, and
leaves out changes that set standard time back (Casablanca in Ramadan).
"""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY, _SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


def vtimezone(zone: str, first_on: dt.date, last_on: dt.date) -> Timezone:
    """Return the definition of a zone that is right from one day to another, both included."""
    place = ZoneInfo(zone)
    since = dt.datetime.combine(first_on, dt.time(), tzinfo=dt.UTC) - 2 * _DAY
    until = dt.datetime.combine(last_on, dt.time(), tzinfo=dt.UTC) + 2 * _DAY
    found = Timezone()
    found.add("tzid", zone)
    found.add_component(_observance(since.astimezone(place), _offset(since, place)))
    for at in changes(place, since, until):
        found.add_component(_observance(at.astimezone(place), _offset(at - _SECOND, place)))
    return found


def changes(place: ZoneInfo, since: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the instants (UTC) at which the clock of a place is changed."""
    at = since
    while at < until:
        after = at + _DAY
        if _offset(at, place) != _offset(after, place):
            yield _first_with(_offset(after, place), place, at, after)
        at = after


def _first_with(offset: dt.timedelta, place: ZoneInfo, before: dt.datetime, after: dt.datetime) -> dt.datetime:
    """Return the first instant of an offset that holds `after`, and not yet `before`."""
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, place) == offset:
            after = middle
        else:
            before = middle
    return after


def _observance(local: dt.datetime, was: dt.timedelta) -> TimezoneStandard | TimezoneDaylight:
    """Return what holds from an instant on; `was` is the offset until then, on whose clock the instant is said."""
    found = TimezoneDaylight() if local.dst() else TimezoneStandard()
    found.add("dtstart", local.astimezone(dt.timezone(was)).replace(tzinfo=None))
    found.add("tzoffsetfrom", was)
    found.add("tzoffsetto", local.utcoffset())
    found.add("tzname", local.tzname())
    return found


def _offset(at: dt.datetime, place: ZoneInfo) -> dt.timedelta:
    offset = at.astimezone(place).utcoffset()
    assert offset is not None
    return offset
