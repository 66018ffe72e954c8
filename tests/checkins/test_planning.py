"""What is told of two weeks ahead: planned by a task that may run twice, at once, or after a long time away."""

import datetime as dt
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Notice, User
from checkins.actions import checkins, meetings, planning
from checkins.actions.planning import plan_all
from checkins.models import Plan
from contracts.actions import ending
from contracts.actions.blocks import block
from contracts.models import Contract
from tests.checkins.conftest import SAID, first_of, in_zone, meetings_of
from tests.days import advance
from tests.pairs import amend, draft_of, in_force, put_name, say_rhythm
from tests.together import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
LONDON, NEW_YORK = "Europe/London", "America/New_York"


def told(*states: str) -> list[tuple[str, str, dt.datetime]]:
    """Return what is planned (or is in one of these states): its kind, to whom, and when it is due."""
    found = Notice.objects.filter(kind__regex="^(meeting|check_in):", state__in=states or ["pending"])
    return sorted(found.values_list("kind", "address", "due_at"))


def rows() -> list[tuple]:
    return sorted(Notice.objects.values_list("pk", "key", "state", "due_at", "expires_at", "address"))


def at(day: dt.date, time: str, zone: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(time), tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def reminders(on: dt.date) -> list[tuple[str, str, dt.datetime]]:
    """What Ada in London and Ben in New York are told of a meeting on a day, at 18:00 in London."""
    return sorted(
        each
        for address, zone in (("ada@example.org", LONDON), ("ben@example.org", NEW_YORK))
        for each in (
            ("meeting:tomorrow", address, at(on - DAY, "18:00", zone)),
            ("check_in:due", address, at(on - DAY, "18:01", zone)),
            ("check_in:late", address, at(on + DAY, "10:00", zone)),
        )
    )


def days(contract: Contract) -> list[dt.date]:
    return [one.on for one in meetings_of(contract)]


def move(contract: Contract, by: User, on: dt.date, to_on: dt.date, seen: int):
    return meetings.move(
        by=by, contract_id=contract.pk, on=on, to_on=to_on, to_time=dt.time(18), zone=LONDON, note="", seen=seen
    )


def only_reminders() -> list[tuple[str, str, dt.datetime]]:
    kinds = ("meeting:tomorrow", "check_in:due", "check_in:late")
    return [each for each in told() if each[0] in kinds]


def test_two_weeks_ahead_are_told_each_on_their_own_clock(contract):
    assert plan_all() == 1
    first, second = days(contract)[:2]
    # The second meeting is 14 days away, at an hour that may be within the two weeks or not.
    assert told() in (reminders(first), sorted(reminders(first) + reminders(second)))


def test_a_second_run_finds_nothing_to_do(contract):
    plan_all()
    before = rows()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert plan_all() == 0
    assert rows() == before
    assert len([each for each in queries if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 4


def test_a_run_that_plans_everything_again_changes_nothing(contract):
    plan_all()
    before = rows()
    Plan.objects.all().delete()
    assert plan_all() == 1
    assert rows() == before


def test_the_days_that_come_are_planned_as_they_come(contract):
    plan_all()
    for _day in range(30):
        advance(days=1)
        plan_all()
    first = days(contract)
    now = clock.now()
    kept = Notice.objects.filter(kind="meeting:tomorrow", address="ada@example.org").order_by("due_at")
    expected = [at(on - DAY, "18:00", LONDON) for on in first if at(on, "18:00", LONDON) < now + dt.timedelta(days=13)]
    assert list(kept.values_list("due_at", flat=True))[: len(expected)] == expected


@pytest.mark.django_db(transaction=True)
def test_planned_at_once_is_planned_once(contract, ada, chloe):
    others = [in_force(ada, chloe)]
    outcomes = at_once(*[plan_all] * 4)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert sum(outcomes) == 2
    keys = Notice.objects.filter(kind__startswith="meeting:tomorrow").values_list("key", flat=True)
    assert len(keys) == len(set(keys)) == sum(2 * len(_coming(each)) for each in [contract, *others])


def _coming(contract: Contract) -> list[dt.date]:
    now = clock.now()
    return [one.on for one in meetings_of(contract) if now < one.at < now + planning.AHEAD]


@pytest.mark.django_db(transaction=True)
def test_a_plan_and_a_change_at_one_moment_leave_what_is_so(contract, ada):
    """Whoever comes second sees what the first did: no reminder stays of the old time, none of the new is missing."""
    on = first_of(contract).on
    for seen in range(4):
        # Both have something to plan. What was planned before is known, as it always is.
        Plan.objects.update(grounds="")
        to_on = on + (1 + seen % 2) * DAY
        outcomes = at_once(lambda seen=seen, to_on=to_on: move(contract, ada, on, to_on, seen), plan_all, plan_all)
        assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
        plan_all()
        assert [each for each in only_reminders() if each[2] < at(on + 4 * DAY, "18:00", LONDON)] == reminders(to_on)


def test_moved_there_and_back(contract, ada):
    plan_all()
    before, on = only_reminders(), first_of(contract).on
    move(contract, ada, on, on + 2 * DAY, 0)
    assert only_reminders() != before
    assert set(reminders(on + 2 * DAY)) <= set(only_reminders())
    move(contract, ada, on, on, 1)
    assert only_reminders() == before
    meetings.put_back(by=ada, contract_id=contract.pk, on=on)
    assert only_reminders() == before


def test_moved_there_and_back_after_it_was_told_is_not_told_again(contract, ada, delivered):
    plan_all()
    delivered()
    one = first_of(contract)
    evening = at(one.on - DAY, "18:05", LONDON)
    advance(seconds=(evening - clock.now()).total_seconds())
    assert [mail.to for mail in delivered()] == [[ada.email]]
    move(contract, ada, one.on, one.on + DAY, 0)
    move(contract, ada, one.on, one.on, 1)
    assert [mail for mail in delivered() if mail.to == [ada.email]] == []


def test_a_member_who_moves_to_another_zone_is_told_on_their_evening_there(contract, ben):
    plan_all()
    in_zone(ben, "Asia/Tokyo")
    assert plan_all() == 1
    on = first_of(contract).on
    # 18:00 in London is the next day in Tokyo.
    assert ("meeting:tomorrow", "ben@example.org", at(on, "18:00", "Asia/Tokyo")) in told()
    assert ("meeting:tomorrow", "ben@example.org", at(on - DAY, "18:00", NEW_YORK)) not in told()
    assert plan_all() == 0


def test_an_amendment_takes_the_old_times_back(contract):
    plan_all()
    on = first_of(contract).on
    amend(contract, first_on=f"{on + DAY}", time="09:00")
    assert plan_all() == 1
    assert {due for kind, _to, due in told() if kind == "meeting:tomorrow"} >= {at(on, "18:00", LONDON)}
    assert not {at(on - DAY, "18:00", LONDON), at(on - DAY, "18:00", NEW_YORK)} & {due for _kind, _to, due in told()}


@pytest.mark.parametrize("end", ["part", "done", "block"])
def test_an_end_takes_all_back(contract, ada, ben, end):
    plan_all()
    assert only_reminders()
    if end == "block":
        block(by=ada, member=ben)
    elif end == "done":
        ending.say_done(by=ada, contract_id=contract.pk)
        ending.say_done(by=ben, contract_id=contract.pk)
    else:
        ending.part(by=ada, contract_id=contract.pk)
    plan_all()
    assert told() == []
    assert not Plan.objects.exists()


def test_what_somebody_deleted_by_hand_is_there_again_a_day_later(contract):
    """A plan that stands is believed; each is made anew once a day."""
    plan_all()
    before = only_reminders()
    Notice.objects.all().delete()
    assert plan_all() == 0
    advance(hours=24, minutes=1)
    assert plan_all() == 1
    assert set(before) <= set(only_reminders())


def test_two_weeks_without_beat(contract, delivered):
    """Nothing of what is over is told; what is still of use is."""
    delivered()
    first = first_of(contract)
    advance(seconds=(first.at + dt.timedelta(hours=60) - clock.now()).total_seconds())
    plan_all()
    mails = delivered()
    assert sorted(mail.to[0] for mail in mails) == ["ada@example.org", "ben@example.org"]
    assert {mail.subject.partition(" check-in")[0] for mail in mails} == {"There is still room for your"}


def test_a_contract_of_long_ago_is_told_nothing_of(contract, delivered):
    advance(days=400)
    assert plan_all() == 1
    assert only_reminders() == []
    assert plan_all() == 0


class TestLate:
    @pytest.fixture
    def morning(self, contract) -> Contract:
        """The morning after the first meeting, in London and New York; the reminders before it have been sent."""
        plan_all()
        after = first_of(contract).at + dt.timedelta(hours=24)
        advance(seconds=(after - clock.now()).total_seconds())
        return contract

    def late(self, mails) -> list[str]:
        return sorted(mail.to[0] for mail in mails if "still room" in mail.subject)

    def test_it_is_said_once(self, morning, delivered):
        assert self.late(delivered()) == ["ada@example.org", "ben@example.org"]
        for _hours in range(20):
            advance(hours=6)
            plan_all()
            assert self.late(delivered()) == []

    def test_not_to_who_has_written(self, morning, ada, delivered):
        checkins.send(by=ada, contract_id=morning.pk, on=first_of(morning).on, said=SAID)
        assert self.late(delivered()) == ["ben@example.org"]

    def test_not_to_who_skips(self, morning, ben, delivered):
        checkins.skip(by=ben, contract_id=morning.pk, on=first_of(morning).on)
        assert self.late(delivered()) == ["ada@example.org"]

    def test_a_plan_made_late_keeps_it_until_it_is_of_no_use(self, contract, delivered):
        """The mail server was away for two days."""
        plan_all()
        delivered()
        on = first_of(contract).on
        advance(seconds=(at(on + 3 * DAY, "09:30", LONDON) - clock.now()).total_seconds())
        Plan.objects.update(until=clock.now())
        assert plan_all() == 1
        assert self.late(delivered()) == ["ada@example.org", "ben@example.org"]


class TestNotAtAll:
    def test_of_a_cancelled_meeting(self, contract, ada):
        plan_all()
        on = first_of(contract).on
        meetings.cancel(by=ada, contract_id=contract.pk, on=on, note="", seen=0)
        assert not set(reminders(on)) & set(told())
        meetings.put_back(by=ada, contract_id=contract.pk, on=on)
        assert set(reminders(on)) <= set(told())

    def test_of_a_pause(self, contract, ada):
        plan_all()
        on = first_of(contract).on
        said = meetings.pause(by=ada, contract_id=contract.pk, from_on=on, until_on=on, note="")
        assert not set(reminders(on)) & set(told())
        meetings.lift(by=ada, contract_id=contract.pk, pause_id=said.pk)
        assert set(reminders(on)) <= set(told())

    def test_of_a_draft(self, contract, ada, chloe, delivered):
        plan_all()
        before = len(told())
        draft = in_force(ada, chloe)
        ending.amend(by=ada, contract_id=draft.pk)
        plan_all()
        assert len(told()) == 2 * before or len(told()) > before
        ending.part(by=ada, contract_id=draft.pk)
        plan_all()
        assert len(told()) == before


def test_who_waits_for_a_signature_is_heard_twice_and_then_it_stops(contract, ada, ben, delivered):
    ending.amend(by=ada, contract_id=contract.pk)
    say_rhythm(contract, ada, time="12:00")
    put_name(contract, ada)
    assert draft_of(contract)
    delivered()
    waiting = []
    for _half_day in range(26):
        advance(hours=12)
        plan_all()
        waiting += [mail.to[0] for mail in delivered() if "waits for you" in mail.subject]
    assert waiting == ["ben@example.org"] * 2


def test_ten_weeks_played_through(contract, ada, ben, delivered):
    """Beat runs, mails go out; one is moved, one cancelled, Ben pauses, Ada writes now and then. All is said once."""
    delivered()
    plan_all()
    all_days = days(contract)
    move(contract, ada, all_days[1], all_days[1] + DAY, 0)
    meetings.cancel(by=ben, contract_id=contract.pk, on=all_days[2], note="", seen=0)
    meetings.pause(by=ben, contract_id=contract.pk, from_on=all_days[4], until_on=all_days[4], note="")
    mails = []
    for _step in range(10 * 7 * 2):
        advance(hours=12)
        plan_all()
        mails += delivered()
        for one in meetings_of(contract)[::2]:
            if one.takes_place and dt.timedelta() < one.at - clock.now() < dt.timedelta(hours=12):
                checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=SAID)
    ids = Counter(mail.extra_headers["Message-ID"] for mail in mails)
    assert set(ids.values()) == {1}
    took_place = sum(one.takes_place for one in meetings_of(contract))
    assert took_place == 6
    tomorrow = Counter(mail.to[0] for mail in mails if ": you meet" in mail.subject)
    assert tomorrow == {ada.email: took_place, ben.email: took_place}
    late = Counter(mail.to[0] for mail in mails if "still room" in mail.subject)
    assert late == {ben.email: took_place, ada.email: took_place - _written(ada)}
    assert Notice.objects.filter(state__in=["failed", "parked"]).count() == 0


def _written(member: User) -> int:
    return member.check_ins.count()


def test_every_meeting_of_a_year_is_told_once_through_the_changes_of_the_clocks(ada, ben):
    in_zone(ben, "Pacific/Chatham")
    contract = in_force(ada, ben, weeks="52", time="23:45", zone=NEW_YORK)
    for _fortnight in range(54):
        plan_all()
        advance(days=7)
    found = Notice.objects.filter(kind="meeting:tomorrow")
    for member in (ada, ben):
        due = list(found.filter(member=member).order_by("due_at").values_list("due_at", flat=True))
        assert len(due) == len(meetings_of(contract)) == 52
        place = ZoneInfo(User.objects.get(pk=member.pk).time_zone)
        assert {each.astimezone(place).time() for each in due} == {dt.time(18)}
        assert {later.astimezone(place).date() - each.astimezone(place).date() for each, later in pairwise(due)} == {
            7 * DAY
        }
