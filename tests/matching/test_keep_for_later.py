"""Somebody is kept for later, or set aside: it can be undone, and nobody else learns of it."""

import pytest
from django.urls import reverse

from accounts.actions.blocks import block
from accounts.models import Topic
from matching.actions import marks
from matching.models import Mark
from matching.ranking import rank
from tests.people import member, settle
from tests.together import at_once

pytestmark = pytest.mark.django_db


def press(client, name: str, *args) -> str:
    return client.post(reverse(name, args=args), follow=True).content.decode()


def names(client) -> list[str]:
    return [each.profile.name for each in client.get(reverse("partners")).context["page"].object_list]


def test_who_is_not_for_me_is_not_suggested_any_more_and_comes_back(ada, ben, client_of):
    client = client_of(ada)
    assert names(client) == ["Ben Carter"]
    said = press(client, "partner_mark", ben.pk, "dismissed")
    assert "Ben Carter is not suggested to you any more. They are not told." in said
    assert names(client) == []
    assert "Ben Carter" not in client.get(reverse("home")).content.decode()
    assert "Not for me: suggest again" in client.get(reverse("partner", args=[ben.pk])).content.decode()
    # Ben sees Ada as before.
    assert names(client_of(ben)) == ["Ada Bright"]
    assert reverse("partner_unmark", args=[ben.pk]) in client.get(reverse("marked")).content.decode()
    assert "That is undone." in press(client, "partner_unmark", ben.pk)
    assert names(client) == ["Ben Carter"]


def test_who_is_set_aside_is_not_counted_either(ada, ben, client_of):
    other = settle(member("x@example.org", "Xenia"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    client = client_of(ada)
    assert "2 people fit you both ways." in client.get(reverse("partners")).content.decode()
    press(client, "partner_mark", ben.pk, "dismissed")
    page = client.get(reverse("partners")).content.decode()
    assert "1 person fits you both ways." in page
    assert "See the one who fits" in client.get(reverse("home")).content.decode()
    assert "who fit best" not in page
    page = client.get(reverse("partners"), {"words": "nobody says this"}).content.decode()
    assert "without it 1 person fits you both ways." in page
    press(client, "partner_mark", other.pk, "dismissed")
    page = client.get(reverse("partners")).content.decode()
    assert "Apart from those whom you set aside, nobody fits both ways yet" in page
    page = client.get(reverse("partners"), {"words": "nobody says this"}).content.decode()
    assert "leaves most people out" not in page


def test_who_is_set_aside_opens_no_door(ada, client_of):
    helper = settle(member("x@example.org", "Xenia"), offers={"Bookkeeping": 1}, needs={"Sailing": 3})
    Topic.objects.update(is_provisional=False)
    client = client_of(ada)
    assert [door.topic.label_en for door in client.get(reverse("partners")).context["doors"]] == ["Sailing"]
    press(client, "partner_mark", helper.pk, "dismissed")
    assert client.get(reverse("partners")).context["doors"] == []


def test_who_is_kept_stands_on_a_page_and_is_suggested_as_before(ada, ben, client_of):
    client = client_of(ada)
    assert "Nobody here yet" in client.get(reverse("marked")).content.decode()
    assert "Ben Carter is kept for later." in press(client, "partner_mark", ben.pk, "kept")
    assert client.get(reverse("marked")).context["kept"] == [ben.profile]
    assert names(client) == ["Ben Carter"]
    press(client, "partner_mark", ben.pk, "dismissed")
    assert [mark.kind for mark in Mark.objects.all()] == ["dismissed"]


def test_who_is_not_seen_is_neither_marked_nor_shown(ada, ben, client_of):
    client = client_of(ada)
    press(client, "partner_mark", ben.pk, "kept")
    block(by=ben, member=ada)
    assert client.get(reverse("marked")).context["kept"] == []
    assert client.post(reverse("partner_mark", args=[ben.pk, "kept"])).status_code == 404
    for wrong in ([ada.pk, "kept"], [999_999, "kept"], [ben.pk, "hated"]):
        assert client.post(reverse("partner_mark", args=wrong)).status_code == 404
    assert client.post(reverse("partner_unmark", args=[ada.pk])).status_code == 404


def test_there_is_an_end_to_it(ada, ben, client_of, monkeypatch):
    monkeypatch.setattr(marks, "MOST_MARKS", 1)
    other = settle(member("x@example.org", "Xenia"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    client = client_of(ada)
    press(client, "partner_mark", ben.pk, "kept")
    assert "Let some of them go first." in press(client, "partner_mark", other.pk, "kept")
    press(client, "partner_mark", ben.pk, "dismissed")
    assert Mark.objects.get().kind == "dismissed"


def test_pressed_twice_at_once_it_is_one_mark(transactional_db, ada, ben):
    at_once(*[lambda kind=kind: marks.mark(by=ada, member_id=ben.pk, kind=kind) for kind in ("kept", "dismissed")] * 2)
    assert Mark.objects.count() == 1
    assert rank(ada)
