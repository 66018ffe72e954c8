"""Wall-clock times of every place, through two years of changes of its clock.

The judge in gaps is `dateutil.tz.resolve_imaginary`. The weeks around each change are all gone through; other weeks for
the places named, and for whatever rhythms Hypothesis draws.
"""

import datetime as dt
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import given, settings, strategies as st

from accounts import zones
from checkins.rhythm import Rhythm, evening_before, moment, morning_after

SINCE, UNTIL = dt.date(2026, 1, 1), dt.date(2027, 12, 31)
AWKWARD = [dt.time(0), dt.time(0, 30), dt.time(1, 30), dt.time(2), dt.time(2, 30), dt.time(3), dt.time(23, 45)]
PLACES = sorted(name for name in zones.known() if "/" in name and not name.startswith("Etc/"))
NAMED = ["Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu", "Africa/Casablanca", "America/New_York"]
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)


def rhythm(zone: str, time: dt.time, first_on: dt.date, *, weeks: int = 8, every_weeks: int = 1) -> Rhythm:
    return Rhythm(first_on, first_on + weeks * WEEK - DAY, time, zone, minutes=60, every_weeks=every_weeks)


@cache
def changes(zone: str) -> tuple[dt.date, ...]:
    """Return the days on which the clock of a place is changed: at noon it shows another time than the noon before."""
    place = ZoneInfo(zone)
    days = [SINCE + n * DAY for n in range((UNTIL - SINCE).days + 1)]
    noons = [(day, dt.datetime.combine(day, dt.time(12), tzinfo=place).utcoffset()) for day in days]
    return tuple(day for (_, was), (day, is_now) in pairwise(noons) if was != is_now)


def assert_as_said(said: Rhythm, on: dt.date) -> dt.datetime:
    """Compare one meeting with the judge; return the instant."""
    place, found = ZoneInfo(said.zone), said.moment(on)
    wall = dt.datetime.combine(on, said.time, tzinfo=place)
    local = found.at.astimezone(place)
    assert local.replace(tzinfo=None) == tz.resolve_imaginary(wall).replace(tzinfo=None), (said, on)
    assert found.is_shifted is not tz.datetime_exists(wall), (said, on)
    if found.is_shifted:
        gap = (found.at + DAY).astimezone(place).utcoffset() - (found.at - DAY).astimezone(place).utcoffset()
        assert local.replace(tzinfo=None) - wall.replace(tzinfo=None) == gap, "later by the gap"
    # One that exists twice is the first: `fold` is 1 for the second.
    assert local.fold == 0, (said, on)
    return found.at


def assert_every_week_once(said: Rhythm) -> None:
    days = list(said.days(SINCE - 4 * WEEK, UNTIL + 4 * WEEK))
    weeks = (said.ends_on - said.first_on).days // 7
    assert days == [said.first_on + n * WEEK for n in range(0, weeks + 1, said.every_weeks)]
    instants = [assert_as_said(said, on) for on in days]
    assert all(earlier < later for earlier, later in pairwise(instants)), "the order is kept"
    steps = {later - earlier - said.every_weeks * WEEK for earlier, later in pairwise(instants)}
    assert all(abs(step) <= dt.timedelta(hours=3) for step in steps), "none is skipped, none comes twice"


def test_there_is_something_to_try():
    assert len(PLACES) > 400
    assert sum(bool(changes(zone)) for zone in PLACES) > 100
    assert {zone for zone in NAMED if changes(zone)} == {*NAMED} - {"Asia/Kathmandu"}


def test_in_every_place_the_wall_clock_is_as_said_around_each_change():
    for zone in PLACES:
        for change in changes(zone):
            for time in AWKWARD:
                assert_every_week_once(rhythm(zone, time, change - 2 * WEEK, weeks=5))
                assert_every_week_once(rhythm(zone, time, change - 2 * WEEK - DAY, weeks=5, every_weeks=2))


@pytest.mark.parametrize("zone", [*NAMED, "Europe/London", "Africa/Cairo", "America/Asuncion", "Asia/Beirut"])
def test_two_years_of_all_weeks(zone):
    for weekday in range(7):
        for time in AWKWARD:
            assert_every_week_once(rhythm(zone, time, SINCE + weekday * DAY, weeks=104, every_weeks=1 + weekday % 2))


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(PLACES),
    time=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    first_on=st.dates(SINCE, UNTIL),
    weeks=st.integers(1, 60),
    every_weeks=st.sampled_from([1, 2]),
)
def test_any_rhythm(zone, time, first_on, weeks, every_weeks):
    said = rhythm(zone, time, first_on, weeks=weeks, every_weeks=every_weeks)
    days = list(said.days(dt.date.min, dt.date.max))
    assert days == [first_on + n * WEEK for n in range(0, weeks, every_weeks)]
    for on in days:
        assert_as_said(said, on)


