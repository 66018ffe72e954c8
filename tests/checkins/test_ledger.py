"""How a promise stands, from what the versions say of it, the help on it, and the day. No database."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from checkins.ledger import Row, Standing, Text, ledger, sums
from contracts.lifecycle import Side

MARCH = dt.date(2026, 3, 1)
KEPT, LATE, OPEN, STILL, OUT = (
    Standing.KEPT, Standing.KEPT_LATE, Standing.OPEN, Standing.STILL_OPEN, Standing.TAKEN_OUT,
)  # fmt: skip
_numbers = count(1)


def day(number: int) -> dt.date:
    """The day of March 2026."""
    return MARCH + dt.timedelta(days=number - 1)


@dataclass
class Helped:
    pk: int
    key: str
    version: int
    giver: str
    on: dt.date
    state: str
    amount: Decimal | None
    confirmed: Decimal | None


def gave(
    on: int, amount: str | None = "", *, state="confirmed", confirmed: str | None = None, version=1, giver="first"
):
    """Help on the only commitment, on a day of March; confirmed as it was said, unless said otherwise."""
    said = Decimal(amount) if amount else None
    reached = (Decimal(confirmed) if confirmed else said) if state == "confirmed" else None
    return Helped(next(_numbers), "commitment-1", version, giver, day(on), state, said, reached)


def promise(**fields: str) -> dict[str, str]:
    blank = {"need": "", "what": "Reads a chapter", "fact": "", "unit": "", "amount": "", "measure": "amount"}
    return {"id": "commitment-1", "giver": "first", **blank, "by": day(20).isoformat(), **fields}


def text(version: int, *promises: dict[str, str], since: int = 1, first_on: int = 2, weeks: int = 4) -> Text:
    rhythm = {"first_on": day(first_on).isoformat(), "weeks": str(weeks), "review_on": "", "zone": "UTC"}
    return Text(version, day(since), {"commitments": list(promises), "rhythm": rhythm})


HOURS = {"amount": "4", "unit": "hours"}
FACT = {"measure": "fact", "fact": "The page hangs on the wall"}


@pytest.mark.parametrize(
    ("said", "helped", "today", "standing"),
    [
        pytest.param(HOURS, [], 1, OPEN, id="nothing yet"),
        pytest.param(HOURS, [], 20, OPEN, id="on its very day"),
        pytest.param(HOURS, [], 21, STILL, id="its day has passed"),
        pytest.param(HOURS | {"by": ""}, [], 400, OPEN, id="without a day it is never late"),
        pytest.param(HOURS, [gave(3, "3.999")], 21, STILL, id="a thousandth is missing"),
        pytest.param(HOURS, [gave(3, "3.999"), gave(4, "0.001")], 21, KEPT, id="to the thousandth"),
        pytest.param(HOURS, [gave(20, "4")], 30, KEPT, id="on the last day"),
        pytest.param(HOURS, [gave(3, "3"), gave(21, "1")], 30, LATE, id="whole a day later"),
        pytest.param(HOURS, [gave(21, "1"), gave(3, "4")], 30, KEPT, id="what comes on top later does not matter"),
        pytest.param(HOURS, [gave(3, "9")], 30, KEPT, id="more than agreed"),
        pytest.param(HOURS, [gave(3, "4", confirmed="1.5")], 5, OPEN, id="less reached the other than was said"),
        pytest.param(HOURS, [gave(3, "1", confirmed="4")], 5, KEPT, id="more reached the other than was said"),
        pytest.param(HOURS, [gave(3, "4", state="said")], 5, OPEN, id="said and not answered"),
        pytest.param(HOURS, [gave(3, "4", state="said")], 25, STILL, id="said, not answered, and its day passed"),
        pytest.param(HOURS, [gave(3, "4", state="not_yet")], 5, OPEN, id="not yet, says the receiver"),
        pytest.param(HOURS, [gave(3, "4", state="taken_back")], 5, OPEN, id="taken back"),
        pytest.param(FACT, [], 5, OPEN, id="a fact that is not so"),
        pytest.param(FACT, [gave(5)], 5, KEPT, id="a fact that is so"),
        pytest.param(FACT, [gave(5, state="said")], 5, OPEN, id="a fact that one alone says"),
        pytest.param(FACT, [gave(22)], 23, LATE, id="a fact, later"),
        pytest.param(HOURS | {"amount": ""}, [], 5, OPEN, id="no amount, nothing given"),
        pytest.param(HOURS | {"amount": ""}, [gave(5, "0.5")], 5, KEPT, id="no amount: any help keeps it"),
        pytest.param(HOURS | {"amount": "0"}, [gave(5, "1")], 5, KEPT, id="an amount of nothing"),
        pytest.param(HOURS | {"amount": "-3"}, [gave(5, "1")], 5, KEPT, id="an amount below nothing"),
        pytest.param({"measure": ""}, [gave(5)], 5, KEPT, id="no measure at all"),
    ],
)  # fmt: skip
def test_how_a_promise_stands(said, helped, today, standing):
    [row] = ledger([text(1, promise(**said))], helped).rows
    assert row.standing(day(today)) is standing


@pytest.mark.parametrize(
    ("before", "after", "helped", "standing", "left"),
    [
        pytest.param(HOURS, HOURS | {"amount": "6"}, [gave(3, "4")], OPEN, "2", id="raised: what was given counts"),
        pytest.param(HOURS, HOURS | {"amount": "2"}, [gave(3, "2")], KEPT, "0", id="lowered to what was given"),
        pytest.param(HOURS, HOURS | {"by": day(9).isoformat()}, [gave(10, "4")], LATE, "0", id="an earlier day"),
        pytest.param(HOURS, HOURS | {"unit": "Hours "}, [gave(3, "4")], KEPT, "0", id="the same unit otherwise"),
        pytest.param(HOURS, HOURS | {"unit": "pages"}, [gave(3, "4")], OPEN, "4", id="another unit begins anew"),
        pytest.param(
            HOURS, HOURS | {"unit": "pages"}, [gave(3, "4"), gave(8, "4", version=2)], KEPT, "0", id="and is kept in it"
        ),
        pytest.param(FACT, FACT | {"fact": "It is sold"}, [gave(3)], OPEN, None, id="another fact is not so yet"),
        pytest.param(HOURS, FACT, [gave(3, "4")], OPEN, None, id="from an amount to a fact"),
        pytest.param(HOURS, FACT, [gave(3, "4"), gave(8, version=2)], KEPT, None, id="and the fact is so"),
    ],
)  # fmt: skip
def test_an_amendment_changes_what_is_left_and_keeps_what_was_given(before, after, helped, standing, left):
    [row] = ledger([text(1, promise(**before)), text(2, promise(**after), since=7)], helped).rows
    assert row.standing(day(10)) is standing
    assert row.left() == (None if left is None else Decimal(left))
    assert len(row.given) == len(helped)
    assert [term.version for term in row.terms] == ([1] if before == after else [1, 2])


def test_a_promise_that_was_taken_out_keeps_its_history():
    other = promise(id="commitment-2", **HOURS)
    found = ledger(
        [text(1, promise(**HOURS), other), text(2, other, since=7)],
        [gave(3, "1"), gave(4, "1", state="said")],
    )
    stays, out = found.rows
    assert (stays.key, stays.out_on) == ("commitment-2", None)
    assert (out.key, out.out_on, out.version) == ("commitment-1", day(7), 1)
    assert out.standing(day(30)) is OUT
    assert out.confirmed() == 1
    assert len(out.waiting) == 1


def test_what_was_kept_before_it_was_taken_out_stays_kept():
    [out] = ledger([text(1, promise(**HOURS)), text(2, since=7)], [gave(3, "4")]).rows
    assert out.standing(day(30)) is KEPT


def test_what_comes_back_in_a_later_version_goes_on():
    found = ledger([text(1, promise(**HOURS)), text(2, since=7), text(3, promise(**HOURS), since=9)], [gave(3, "1")])
    [row] = found.rows
    assert (row.out_on, row.version, row.left()) == (None, 3, 3)


def test_the_next_stretch_begins_its_rows_anew():
    found = ledger(
        [
            text(1, promise(**HOURS)),
            text(2, promise(**HOURS, by=day(60).isoformat()), since=28, first_on=30),
            text(3, promise(**HOURS | {"amount": "5"}, by=day(60).isoformat()), since=35, first_on=30),
        ],
        [gave(3, "1"), gave(31, "2", version=2), gave(40, "3", version=3)],
    )
    new, old = found.rows
    assert (new.version, new.confirmed(), new.standing(day(45)), new.is_past(day(45))) == (3, 5, KEPT, False)
    assert (old.version, old.confirmed(), old.standing(day(45)), old.is_past(day(45))) == (1, 1, STILL, True)
    assert not old.is_past(day(29)), "signed ahead: the stretch that runs runs to its end"
    assert found.find(1, "commitment-1") is old
    assert found.find(2, "commitment-1") is None, "an amendment took its place"


def test_a_promise_that_the_other_took_over_is_another_row():
    mine, theirs = promise(**HOURS), promise(**HOURS, giver="second")
    found = ledger([text(1, mine), text(2, theirs, since=7)], [gave(3, "1"), gave(8, "2", version=2, giver="second")])
    assert [(row.giver, row.confirmed()) for row in found.rows] == [(Side.SECOND, 2), (Side.FIRST, 1)]


def test_what_waits_is_not_proposed_again():
    [row] = ledger([text(1, promise(**HOURS))], [gave(3, "1"), gave(4, "2.5", state="said")]).rows
    assert (row.confirmed(), row.said(), row.left(), row.over()) == (1, Decimal("2.5"), Decimal("0.5"), 0)
    [row] = ledger([text(1, promise(**HOURS))], [gave(3, "4"), gave(4, "2.5")]).rows
    assert (row.left(), row.over()) == (0, Decimal("2.5"))


@pytest.mark.parametrize(("on", "is_open"), [(1, True), (2, True), (3, False), (6, False)])
def test_whether_it_was_open_on_a_day(on, is_open):
    [row] = ledger([text(1, promise(**HOURS))], [gave(2, "3"), gave(3, "1")]).rows
    assert row.is_open_on(day(on)) is is_open


def test_a_promise_is_not_open_before_it_was_made_nor_after_it_was_taken_out():
    added = promise(id="commitment-2", **HOURS)
    found = ledger([text(1), text(2, added, since=7), text(3, since=12)], [])
    [row] = found.rows
    assert [row.is_open_on(day(number)) for number in (6, 7, 11, 12)] == [False, True, True, False]


def test_sums_are_in_the_units_agreed_and_kept_facts_are_counted():
    rows = ledger(
        [
            text(
                1, promise(**HOURS), promise(id="commitment-2", amount="9", unit="HOURS"),
                promise(id="commitment-3", amount="1", unit="page"), promise(id="commitment-4", **FACT),
            )
        ],
        [
            gave(3, "1.5"),
            *(Helped(next(_numbers), key, 1, "first", day(3), "confirmed", amount, amount) for key, amount in (
                ("commitment-2", Decimal(2)), ("commitment-4", None),
            )),
        ],
    ).rows  # fmt: skip
    assert sums(rows) == [("hours", Decimal("3.5")), ("", 1)]
    assert sums([]) == []


AMOUNTS = st.decimals(min_value=Decimal("0.001"), max_value=Decimal(1000), places=3)
DAYS = st.integers(1, 40)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(DAYS, AMOUNTS, st.sampled_from(["said", "confirmed", "not_yet", "taken_back"])), max_size=8))
def test_it_is_kept_exactly_when_enough_was_confirmed_in_whatever_order_it_was_written(helped):
    def row_of(given) -> Row:
        [row] = ledger(
            [text(1, promise(**HOURS))], [gave(on, str(much), state=state) for on, much, state in given]
        ).rows
        return row

    row = row_of(helped)
    confirmed = sum(much for _on, much, state in helped if state == "confirmed")
    assert row.confirmed() == confirmed
    assert row.standing(day(99)).is_kept == (confirmed >= 4)
    assert row_of(helped[::-1]).standing(day(99)) is row.standing(day(99))
    if row.kept_on() and row.kept_on() > day(20):
        before = [each for each in helped if each[0] <= 20]
        assert not row_of(before).standing(day(99)).is_kept
