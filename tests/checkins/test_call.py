"""The page for the call itself: equal minutes, turns of teaching, ticked off together, and the start of a check-in."""

import datetime as dt
from itertools import pairwise

import pytest
from django.urls import reverse

from accounts import clock
from accounts.rules import Refused
from checkins import agenda
from checkins.actions import checkins, meetings
from checkins.actions.checkins import Said
from checkins.models import CheckIn, Tick
from contracts.lifecycle import Side
from tests.checkins.conftest import first_of, meetings_of
from tests.days import advance
from tests.together import at_once


def go_to(moment: dt.datetime) -> None:
    advance(seconds=int((moment - clock.now()).total_seconds()) + 1)


def page_of(client, contract, on) -> str:
    return client.get(reverse("meeting_call", args=[contract.pk, on])).content.decode()


@pytest.mark.parametrize("begins", Side)
def test_the_minutes_are_split_equally(begins):
    for minutes in range(1, 182):
        found = agenda.points(minutes, begins)
        assert sorted(point.name for point in found) == sorted(agenda.POINTS)
        assert sum(point.minutes for point in found) == minutes
        assert max(point.minutes for point in found) - min(point.minutes for point in found) <= 1
        goals = [point for point in found if point.name in agenda.GOALS.values()]
        assert goals[0].minutes == goals[1].minutes, "neither has more"
        assert goals[0].name == agenda.GOALS[begins]
        assert all(one.after + one.minutes == other.after for one, other in pairwise(found))


@pytest.mark.django_db
def test_the_turn_of_teaching_alternates_and_a_meeting_that_was_not_held_uses_none_up(contract, ada):
    found = meetings_of(contract)
    assert [agenda.turn(found, one).teacher for one in found[:4]] == [Side.FIRST, Side.SECOND] * 2
    meetings.cancel(by=ada, contract_id=contract.pk, on=found[0].on, note="", seen=0)
    assert agenda.turn(meetings_of(contract), found[1]).teacher == Side.FIRST
    go_to(found[1].at)
    meetings.say_held(by=ada, contract_id=contract.pk, on=found[1].on, held="no")
    assert agenda.turn(meetings_of(contract), found[2]).teacher == Side.FIRST


def test_the_topics_of_a_turn_go_round():
    topics = ["Commas", "Openings"]
    assert [agenda.Turn(Side.FIRST, number).topic(topics) for number in range(3)] == ["Commas", "Openings", "Commas"]
    assert agenda.Turn(Side.FIRST, 5).topic([]) == ""


@pytest.mark.django_db
def test_it_has_the_link_and_what_each_promised(contract, ada, ben, client_of):
    one, two = meetings_of(contract)[:2]
    checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=Said(moved="x", next_step="Write to Jo"))
    checkins.send(by=ben, contract_id=contract.pk, on=one.on, said=Said(moved="y", next_step="Call the bank"))
    go_to(two.at)
    page = page_of(client_of(ada), contract, two.on)
    assert 'href="https://meet.example/ada-and-ben"' in page
    for words in ("Write to Jo", "Call the bank", "Ben’s turn to teach", "Your goal", "Ben’s goal", "12 min"):
        assert words in page, words


@pytest.mark.django_db
def test_nothing_that_is_not_open_stands_there(contract, ada, ben, client_of):
    one = first_of(contract)
    checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=Said(moved="Ada’s secret", private_note="Mine"))
    go_to(one.at - dt.timedelta(minutes=10))
    assert "Ada’s secret" not in page_of(client_of(ben), contract, one.on)
    go_to(one.at)
    page = page_of(client_of(ben), contract, one.on)
    assert "Ada’s secret" in page
    assert "Mine" not in page


@pytest.mark.django_db
def test_both_see_what_either_ticks_off(contract, ada, ben, client_of):
    one = first_of(contract)
    go_to(one.at)
    tick = reverse("meeting_tick", args=[contract.pk, one.on])
    client_of(ada).post(tick, {"point": "time", "done": "yes"})
    points = reverse("meeting_points", args=[contract.pk, one.on])
    assert "ticked off by Ada" in client_of(ben).get(points).content.decode()
    assert "ticked off by you" in client_of(ada).get(points).content.decode()
    client_of(ben).post(tick, {"point": "time", "done": "no"})
    assert not Tick.objects.exists()
    answer = client_of(ben).post(tick, {"point": "lunch", "done": "yes"}, follow=True)
    assert "no such point" in answer.content.decode()


@pytest.mark.django_db
def test_what_is_written_there_is_the_start_of_the_check_in(contract, ada, client_of):
    one = first_of(contract)
    client = client_of(ada)
    draft = f"check-in-{contract.pk}{one.on:%Y%m%d}"
    go_to(one.at - dt.timedelta(hours=1))
    client.post(reverse("draft_save", args=[draft]), {"time_spent": "On trains", "strategies": "Ask Jo"})
    go_to(one.at)
    page = page_of(client, contract, one.on)
    assert 'value="On trains"' in page, "what stood in the check-in already goes along"
    posted = {"moved": "We found the ending", "time_spent": "On trains", "strategies": "Ask Jo"}
    answer = client.post(reverse("meeting_call", args=[contract.pk, one.on]), posted, follow=True)
    said = answer.content.decode()
    assert "We found the ending" in said
    assert "On trains" in said
    assert not CheckIn.objects.exists(), "nothing is sent by itself"


@pytest.mark.django_db
def test_who_has_sent_theirs_writes_for_the_next(contract, ada, client_of):
    one, two = meetings_of(contract)[:2]
    checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=Said(moved="x"))
    go_to(one.at)
    client = client_of(ada)
    assert "the start of your next check-in" in page_of(client, contract, one.on)
    answer = client.post(reverse("meeting_call", args=[contract.pk, one.on]), {"next_step": "Send it off"})
    assert answer.url == reverse("check_in", args=[contract.pk, two.on])
    assert "Send it off" in client.get(answer.url).content.decode()


@pytest.mark.django_db
def test_it_is_there_around_the_meeting_and_at_no_other_time(contract, ada, client_of):
    one = first_of(contract)
    client = client_of(ada)
    address = reverse("meeting_call", args=[contract.pk, one.on])
    assert client.get(address).status_code == 302
    go_to(one.at - dt.timedelta(hours=20))
    assert client.get(address).status_code == 200
    go_to(one.ends_at + dt.timedelta(hours=20))
    assert client.get(address).status_code == 200
    go_to(one.ends_at + dt.timedelta(hours=25))
    assert client.get(address).status_code == 302
    assert client.get(reverse("meeting_points", args=[contract.pk, one.on])).status_code == 286


@pytest.mark.django_db(transaction=True)
def test_both_tick_at_once(contract, ada, ben):
    one = first_of(contract)

    def tick(by) -> None:
        meetings.tick(by=by, contract_id=contract.pk, on=one.on, point="time", is_done=True)

    assert at_once(lambda: tick(ada), lambda: tick(ben)) == [None, None]
    assert Tick.objects.count() == 1
    meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    with pytest.raises(Refused, match="no such point"):
        tick(ben)
