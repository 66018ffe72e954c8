"""A meeting is moved, cancelled, put back; a pair pauses; the other is told once."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import clock
from accounts.models import MailChoices, Notice
from accounts.rules import Refused
from checkins.actions import meetings, planning
from checkins.models import Meeting, Pause
from checkins.series import Standing
from contracts.actions import ending
from contracts.models import Contract
from tests.checkins.conftest import find, first_of, in_zone, meetings_of
from tests.days import advance
from tests.pairs import amend
from tests.together import at_once

pytestmark = pytest.mark.django_db
LONDON = "Europe/London"


def move(contract, by, on, *, days=1, time=dt.time(9, 30), note="", seen=0):
    return meetings.move(
        by=by, contract_id=contract.pk, on=on, to_on=on + dt.timedelta(days=days), to_time=time, zone=LONDON,
        note=note, seen=seen,
    )  # fmt: skip


def subjects(mails) -> list[str]:
    return [mail.subject for mail in mails]


def test_a_moved_meeting_takes_place_at_its_new_time_and_the_other_is_told_once(contract, ada, ben, delivered):
    delivered()
    one = first_of(contract)
    moved = move(contract, ada, one.on, note="School holiday")
    assert moved.standing is Standing.MOVED
    assert moved.local(LONDON).time() == dt.time(9, 30)
    assert moved.local(LONDON).date() == one.on + dt.timedelta(days=1)
    assert delivered() == [], "told in a minute, so that a slip can be undone"
    advance(minutes=2)
    [mail] = delivered()
    assert mail.to == [ben.email]
    assert "Ada Bright moved your meeting" in mail.subject
    assert "School holiday" in mail.body
    assert "04:30" in mail.body, "on Ben's own clock"
    advance(minutes=2)
    assert delivered() == []


def test_a_slip_that_is_undone_at_once_is_told_to_nobody(contract, ada, delivered):
    delivered()
    one = first_of(contract)
    move(contract, ada, one.on)
    meetings.put_back(by=ada, contract_id=contract.pk, on=one.on)
    advance(minutes=5)
    assert delivered() == []
    assert first_of(contract).at == one.at


def test_what_the_other_has_heard_of_is_told_again_when_it_is_put_back(contract, ada, ben, delivered):
    one = first_of(contract)
    meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    advance(minutes=2)
    assert "Ada Bright cancelled your meeting" in "".join(subjects(delivered()))
    meetings.put_back(by=ada, contract_id=contract.pk, on=one.on)
    advance(minutes=2)
    [mail] = delivered()
    assert mail.to == [ben.email]
    assert "as planned" in mail.subject


def test_a_cancelled_meeting_is_reminded_of_to_nobody(contract, ada, delivered):
    planning.plan_all()
    one = first_of(contract)
    meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    advance(days=(one.at - clock.now()).days, hours=30)
    assert not [subject for subject in subjects(delivered()) if "you meet" in subject or "check-in" in subject]


def test_a_moved_meeting_is_reminded_of_at_its_new_time_alone(contract, ada, delivered):
    planning.plan_all()
    one = first_of(contract)
    move(contract, ada, one.on, days=2)
    pending = Notice.objects.filter(kind="meeting:tomorrow", state=Notice.State.PENDING, context__on=one.on.isoformat())
    assert {notice.context["at"] for notice in pending} == {find(contract, one.on).at.isoformat()}
    assert pending.count() == 2


def test_away_and_back_revives_the_first_reminder_and_sends_it_once(contract, ada, delivered):
    planning.plan_all()
    one = first_of(contract)
    move(contract, ada, one.on, days=2)
    meetings.put_back(by=ada, contract_id=contract.pk, on=one.on)
    advance(seconds=(one.at - clock.now()).total_seconds() - 3600)
    mine = [mail for mail in delivered() if mail.to == [ada.email] and ": you meet" in mail.subject]
    assert len(mine) == 1


def test_what_changed_meanwhile_is_not_overwritten(contract, ada, ben):
    one = first_of(contract)
    move(contract, ada, one.on)
    with pytest.raises(Refused, match="Ada Bright has changed this meeting meanwhile"):
        meetings.cancel(by=ben, contract_id=contract.pk, on=one.on, note="", seen=0)
    assert find(contract, one.on).standing is Standing.MOVED


@pytest.mark.parametrize(
    ("days", "said"),
    [(-300, "That time has passed"), (29, "more than four weeks"), (7, "another meeting at that time")],
)
def test_a_meeting_is_not_moved_just_anywhere(contract, ada, days, said):
    with pytest.raises(Refused, match=said):
        move(contract, ada, first_of(contract).on, days=days, time=dt.time(18))


def test_a_meeting_that_has_begun_stays(contract, ada):
    one = first_of(contract)
    advance(seconds=(one.at - clock.now()).total_seconds() + 60)
    with pytest.raises(Refused, match="has begun"):
        move(contract, ada, one.on)
    with pytest.raises(Refused, match="has begun"):
        meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)


def test_a_pause_takes_its_meetings_out_and_lifting_it_brings_them_back(contract, ada, ben, delivered):
    delivered()
    all_of_them = meetings_of(contract)
    first, second = all_of_them[0].on, all_of_them[1].on
    said = meetings.pause(by=ada, contract_id=contract.pk, from_on=first, until_on=second, note="Sea")
    assert [one.standing for one in meetings_of(contract)[:3]] == [Standing.PAUSED, Standing.PAUSED, Standing.PLANNED]
    advance(minutes=2)
    [mail] = delivered()
    assert mail.to == [ben.email]
    assert "pause from" in mail.subject
    with pytest.raises(Refused, match="have a pause in those days already"):
        meetings.pause(by=ben, contract_id=contract.pk, from_on=second, until_on=second, note="")
    meetings.lift(by=ben, contract_id=contract.pk, pause_id=said.pk)
    meetings.lift(by=ben, contract_id=contract.pk, pause_id=said.pk)
    assert meetings_of(contract)[0].standing is Standing.PLANNED
    advance(minutes=2)
    assert [mail.to for mail in delivered()] == [[ada.email]]


def test_after_the_end_nothing_is_changed_and_the_meetings_to_come_are_gone(contract, ada, ben):
    one = first_of(contract)
    ending.part(by=ben, contract_id=contract.pk)
    assert meetings_of(contract) == []
    with pytest.raises(Refused, match="not in force"):
        meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)


def test_whether_they_met_is_said_afterwards_and_not_of_a_cancelled_one(contract, ada, ben):
    one, two = meetings_of(contract)[:2]
    with pytest.raises(Refused, match="still to come"):
        meetings.say_held(by=ada, contract_id=contract.pk, on=one.on, held="yes")
    meetings.cancel(by=ada, contract_id=contract.pk, on=two.on, note="", seen=0)
    advance(seconds=(two.at - clock.now()).total_seconds() + 60)
    meetings.say_held(by=ben, contract_id=contract.pk, on=one.on, held="yes")
    assert find(contract, one.on).held == "yes"
    with pytest.raises(Refused, match="was cancelled"):
        meetings.say_held(by=ada, contract_id=contract.pk, on=two.on, held="yes")


def test_the_database_holds_to_it_as_well(contract):
    one = first_of(contract)
    wrong = [
        {"state": "moved"},
        {"state": "planned", "moved_on": one.on},
        {"state": "cancelled", "held": "yes"},
    ]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.create(contract=contract, on=one.on, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pause.objects.create(contract=contract, from_on=one.on, until_on=one.on - dt.timedelta(days=1), said_by="first")


def test_a_stranger_sees_none_of_it(contract, dan, client_of):
    on = first_of(contract).on
    for name, args in [("meeting", [contract.pk, on]), ("weeks", [contract.pk]), ("meeting_move", [contract.pk, on])]:
        assert client_of(dan).get(reverse(name, args=args)).status_code == 404


def test_the_page_proposes_times_that_suit_both_and_moves_with_one_of_them(contract, ada, client_of):
    one = first_of(contract)
    client = client_of(ada)
    page = client.get(reverse("meeting_move", args=[contract.pk, one.on]))
    proposals = page.context["proposals"]
    assert 1 <= len(proposals) <= 3
    at, words = proposals[0]
    assert words in page.content.decode()
    chosen = dt.datetime.fromisoformat(at)
    form = client.get(reverse("meeting_move", args=[contract.pk, one.on]), {"at": at}).context["form"]
    assert (form["to_on"].value(), form["to_time"].value()) == (chosen.date(), chosen.time())
    answer = client.post(
        reverse("meeting_move", args=[contract.pk, one.on]),
        {"to_on": f"{chosen:%Y-%m-%d}", "to_time": f"{chosen:%H:%M}", "note": "", "seen": "0"},
        follow=True,
    )
    assert "Moved to" in answer.content.decode()
    assert find(contract, one.on).local(LONDON).replace(tzinfo=None) == chosen


def test_what_is_refused_loses_nothing_that_was_typed(contract, ada, ben, client_of):
    one = first_of(contract)
    move(contract, ben, one.on)
    answer = client_of(ada).post(
        reverse("meeting_move", args=[contract.pk, one.on]),
        {"to_on": one.on.isoformat(), "to_time": "20:15", "note": "My train", "seen": "0"},
    )
    said = answer.content.decode()
    assert "has changed this meeting meanwhile" in said
    assert "My train" in said
    assert "20:15" in said


def test_a_link_to_a_meeting_that_an_amendment_took_away_says_so(contract, ada, client_of):
    gone = first_of(contract).on
    amend(contract, first_on=(gone + dt.timedelta(days=1)).isoformat())
    for name in ("meeting", "check_in", "meeting_move"):
        answer = client_of(ada).get(reverse(name, args=[contract.pk, gone]), follow=True)
        assert answer.redirect_chain[-1][0] == reverse("weeks", args=[contract.pk])
        assert "any more: your contract has changed or ended since" in answer.content.decode()


def test_odd_addresses_are_not_found(contract, ada, client_of):
    client = client_of(ada)
    for path in ("2026-02-30", "2026-13-01", "0000-00-00", "2031-01-01"):
        assert client.get(f"/contracts/{contract.pk}/meetings/{path}/").status_code == 404
    assert (
        client.get(reverse("meeting_move", args=[contract.pk, first_of(contract).on]), {"at": "x"}).status_code == 200
    )


@pytest.mark.django_db(transaction=True)
def test_two_who_change_one_meeting_at_one_moment_never_overwrite_each_other(contract, ada, ben):
    one = first_of(contract)
    for number in range(6):
        seen = find(contract, one.on).sequence
        outcomes = at_once(
            lambda seen=seen: move(contract, ada, one.on, days=1, seen=seen),
            lambda seen=seen: meetings.cancel(by=ben, contract_id=contract.pk, on=one.on, note="", seen=seen),
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        assert len(refused) == 1, f"round {number}: {outcomes}"
        row = Meeting.objects.get(contract=contract, on=one.on)
        assert row.sequence == seen + 1
        meetings.put_back(by=ada, contract_id=contract.pk, on=one.on)
    assert Contract.objects.get(pk=contract.pk).is_in_force


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/New_York"])
def test_a_meeting_is_not_moved_to_either_end_of_time(contract, ada, zone):
    on = first_of(contract).on
    for to_on, to_time in ((dt.date.min, dt.time.min), (dt.date.max, dt.time(23, 59))):
        with pytest.raises(Refused, match=r"has passed|four weeks"):
            meetings.move(
                by=ada, contract_id=contract.pk, on=on, to_on=to_on, to_time=to_time, zone=zone, note="", seen=0
            )


def test_a_meeting_is_not_moved_into_the_midst_of_another_nor_to_where_it_is(contract, ada):
    one, two = meetings_of(contract)[:2]
    for to, said in (
        (two.local(LONDON) + dt.timedelta(minutes=15), "another meeting at that time"),
        (two.local(LONDON) - dt.timedelta(minutes=15), "another meeting at that time"),
        (one.local(LONDON), "when you meet already"),
    ):
        with pytest.raises(Refused, match=said):
            meetings.move(
                by=ada, contract_id=contract.pk, on=one.on, to_on=to.date(), to_time=to.time(), zone=LONDON, note="",
                seen=0,
            )  # fmt: skip


def test_what_has_taken_place_earlier_is_not_put_back_to_come_again(contract, ada):
    one = first_of(contract)
    moved = move(contract, ada, one.on, days=-1)
    advance(seconds=(moved.at - clock.now()).total_seconds() + 60)
    with pytest.raises(Refused, match="has begun or is over"):
        meetings.put_back(by=ada, contract_id=contract.pk, on=one.on)


def test_who_moved_it_first_hears_when_the_other_puts_it_back_from_elsewhere(contract, ada, ben, delivered):
    one = first_of(contract)
    move(contract, ada, one.on)
    advance(minutes=2)
    delivered()
    move(contract, ben, one.on, days=2, seen=1)
    meetings.put_back(by=ben, contract_id=contract.pk, on=one.on)
    advance(minutes=2)
    assert [(mail.to, "as planned" in mail.subject) for mail in delivered()] == [([ada.email], True)]


def test_an_undo_undoes_nothing_that_the_other_did_since(contract, ada, ben, client_of):
    one, client = first_of(contract), client_of(ada)
    page = client.post(reverse("meeting_cancel", args=[contract.pk, one.on]), {"note": "", "seen": "0"}, follow=True)
    [undo] = [message.extra_tags for message in page.context["messages"]]
    meetings.put_back(by=ben, contract_id=contract.pk, on=one.on, seen=1)
    move(contract, ben, one.on, seen=2)
    assert "has changed this meeting meanwhile" in client.post(undo, follow=True).content.decode()
    assert find(contract, one.on).standing is Standing.MOVED


def test_what_was_refused_as_unseen_can_be_sent_again_once_it_was_seen(contract, ada, ben, client_of):
    one, client = first_of(contract), client_of(ada)
    move(contract, ben, one.on)
    where, sent = reverse("meeting_move", args=[contract.pk, one.on]), {
        "to_on": one.on.isoformat(), "to_time": "20:15", "note": "My train", "seen": "0",
    }  # fmt: skip
    form = client.post(where, sent).context["form"]
    assert client.post(where, sent | {"seen": form["seen"].value()}).status_code == 302


def test_a_change_that_comes_too_late_says_so_beside_what_was_typed(contract, ada, ben, client_of):
    one, client = first_of(contract), client_of(ada)
    meetings.cancel(by=ben, contract_id=contract.pk, on=one.on, note="", seen=0)
    sent = {"to_on": one.on.isoformat(), "to_time": "20:15", "note": "My train", "seen": "1"}
    said = client.post(reverse("meeting_move", args=[contract.pk, one.on]), sent).content.decode()
    assert "was cancelled" in said
    assert "My train" in said


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_a_zone_that_is_no_more_takes_no_page_and_no_plan_away(contract, ada, ben, client_of, who):
    in_zone({"ada": ada, "ben": ben}[who], "Europe/Gone")
    on = first_of(contract).on
    for name, args in [("meetings", []), ("weeks", [contract.pk]), ("meeting_move", [contract.pk, on])]:
        assert client_of(ada).get(reverse(name, args=args)).status_code == 200
    planning.plan_all()


@pytest.mark.parametrize("change", ["moved", "cancelled"])
def test_a_change_that_is_to_be_known_before_quiet_hours_end_is_told_in_them(contract, ada, ben, delivered, change):
    one = first_of(contract)
    in_zone(ben, LONDON)
    MailChoices.objects.create(member=ben, quiet_from=dt.time(16), quiet_until=dt.time(20))
    advance(seconds=(one.at - dt.timedelta(hours=1) - clock.now()).total_seconds())  # 17:00; they meet at 18:00
    delivered()
    if change == "moved":
        move(contract, ada, one.on, days=2)
    else:
        meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    advance(minutes=2)
    assert [mail.to for mail in delivered() if change in mail.subject] == [[ben.email]]


def test_a_change_that_can_wait_waits_for_the_end_of_quiet_hours(contract, ada, ben, delivered):
    one, later = meetings_of(contract)[:2]
    in_zone(ben, LONDON)
    MailChoices.objects.create(member=ben, quiet_from=dt.time(16), quiet_until=dt.time(20))
    advance(seconds=(one.at - dt.timedelta(hours=1) - clock.now()).total_seconds())
    meetings.cancel(by=ada, contract_id=contract.pk, on=later.on, note="", seen=0)
    advance(minutes=2)
    assert not [mail for mail in delivered() if "cancelled" in mail.subject]
    advance(hours=3)
    assert [mail.to for mail in delivered() if "cancelled" in mail.subject] == [[ben.email]]


def test_a_button_that_is_pressed_twice_does_it_once_and_says_so(contract, ada, client_of):
    one, client = first_of(contract), client_of(ada)
    moved = {"to_on": one.on.isoformat(), "to_time": "20:15", "note": "My train", "seen": "0"}
    for name, sent in [("meeting_move", moved), ("meeting_cancel", {"note": "", "seen": "1"})]:
        for _press in range(2):
            assert client.post(reverse(name, args=[contract.pk, one.on]), sent).status_code == 302
    assert Meeting.objects.get(contract=contract, on=one.on).sequence == 2


def test_what_one_has_changed_oneself_in_another_tab_is_not_put_down_to_the_other(contract, ada):
    one = first_of(contract)
    move(contract, ada, one.on)
    with pytest.raises(Refused, match="You have changed this meeting meanwhile"):
        meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)


def test_what_is_proposed_for_a_meeting_weeks_away_is_near_enough_to_be_taken(contract, ada, client_of):
    last = meetings_of(contract)[-1]
    assert last.at - clock.now() > dt.timedelta(days=45)
    proposals = client_of(ada).get(reverse("meeting_move", args=[contract.pk, last.on])).context["proposals"]
    assert len(proposals) == 3
    for number, (at, _words) in enumerate(proposals):
        chosen = dt.datetime.fromisoformat(at)
        days = (chosen.date() - last.on).days
        assert move(contract, ada, last.on, days=days, time=chosen.time(), seen=number).standing is Standing.MOVED


def test_a_meeting_that_cannot_be_logged_says_the_real_reason(contract, ada, client_of):
    one = first_of(contract)
    advance(seconds=(one.at - clock.now()).total_seconds() + 3600)
    ending.part(by=ada, contract_id=contract.pk)
    advance(days=20)
    page = client_of(ada).get(reverse("meeting", args=[contract.pk, one.on])).content.decode()
    assert "This contract has ended." in page
    assert "another meeting comes first" not in page.casefold()
