"""The meetings of a contract: by its rhythm, through amendments and its end, moved, cancelled and paused."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from checkins import series
from checkins.actions import meetings
from checkins.models import Meeting
from checkins.series import Occurrence
from contracts.actions import drafting, ending
from contracts.actions.blocks import block
from contracts.models import Contract
from peermentor.demo.days import days_ago
from tests.pairs import amend, fill, in_force, introduce, put_name, say_rhythm

pytestmark = pytest.mark.django_db

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
LONDON = ZoneInfo("Europe/London")


def days_on(days: int):
    """So many days later."""
    return days_ago(-days)


def today() -> dt.date:
    return clock.now().astimezone(LONDON).date()


def all_of(contract: Contract) -> list[Occurrence]:
    found = series.of(Contract.objects.get(pk=contract.pk))
    assert found
    return found.all()


def told(contract: Contract) -> list[tuple[str, str, str]]:
    """Return every meeting: its name, the wall clock of London, and how it stands."""
    return [
        (f"{one.on}", f"{one.local('Europe/London'):%Y-%m-%d %H:%M}", one.standing.value) for one in all_of(contract)
    ]


def weekly(first_on: dt.date, count: int, time: str = "18:00", every_weeks: int = 1) -> list[tuple[str, str, str]]:
    days = [first_on + n * every_weeks * WEEK for n in range(count)]
    return [(f"{day}", f"{day} {time}", "planned") for day in days]


@pytest.fixture
def first_on() -> dt.date:
    return today() + WEEK


@pytest.fixture
def contract(ada, ben, first_on) -> Contract:
    """Eight weeks, at 18:00 in London."""
    return in_force(ada, ben, first_on=first_on.isoformat())


def test_a_contract_in_force_meets_every_week(contract, first_on):
    assert told(contract) == weekly(first_on, 8)


def test_every_two_weeks(ada, ben, first_on):
    assert told(in_force(ada, ben, first_on=first_on.isoformat(), every_weeks="2")) == weekly(
        first_on, 4, every_weeks=2
    )


def test_meetings_before_both_had_signed_are_none(ada, ben):
    begun = today() + DAY
    contract = fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)
    say_rhythm(contract, ada, first_on=begun.isoformat(), time="00:00")
    put_name(contract, ada)
    with days_on(22):
        put_name(contract, ben)
    assert told(contract) == weekly(begun, 8, "00:00")[4:]


def test_a_draft_has_no_meetings(ada, ben):
    assert series.of(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk)) is None


def test_an_amendment_holds_from_its_second_signature_on(contract, first_on):
    with days_on(16):
        later = today() + 3 * DAY
        amend(contract, first_on=later.isoformat(), time="09:30", weeks="4")
        assert told(contract) == [*weekly(first_on, 2), *weekly(later, 4, "09:30")]
    assert [one.minutes for one in all_of(contract)] == [60] * 6


def test_an_amendment_of_nothing_but_the_length_changes_no_meeting(contract, first_on):
    with days_on(16):
        amend(contract, weeks="12")
    assert told(contract) == weekly(first_on, 12)


def test_an_amendment_that_begins_in_the_past_adds_nothing_there(contract, first_on):
    with days_on(16):
        amend(contract, first_on=(first_on - 3 * WEEK + DAY).isoformat(), weeks="20")
    wednesdays = weekly(first_on - 3 * WEEK + DAY, 20)
    begun = [one for one in wednesdays if one[0] > f"{today() + 16 * DAY}"]
    assert told(contract) == [*weekly(first_on, 2), *begun]


def test_the_last_meeting_before_an_amendment_stays_when_it_was_moved_to_before_it(contract, first_on, ada):
    """It took place two days early; the next day they agree on other days."""
    second = first_on + WEEK
    with days_on(8):
        move(contract, ada, second, second - 2 * DAY)
    with days_on(13):
        later = today() + 3 * DAY
        amend(contract, first_on=later.isoformat(), weeks="2")
    moved = (f"{second}", f"{second - 2 * DAY} 12:00", "moved")
    assert told(contract) == [*weekly(first_on, 1), moved, *weekly(later, 2)]


def test_a_meeting_that_was_moved_to_after_an_amendment_stays(contract, first_on, ada):
    second = first_on + WEEK
    with days_on(8):
        move(contract, ada, second, second + 4 * DAY)
    with days_on(15):
        amend(contract, first_on=(second + 3 * DAY).isoformat(), weeks="1")
    assert told(contract) == [
        *weekly(first_on, 1), *weekly(second + 3 * DAY, 1), (f"{second}", f"{second + 4 * DAY} 12:00", "moved"),
    ]  # fmt: skip


@pytest.mark.parametrize("end", ["part", "block"])
def test_nothing_comes_after_the_end(contract, first_on, ada, ben, end):
    with days_on(16):
        if end == "part":
            ending.part(by=ada, contract_id=contract.pk)
        else:
            block(by=ben, member=ada)
        assert told(contract) == weekly(first_on, 2)


def test_the_end_keeps_what_was_moved_to_before_it_and_drops_what_was_moved_to_after_it(contract, first_on, ada):
    second, third = first_on + WEEK, first_on + 2 * WEEK
    with days_on(8):
        move(contract, ada, second, second + 10 * DAY)
        move(contract, ada, third, third - 8 * DAY)
    with days_on(15):
        ending.part(by=ada, contract_id=contract.pk)
    assert told(contract) == [*weekly(first_on, 1), (f"{third}", f"{third - 8 * DAY} 12:00", "moved")]


def move(contract: Contract, by, on: dt.date, to_on: dt.date, to_time: str = "12:00", zone: str = "Europe/London"):
    return meetings.move(
        by=by, contract_id=contract.pk, on=on, to_on=to_on, to_time=dt.time.fromisoformat(to_time), zone=zone,
        note="", seen=seen(contract, on),
    )  # fmt: skip


def seen(contract: Contract, on: dt.date) -> int:
    row = Meeting.objects.filter(contract=contract, on=on).first()
    return row.sequence if row else 0


def test_moved_cancelled_and_put_back(contract, first_on, ada, ben):
    second, third = first_on + WEEK, first_on + 2 * WEEK
    move(contract, ada, first_on, first_on + 8 * DAY)
    meetings.cancel(by=ben, contract_id=contract.pk, on=second, note="Away", seen=0)
    meetings.cancel(by=ben, contract_id=contract.pk, on=third, note="Away", seen=0)
    meetings.put_back(by=ada, contract_id=contract.pk, on=third)
    assert told(contract)[:3] == [
        (f"{second}", f"{second} 18:00", "cancelled"),
        (f"{first_on}", f"{first_on + 8 * DAY} 12:00", "moved"),
        *weekly(third, 1),
    ]
    assert [one.sequence for one in all_of(contract)][:3] == [1, 1, 2]


def test_a_meeting_moved_on_the_clock_of_another_zone(contract, first_on, ada):
    one = move(contract, ada, first_on, first_on + DAY, "00:30", "Pacific/Chatham")
    assert one.local("Pacific/Chatham").replace(tzinfo=None) == dt.datetime.combine(first_on + DAY, dt.time(0, 30))
    assert (one.zone, one.by_rhythm.at.astimezone(LONDON).time()) == ("Pacific/Chatham", dt.time(18))


@pytest.mark.parametrize("days", [28, -28])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("time", ["00:00", "23:59"])
def test_what_was_moved_as_far_as_can_be_is_found_by_its_new_instant(contract, first_on, ada, days, zone, time):
    on = first_on + 5 * WEEK
    one = move(contract, ada, on, on + days * DAY, time, zone)
    found = series.of(Contract.objects.get(pk=contract.pk)).between(one.at, one.at + dt.timedelta(seconds=1))
    assert [each.on for each in found] == [on]


def test_a_pause_goes_by_the_meetings_own_days(contract, first_on, ada):
    second, third = first_on + WEEK, first_on + 2 * WEEK
    move(contract, ada, first_on + 3 * WEEK, third)
    said = meetings.pause(by=ada, contract_id=contract.pk, from_on=second, until_on=first_on + 3 * WEEK, note="")
    standings = {one.on: one.standing.value for one in all_of(contract)}
    assert [standings[first_on + n * WEEK] for n in range(5)] == ["planned", "paused", "paused", "paused", "planned"]
    meetings.lift(by=ada, contract_id=contract.pk, pause_id=said.pk)
    assert "paused" not in {one.standing.value for one in all_of(contract)}


def test_a_meeting_in_a_gap_is_later_and_the_next_one_is_as_said(ada, ben):
    """The first Sunday on which the clocks of New York go forward, from now on."""
    change = next(day for day in days_from(today() + WEEK) if is_gap(day))
    contract = in_force(
        ada, ben, first_on=(change - WEEK).isoformat(), zone="America/New_York", time="02:30", weeks="3"
    )
    found = all_of(contract)
    assert [f"{one.local('America/New_York'):%H:%M}" for one in found] == ["02:30", "03:30", "02:30"]
    assert [one.is_shifted for one in found] == [False, True, False]


def days_from(day: dt.date):
    return (day + n * DAY for n in range(400))


def is_gap(day: dt.date) -> bool:
    at = dt.datetime.combine(day, dt.time(2, 30), tzinfo=ZoneInfo("America/New_York"))
    return at.astimezone(dt.UTC).astimezone(at.tzinfo).hour != 2


def test_three_queries_however_many(contract, ada, chloe, first_on, django_assert_num_queries):
    contracts = [contract, in_force(ada, chloe, first_on=first_on.isoformat())]
    with django_assert_num_queries(3):
        assert len(series.read(contracts)) == 2


def test_a_pause_takes_in_what_was_moved_before_it_was_said_and_not_what_is_moved_afterwards(contract, first_on, ada):
    second, third = first_on + WEEK, first_on + 2 * WEEK
    move(contract, ada, second, second + DAY)
    meetings.pause(by=ada, contract_id=contract.pk, from_on=second, until_on=third, note="")
    assert [one.standing.value for one in all_of(contract)[:4]] == ["planned", "paused", "paused", "planned"]
    Meeting.objects.update(changed_at=clock.now() + dt.timedelta(seconds=1))
    assert [one.standing.value for one in all_of(contract)[:4]] == ["planned", "moved", "paused", "planned"]


def test_neither_a_pause_nor_its_end_changes_what_was(contract, first_on, ada):
    with days_on(8):
        said = meetings.pause(by=ada, contract_id=contract.pk, from_on=first_on, until_on=first_on + 4 * WEEK, note="")
        assert [one.standing.value for one in all_of(contract)[:3]] == ["planned", "paused", "paused"]
    with days_on(15):
        meetings.lift(by=ada, contract_id=contract.pk, pause_id=said.pk)
        assert [one.standing.value for one in all_of(contract)[:3]] == ["planned", "paused", "planned"]


def test_the_end_of_all_time_has_no_meetings(contract):
    found = series.of(contract)
    assert found
    assert [found.find(on) for on in (dt.date.min, dt.date(9999, 12, 26), dt.date.max)] == [None] * 3
