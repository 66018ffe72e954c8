"""When one of the two leaves: what they wrote goes, what the other wrote stays, and the last one out leaves nothing."""

import pytest
from django.urls import reverse

from accounts import clock
from accounts.actions.erasing import erase
from checkins.actions import checkins, meetings, planning, replying
from checkins.actions.checkins import Said
from checkins.models import CheckIn, Meeting, Pause, Plan, Push, Reply, Tick
from contracts.lifecycle import Side
from contracts.models import Contract
from tests.checkins.conftest import meetings_of
from tests.days import advance

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged(contract, ada, ben) -> Contract:
    one, two, three = meetings_of(contract)[:3]
    for person in (ada, ben):
        checkins.send(by=person, contract_id=contract.pk, on=one.on, said=Said(moved=f"{person.profile.name} moved it"))
    advance(seconds=int((one.at - clock.now()).total_seconds()) + 60)
    meetings.cancel(by=ada, contract_id=contract.pk, on=two.on, note="Ada has a cold", seen=0)
    meetings.pause(by=ben, contract_id=contract.pk, from_on=three.on, until_on=three.on, note="Ben is at sea")
    replying.reply(by=ben, contract_id=contract.pk, on=one.on, is_cheer=True, words="Ben liked it")
    meetings.tick(by=ada, contract_id=contract.pk, on=one.on, point="time", is_done=True)
    for person, side in ((ada, Side.FIRST), (ben, Side.SECOND)):
        said = {"author": person, "side": side, "state": Push.State.SENT, "words": "You can", "stretch_on": one.on}
        Push.objects.create(contract=contract, on=one.on, **said)
    planning.plan_all()
    return contract


def test_what_the_leaver_wrote_goes_and_the_other_reads_on(logged, ada, ben, client_of):
    erase(by=ada, site_url="https://peermentor.example")
    assert list(CheckIn.objects.values_list("author", flat=True)) == [ben.pk]
    assert list(Push.objects.values_list("author", flat=True)) == [ben.pk]
    assert Meeting.objects.exclude(note="").count() == 0
    assert Pause.objects.get().note == "Ben is at sea"
    page = client_of(ben).get(reverse("weeks", args=[logged.pk]))
    assert page.status_code == 200
    assert "Ada Bright moved it" not in page.content.decode()
    assert client_of(ben).get(reverse("meeting", args=[logged.pk, CheckIn.objects.get().on])).status_code == 200
    assert client_of(ben).get(reverse("weeks_csv", args=[logged.pk])).status_code == 200


def test_the_last_one_out_leaves_nothing(logged, ada, ben):
    erase(by=ada, site_url="https://peermentor.example")
    ben.refresh_from_db()
    erase(by=ben, site_url="https://peermentor.example")
    for model in (Contract, CheckIn, Meeting, Pause, Plan, Push, Reply, Tick):
        assert not model.objects.exists(), model


def test_nothing_is_planned_for_a_pair_of_whom_one_has_left(logged, ada, ben, delivered):
    delivered()
    erase(by=ada, site_url="https://peermentor.example")
    planning.plan_all()
    advance(days=20)
    assert not [mail.subject for mail in delivered() if "meet" in mail.subject or "check-in" in mail.subject]