@given(st.dates(SINCE, UNTIL), st.integers(-400, 400), st.integers(-400, 400), st.sampled_from([1, 2]))
def test_the_days_between_two_others(first_on, since, until, every_weeks):
    said = rhythm("Europe/London", dt.time(18), first_on, weeks=30, every_weeks=every_weeks)
    since, until = first_on + since * DAY, first_on + until * DAY
    expected = [day for day in said.days(dt.date.min, dt.date.max) if since <= day <= until]
    assert list(said.days(since, until)) == expected


@pytest.mark.parametrize(
    ("zone", "on", "time", "at", "is_shifted"),
    [
        # Half an hour is missing: 02:00 to 02:30 on 4 October 2026.
        ("Australia/Lord_Howe", "2026-10-04", "02:00", "2026-10-03T15:30", True),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45", True),
        ("Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30", False),
        # Half an hour comes twice, 01:30 to 02:00 on 5 April 2026: the first.
        ("Australia/Lord_Howe", "2026-04-05", "01:30", "2026-04-04T14:30", False),
        # Chatham changes at 02:45.
        ("Pacific/Chatham", "2026-09-27", "02:45", "2026-09-26T14:00", True),
        ("Pacific/Chatham", "2026-09-27", "03:00", "2026-09-26T14:15", True),
        ("Pacific/Chatham", "2026-09-27", "02:30", "2026-09-26T13:45", False),
        ("Pacific/Chatham", "2026-04-05", "03:00", "2026-04-04T13:15", False),
        ("Asia/Kathmandu", "2026-03-29", "02:30", "2026-03-28T20:45", False),
        # Before Ramadan an hour comes twice, after it an hour is missing.
        ("Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15T01:30", False),
        ("Africa/Casablanca", "2026-02-22", "02:30", "2026-02-22T02:30", False),
        ("Africa/Casablanca", "2026-03-22", "02:30", "2026-03-22T02:30", True),
        ("Africa/Casablanca", "2026-03-29", "02:30", "2026-03-29T01:30", False),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30", True),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30", False),
        # At midnight.
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:30", True),
    ],
)
def test_by_name(zone, on, time, at, is_shifted):
    found = moment(dt.date.fromisoformat(on), dt.time.fromisoformat(time), zone)
    assert (found.at, found.is_shifted) == (dt.datetime.fromisoformat(f"{at}+00:00"), is_shifted)


@pytest.mark.parametrize("zone", [*NAMED, "Europe/London"])
def test_the_evening_before_and_the_morning_after_are_the_readers_own(zone):
    place = ZoneInfo(zone)
    for day in range(365):
        at = dt.datetime(2026, 1, 1, 0, 15, tzinfo=dt.UTC) + day * DAY + dt.timedelta(minutes=97 * day % 1440)
        local = at.astimezone(place)
        evening = evening_before(at, zone, dt.time(18)).astimezone(place)
        morning = morning_after(at, zone, dt.time(10)).astimezone(place)
        assert (local.date() - evening.date(), evening.time()) == (DAY, dt.time(18))
        assert (morning.date() - local.date(), morning.time()) == (DAY, dt.time(10))


def signed(**said: str) -> dict[str, str]:
    part = {
        "weekday": "1", "time": "18:00", "zone": "Europe/London", "minutes": "60", "every_weeks": "1",
        "medium": "video", "where": "", "first_on": "2026-03-03", "weeks": "", "review_on": "",
    }  # fmt: skip
    return part | said


@pytest.mark.parametrize(
    ("said", "ends_on", "count"),
    [
        ({"weeks": "8"}, "2026-04-27", 8),
        ({"weeks": "8", "every_weeks": "2"}, "2026-04-27", 4),
        ({"review_on": "2026-03-17"}, "2026-03-17", 3),
        ({"weeks": "8", "review_on": "2026-03-16"}, "2026-03-16", 2),
        ({"weeks": "1", "review_on": "2027-03-16"}, "2026-03-09", 1),
        ({"review_on": "2026-03-02"}, "2026-03-02", 0),
    ],
)
def test_how_long_a_signed_rhythm_lasts(said, ends_on, count):
    found = Rhythm.signed(signed(**said))
    assert (found.ends_on.isoformat(), len(list(found.days(dt.date.min, dt.date.max)))) == (ends_on, count)


def test_a_rhythm_without_an_end_is_none():
    with pytest.raises(ValueError, match="neither for how many weeks"):
        Rhythm.signed(signed())
