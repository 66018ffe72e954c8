"""Wall clocks through the changes of daylight saving."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies

from accounts import zones
from accounts.moments import instant_of, next_week_hour, quiet_around

SPRING = dt.date(2027, 3, 28)  # in Paris 02:00 becomes 03:00
AUTUMN = dt.date(2026, 10, 25)  # in Paris 03:00 becomes 02:00


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "day", "time", "instant"),
    [
        ("Europe/Paris", SPRING, dt.time(2, 30), utc(2027, 3, 28, 1, 30)),  # left out: it is 03:30 then
        ("Europe/Paris", AUTUMN, dt.time(2, 30), utc(2026, 10, 25, 0, 30)),  # twice: the first
        ("Europe/Paris", AUTUMN, dt.time(2, 30, fold=1), utc(2026, 10, 25, 0, 30)),
        (
            "Australia/Lord_Howe",
            dt.date(2026, 10, 4),
            dt.time(2, 15),
            utc(2026, 10, 3, 15, 45),
        ),
        ("Asia/Kathmandu", SPRING, dt.time(8), utc(2027, 3, 28, 2, 15)),
    ],
)
def test_a_time_of_a_clock_is_an_instant(zone, day, time, instant):
    assert instant_of(zone, day, time) == instant


@pytest.mark.parametrize(
    ("zone", "weekday", "hour", "after", "instant"),
    [
        ("UTC", 0, 8, utc(2026, 11, 22, 12), utc(2026, 11, 23, 8)),
        ("UTC", 6, 12, utc(2026, 11, 22, 12), utc(2026, 11, 29, 12)),  # this very instant is over
        ("UTC", 6, 12, utc(2026, 11, 22, 11, 59), utc(2026, 11, 22, 12)),
        ("America/New_York", 6, 18, utc(2026, 10, 26), utc(2026, 11, 1, 23)),  # the day on which summer time ends
        ("Europe/Paris", 6, 2, utc(2027, 3, 27, 12), utc(2027, 3, 28, 1)),  # left out: at 03:00
        ("Europe/Paris", 6, 2, utc(2026, 10, 25, 0, 30), utc(2026, 11, 1, 1)),  # between the two: the second is none
        ("Pacific/Apia", 4, 8, utc(2011, 12, 29), utc(2011, 12, 30, 18)),  # that Friday was left out whole
    ],
)
def test_the_hour_of_a_week_comes_next(zone, weekday, hour, after, instant):
    assert next_week_hour(zone, weekday, hour, after=after) == instant


@settings(max_examples=200, deadline=None)
@given(
    zone=strategies.sampled_from(sorted(zones.known())),
    weekday=strategies.integers(0, 6),
    hour=strategies.integers(0, 23),
    after=strategies.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2028, 1, 1), timezones=strategies.just(dt.UTC)),
)
def test_it_comes_once_in_each_week_of_every_zone(zone, weekday, hour, after):
    first = next_week_hour(zone, weekday, hour, after=after)
    second = next_week_hour(zone, weekday, hour, after=first)
    assert after < first <= after + dt.timedelta(days=8)
    days = [instant.astimezone(ZoneInfo(zone)).date() for instant in (first, second)]
    assert days[1] - days[0] == dt.timedelta(days=7)


@pytest.mark.parametrize(
    ("begins", "ends", "at", "until"),
    [
        (dt.time(21), dt.time(7), utc(2026, 11, 22, 20, 59), None),
        (dt.time(21), dt.time(7), utc(2026, 11, 22, 21), utc(2026, 11, 23, 7)),
        (dt.time(21), dt.time(7), utc(2026, 11, 22, 3), utc(2026, 11, 22, 7)),
        (dt.time(21), dt.time(7), utc(2026, 11, 22, 7), None),
        (dt.time(12), dt.time(13), utc(2026, 11, 22, 12, 30), utc(2026, 11, 22, 13)),
        (dt.time(12), dt.time(13), utc(2026, 11, 22, 13), None),
        (None, None, utc(2026, 11, 22), None),
    ],
)
def test_quiet_hours_end(begins, ends, at, until):
    quiet = quiet_around("UTC", begins, ends, at)
    assert (quiet and quiet[1]) == until


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is():
    begins, ends = quiet_around("Europe/Paris", dt.time(22), dt.time(7), utc(2027, 3, 28, 1))
    assert ends - begins == dt.timedelta(hours=8)
    begins, ends = quiet_around("Europe/Paris", dt.time(22), dt.time(7), utc(2026, 10, 25, 1))
    assert ends - begins == dt.timedelta(hours=10)
