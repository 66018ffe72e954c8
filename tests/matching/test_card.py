"""A member gives a card to somebody they know, who answers it without an account and joins only then."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Goal, Listing, Notice, User
from matching.actions.cards import make_card
from matching.models import Card, GuestSide, Introduction

pytestmark = pytest.mark.django_db
NOTE = "You keep books, and I write. Shall we?"


def card_of(member: User, note: str = NOTE) -> Card:
    """Return a card with all that the member has said."""
    goal = Goal.objects.owned_by(member).current().first()
    listings = Listing.objects.owned_by(member).values_list("pk", flat=True)
    return make_card(by=member, note=note, goal_id=goal.pk if goal else None, listing_ids=listings)


def opened(client: Client, card: Card):
    return client.get(reverse("card_open", args=[card.token]))


def answer(client: Client, card: Card, *, name: str = "Eve Adams", goal: str = "My books are in order") -> None:
    """Type an answer as a guest does: one offer and one need."""
    client.get(reverse("card_answer", args=[card.token]))
    client.post(reverse("answer", args=[card.pk]), {"name": name, "goal": goal})
    offer = {"phrase": "Bookkeeping", "kind": "skill", "words": "Ten years of it", "level": "3"}
    client.post(reverse("answer_side", args=[card.pk, "offer"]), offer)
    need = {"phrase": "writing", "kind": "skill", "words": "", "importance": "3"}
    client.post(reverse("answer_side", args=[card.pk, "need"]), need)


def sign_up(client: Client, address: str = "eve@example.org", name: str = "Eve Adams"):
    said = {"name": name, "email": address, "password1": "a long walk by the river"}
    return client.post(reverse("account_signup"), said)


def code_in(mail) -> str:
    return re.search(r"^ +(\S+)$", mail.body, re.MULTILINE)[1]


def confirm(client: Client, delivered, address: str = "eve@example.org"):
    [mail] = [mail for mail in delivered() if mail.to == [address]]
    return client.post(reverse("account_email_verification_sent"), {"code": code_in(mail)})


def test_from_the_link_to_the_conversation(ada, client, delivered):
    card = card_of(ada)
    page = opened(client, card).content.decode()
    assert all(said in page for said in (NOTE, "Ada Bright finishes a draft", "Writing", "Bookkeeping"))
    answer(client, card)
    page = client.get(reverse("answer_meet", args=[card.pk])).content.decode()
    assert "Your two sides meet both ways." in page
    response = client.post(reverse("answer_meet", args=[card.pk]))
    assert response.url == reverse("account_signup")
    assert 'value="Eve Adams"' in client.get(response.url).content.decode()
    sign_up(client)
    assert not Introduction.objects.exists()
    response = confirm(client, delivered)
    introduction = Introduction.objects.get()
    eve = User.objects.get(email="eve@example.org")
    assert response.url == introduction.get_absolute_url()
    assert (introduction.state, introduction.inviter, introduction.invited) == ("accepted", ada, eve)
    assert introduction.story.first().text == NOTE
    assert Goal.objects.get(member=eve).text == "My books are in order"
    held = Listing.objects.owned_by(eve).order_by("side").values_list("side", "phrase", "level", "importance", "words")
    assert list(held) == [
        ("offer", "Bookkeeping", 3, None, "Ten years of it"),
        ("need", "writing", None, 3, ""),
    ] or set(held) == {("offer", "Bookkeeping", 3, None, "Ten years of it"), ("need", "writing", None, 3, "")}
    assert not GuestSide.objects.exists()
    [mail] = [mail for mail in delivered() if mail.to == ["ada@example.org"]]
    assert mail.subject == "Eve has answered your card: you can talk now"
    page = client.get(response.url).content.decode()
    assert "You and Ada can talk now." in page
    assert NOTE in page
    assert opened(Client(), card).status_code == 404
    assert not Notice.objects.filter(state="failed").exists()
