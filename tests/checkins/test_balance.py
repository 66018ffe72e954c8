"""After three lopsided weeks both are asked the same: which weeks those are. No database."""

import datetime as dt

import pytest

from checkins.balance import Question, Week, lopsided, question
from checkins.ledger import Ledger, ledger
from contracts.lifecycle import Side
from tests.checkins.test_ledger import Helped, day, promise, text

HOURS = {"amount": "9", "unit": "hours"}


def week(number: int, *, counts: bool = True) -> Week:
    """The week that leads to the seventh day, the fourteenth …"""
    return Week(day(7 * number), day(7 * number - 7), day(7 * number), counts)


def books(weeks: str, *, small: str = "9") -> Ledger:
    """What happened, a letter a week: `a` the first alone gave an hour, `b` the second, `=` both, `.` nobody.

    `A` and `B` are said and wait. `small` is how many hours the second promised in all.
    """
    helped = []
    for number, letter in enumerate(weeks, 1):
        for side, key in (("first", "commitment-1"), ("second", "commitment-2")):
            mine = {"first": "a", "second": "b"}[side]
            if letter in {mine, "="}:
                helped.append(Helped(0, key, 1, side, day(7 * number - 2), "confirmed", 1, 1))
            if letter == mine.upper():
                helped.append(Helped(0, key, 1, side, day(7 * number - 2), "said", 1, None))
    promises = promise(**HOURS), promise(id="commitment-2", giver="second", **HOURS | {"amount": small})
    return ledger([text(1, *promises, weeks=12)], helped)


def asked(weeks: str, *, off: str = "", fine: int = 0, **kwargs) -> Question | None:
    """`off` are the numbers of weeks that were cancelled, paused or without a meeting; up to week `fine` it was."""
    found = [week(number, counts=str(number) not in off) for number in range(1, len(weeks) + 1)]
    return question(found, books(weeks, **kwargs), fine_upto=day(7 * fine) if fine else None)


@pytest.mark.parametrize(
    ("weeks", "kwargs", "expected"),
    [
        pytest.param("", {}, None, id="before the first meeting"),
        pytest.param("aa", {}, None, id="two weeks are chance"),
        pytest.param("aaa", {}, (3, 3), id="three in a row"),
        pytest.param("bbb", {}, (3, 3), id="the other way, the same question"),
        pytest.param("aab", {}, None, id="the way turns"),
        pytest.param("aabbb", {}, (3, 5), id="three after it turned"),
        pytest.param("aaa=", {}, None, id="a balanced week ends it"),
        pytest.param("aaa.", {}, None, id="a quiet week ends it"),
        pytest.param("....", {}, None, id="quiet weeks are not lopsided"),
        pytest.param("aa.a", {}, None, id="three, not in a row"),
        pytest.param("aa.a", {"off": "3"}, (3, 4), id="a cancelled week does not break the row"),
        pytest.param("aaa", {"off": "2"}, None, id="nor does it count"),
        pytest.param("aaaa", {"off": "2"}, (3, 4), id="so three others are needed"),
        pytest.param("aaa=", {"off": "4"}, (3, 3), id="a pause after it changes nothing"),
        pytest.param("aaaaa", {}, (5, 5), id="it goes on"),
        pytest.param("aaa", {"fine": 3}, None, id="it is fine for me"),
        pytest.param("aaaaa", {"fine": 3}, None, id="two more"),
        pytest.param("aaaaaa", {"fine": 3}, (6, 6), id="three more"),
        pytest.param("aaa.aaa", {"fine": 3}, (3, 7), id="a new row"),
        pytest.param("BBBaaa", {"fine": 0}, (3, 6), id="weeks of which the answer is not known yet are set aside"),
        pytest.param("aaB", {}, None, id="the missing half may be on its way"),
        pytest.param("aaBa", {}, (3, 4), id="and breaks nothing"),
        pytest.param("aAaa", {}, (3, 4), id="what may have been a quiet week is set aside"),
        pytest.param("=aaa", {"small": "1"}, None, id="the other has given all that they promised"),
        pytest.param("=aaa", {"small": "2"}, (3, 4), id="the other has something open"),
    ],
)  # fmt: skip
def test_when_both_are_asked(weeks, kwargs, expected):
    found = asked(weeks, **kwargs)
    assert found == (None if expected is None else Question(expected[0], day(7 * expected[1])))


def test_who_gave_stands_nowhere_in_the_question():
    assert asked("aaa") == asked("bbb")
    assert set(Question.__dataclass_fields__) == {"weeks", "upto"}


def test_help_belongs_to_the_week_that_leads_to_the_meeting():
    found = books("a")
    assert lopsided(week(1), found) is Side.FIRST
    assert lopsided(Week(day(5), day(4), day(5)), found) is Side.FIRST
    assert lopsided(Week(day(9), day(5), day(9)), found) is None


def test_a_way_that_was_never_promised_is_none():
    alone = ledger([text(1, promise(**HOURS))], [Helped(0, "commitment-1", 1, "first", day(3), "confirmed", 1, 1)])
    assert lopsided(week(1), alone) is None


def test_the_days_of_a_row_are_dates():
    assert isinstance(asked("aaa").upto, dt.date)
