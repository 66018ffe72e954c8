import datetime as dt

import pytest
from hypothesis import given, strategies as st

from accounts import week
from accounts.week import Span

WINTER = dt.datetime(2026, 1, 14, 12, tzinfo=dt.UTC)
SUMMER = dt.datetime(2026, 7, 15, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "at", "offset"),
    [
        ("UTC", WINTER, 0),
        ("Europe/Paris", WINTER, 60),
        ("Europe/Paris", SUMMER, 120),
        ("America/New_York", WINTER, -300),
        ("Asia/Kathmandu", WINTER, 345),
        ("Pacific/Chatham", WINTER, 825),
        ("Australia/Lord_Howe", WINTER, 660),
        ("Australia/Lord_Howe", SUMMER, 630),
    ],
)
def test_a_zone_is_ahead_of_utc_by_its_offset_of_that_day(zone, at, offset):
    assert week.utc_offset(zone, at) == offset


@pytest.mark.parametrize(
    ("mine", "theirs", "my_offset", "their_offset", "spans"),
    [
        ([18, 19], [18, 19], 60, 60, [Span(0, 1080, 1200)]),
        ([18], [18], 60, 0, []),
        # Monday 09:00 in Paris is Monday 03:00 in New York
        ([9, 10], [3, 4], 60, -300, [Span(0, 540, 660)]),
        # Berlin 13:00 to 15:00 is 17:45 to 19:45 in Kathmandu: of 18:00 to 20:00 there, 105 minutes are shared
        ([13, 14], [18, 19], 60, 345, [Span(0, 795, 900)]),
        # Half an hour is not an hour
        ([13], [18], 60, 390, []),
        ([13], [18], 60, 330, []),
        # Sunday night and Monday morning touch: the week is a circle
        ([167, 0], [167, 0], 0, 0, [Span(0, 0, 60), Span(6, 1380, 1440)]),
        # Midnight cuts a stretch in two, each on its own day
        ([23, 24], [23, 24], 0, 0, [Span(0, 1380, 1440), Span(1, 0, 60)]),
        # 23:30 to 00:30 is one shared hour, though neither day has one
        ([23, 24], [22, 23], 0, -30, [Span(0, 1380, 1440), Span(1, 0, 30)]),
    ],
)
def test_common_spans(mine, theirs, my_offset, their_offset, spans):
    found = week.common_spans(mine, theirs, my_offset=my_offset, their_offset=their_offset)
    assert found == spans


def test_an_end_at_midnight_is_written_as_zero():
    assert Span(0, 1380, 1440).ends == dt.time(0, 0)


hours = st.sets(st.integers(0, week.HOURS - 1))
offsets = st.integers(-48, 56).map(lambda quarter: quarter * 15)


@given(hours, hours, offsets, offsets)
def test_both_see_the_same_number_of_minutes(mine, theirs, my_offset, their_offset):
    one = week.common_spans(mine, theirs, my_offset=my_offset, their_offset=their_offset)
    other = week.common_spans(theirs, mine, my_offset=their_offset, their_offset=my_offset)
    assert week.minutes(one) == week.minutes(other)


@given(hours, hours, offsets, offsets)
def test_there_is_a_span_exactly_when_hour_starts_meet(mine, theirs, my_offset, their_offset):
    spans = week.common_spans(mine, theirs, my_offset=my_offset, their_offset=their_offset)
    starts = week.hour_starts(week.utc_quarters(mine, my_offset))
    other_starts = week.hour_starts(week.utc_quarters(theirs, their_offset))
    assert bool(spans) == bool(starts & other_starts)


@given(hours, offsets)
def test_my_week_is_the_same_on_my_own_clock(mine, offset):
    spans = week.common_spans(range(week.HOURS), mine, my_offset=offset, their_offset=offset)
    seen = {span.day * 24 + hour for span in spans for hour in range(span.start // 60, span.end // 60)}
    assert seen == mine
    assert week.minutes(spans) == len(mine) * 60
