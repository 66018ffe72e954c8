import datetime as dt

import pytest
from django.urls import reverse

from accounts import clock
from accounts.actions.listings import add_listing
from accounts.models import Listing, Topic
from accounts.rules import Refused

OFFER = {"phrase": "Gardening", "kind": "skill", "words": "Twenty years of roses", "level": "3"}
NEED = {"phrase": "Gardening", "kind": "skill", "words": "", "importance": "2", "difference": "A green balcony"}


def add(client, side, **fields):
    return client.post(reverse("listing_add", args=[side]), {**(OFFER if side == "offer" else NEED), **fields})


def labels(member, side="offer") -> list[str]:
    standing = Listing.objects.owned_by(member).standing().filter(side=side).select_related("topic")
    return [listing.topic.label for listing in standing]


def test_an_offer_has_a_level_and_a_need_an_importance(dan, client_of):
    client = client_of(dan)
    assert add(client, "offer").url == reverse("listings")
    assert add(client, "need").url == reverse("listings")
    fields = ("side", "kind", "topic__label_en", "words", "level", "importance", "difference")
    assert list(Listing.objects.filter(member=dan).order_by("side").values_list(*fields)) == [
        ("need", "skill", "Gardening", "", None, 2, "A green balcony"),
        ("offer", "skill", "Gardening", "Twenty years of roses", 3, None, ""),
    ]


def test_a_new_phrase_becomes_a_topic_that_others_meet(dan, ada, client_of):
    add(client_of(dan), "offer", phrase="Bonsai  Trees")
    add(client_of(ada), "need", phrase="bonsai trees")
    topic = Topic.objects.get(label_en="Bonsai Trees")
    assert topic.is_provisional
    assert set(topic.listings.values_list("member__email", "side")) == {(dan.email, "offer"), (ada.email, "need")}


def test_an_alias_leads_to_its_topic_and_the_topic_says_the_kind(dan, client_of):
    room = Topic.objects.create(kind="resource", label_en="A quiet room", label_fr="Une pièce calme")
    room.aliases.create(phrase="pièce calme", key="piece calme")
    add(client_of(dan), "offer", phrase="Pièce  calme", kind="skill")
    assert list(Listing.objects.values_list("topic", "kind")) == [(room.pk, "resource")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"phrase": ""}, "Name it in a word or two."),
        ({"phrase": "?!"}, "Name the topic in a word or two, with letters or numbers."),
        ({"phrase": "x" * 121}, "Ensure this value has at most 120 characters (it has 121)."),
        ({"level": ""}, "Choose how good you are at it."),
        ({"level": "9"}, "Select a valid choice. 9 is not one of the available choices."),
        ({"kind": "magic"}, "Select a valid choice. magic is not one of the available choices."),
    ],
)
def test_what_is_refused_is_said_and_stays_in_the_form(dan, client_of, typed, sentence):
    response = add(client_of(dan), "offer", **typed)
    assert response.status_code == 200
    assert response.content.decode().count(sentence) == 2
    assert "Twenty years of roses" in response.content.decode()
    assert not Listing.objects.exists()


def test_control_characters_are_dropped(dan, client_of):
    add(client_of(dan), "offer", phrase="Gar\x00den\x1bing", words="Ro\x00ses\r\nand more")
    assert list(Listing.objects.values_list("topic__label_en", "words")) == [("Gardening", "Roses\nand more")]


def test_the_same_thing_twice_is_refused_in_words(dan, client_of):
    client = client_of(dan)
    add(client, "offer")
    response = add(client, "offer", phrase="GARDENING", words="Tulips as well")
    assert "This is on your list already. Change the one you have, or choose another." in response.content.decode()
    assert labels(dan) == ["Gardening"]


def test_there_is_a_limit_and_it_is_said(dan, client_of, monkeypatch):
    monkeypatch.setattr("accounts.actions.listings.MOST_LISTINGS_A_SIDE", 2)
    client = client_of(dan)
    for phrase in ("One", "Two"):
        add(client, "offer", phrase=phrase)
    assert "That is 2 already." in add(client, "offer", phrase="Three").content.decode()
    assert labels(dan) == ["One", "Two"]


def test_it_is_changed(dan, client_of):
    client = client_of(dan)
    add(client, "offer")
    listing = Listing.objects.get()
    page = client.get(reverse("listing_edit", args=[listing.pk])).content.decode()
    assert "Twenty years of roses" in page
    client.post(reverse("listing_edit", args=[listing.pk]), {**OFFER, "words": "Roses only", "level": "1"})
    listing.refresh_from_db()
    assert (listing.words, listing.level) == ("Roses only", 1)


def test_the_order_is_the_members_own(dan, client_of):
    client = client_of(dan)
    for phrase in ("One", "Two", "Three"):
        add(client, "offer", phrase=phrase)
    third = Listing.objects.get(topic__label_en="Three")
    client.post(reverse("listing_move", args=[third.pk, "up"]))
    assert labels(dan) == ["One", "Three", "Two"]
    for _step in range(3):
        client.post(reverse("listing_move", args=[third.pk, "up"]))
    assert labels(dan) == ["Three", "One", "Two"]
    client.post(reverse("listing_move", args=[third.pk, "down"]))
    assert labels(dan) == ["One", "Three", "Two"]


def test_it_is_removed_and_that_can_be_undone(dan, client_of):
    client = client_of(dan)
    for phrase in ("One", "Two"):
        add(client, "offer", phrase=phrase)
    first = Listing.objects.get(topic__label_en="One")
    response = client.post(reverse("listing_remove", args=[first.pk]), follow=True)
    assert labels(dan) == ["Two"]
    undo = reverse("listing_restore", args=[first.pk])
    assert f'action="{undo}"' in response.content.decode()
    client.post(undo)
    assert labels(dan) == ["One", "Two"]


def test_undo_is_refused_in_words_when_the_same_thing_is_back_already(dan, client_of):
    client = client_of(dan)
    add(client, "offer")
    removed = Listing.objects.get()
    client.post(reverse("listing_remove", args=[removed.pk]))
    add(client, "offer")
    response = client.post(reverse("listing_restore", args=[removed.pk]), follow=True)
    assert "This is on your list already." in response.content.decode()
    assert labels(dan) == ["Gardening"]


def test_bringing_back_is_refused_when_the_list_is_full(dan, client_of, monkeypatch):
    monkeypatch.setattr("accounts.actions.listings.MOST_LISTINGS_A_SIDE", 2)
    client = client_of(dan)
    for phrase in ("One", "Two"):
        add(client, "offer", phrase=phrase)
    removed = Listing.objects.get(topic__label_en="One")
    client.post(reverse("listing_remove", args=[removed.pk]))
    add(client, "offer", phrase="Three")
    response = client.post(reverse("listing_restore", args=[removed.pk]), follow=True)
    assert "That is 2 already." in response.content.decode()
    assert labels(dan) == ["Two", "Three"]


def test_what_was_typed_stays_when_another_tab_removed_the_listing(dan, client_of):
    client = client_of(dan)
    add(client, "offer")
    listing = Listing.objects.get()
    client.post(reverse("listing_remove", args=[listing.pk]))
    response = client.post(reverse("listing_edit", args=[listing.pk]), {**OFFER, "words": "Thirty years of roses"})
    assert response.status_code == 200
    assert "You took this off your list meanwhile." in response.content.decode()
    assert "Thirty years of roses" in response.content.decode()
    assert client.get(reverse("listing_edit", args=[listing.pk])).status_code == 404


@pytest.mark.parametrize(
    "address", ["/offers-and-needs/{}/move/up/".format("9" * 5000), "/offers-and-needs/1/move/on/"]
)
def test_a_move_of_nothing_or_to_nowhere_is_a_404(dan, client_of, address):
    assert client_of(dan).post(address).status_code == 404


def test_a_stranger_gets_404(dan, ada, client_of):
    add(client_of(dan), "offer")
    listing = Listing.objects.get(member=dan)
    client = client_of(ada)
    addresses = [
        reverse("listing_edit", args=[listing.pk]),
        reverse("listing_move", args=[listing.pk, "up"]),
        reverse("listing_remove", args=[listing.pk]),
        reverse("listing_restore", args=[listing.pk]),
    ]
    assert [client.post(address, OFFER).status_code for address in addresses] == [404] * 4
    listing.refresh_from_db()
    assert (listing.words, listing.removed_at) == ("Twenty years of roses", None)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_as_often_for_three_as_for_one(dan, client_of, django_assert_max_num_queries, count):
    client = client_of(dan)
    for number in range(count):
        add(client, "offer", phrase=f"Topic {number}")
    with django_assert_max_num_queries(5):
        client.get(reverse("listings"))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("gard", ["Gardening"]),
        ("roses", ["Gardening"]),
        ("GARDÉN", ["Gardening"]),
        ("own", ["Her own words"]),
        ("secret", []),
        ("", []),
        ("%", []),
    ],
)
def test_typing_proposes_the_reviewed_list_and_my_own_words_only(dan, ada, client_of, typed, found):
    gardening = Topic.objects.create(kind="skill", label_en="Gardening")
    gardening.aliases.create(phrase="Gardening", key="gardening")
    gardening.aliases.create(phrase="growing roses", key="growing roses")
    add(client_of(ada), "offer", phrase="Secret knowledge")
    client = client_of(dan)
    add(client, "offer", phrase="Her own words")
    answer = client.get(reverse("topics"), {"q": typed}).json()
    assert [topic["label"] for topic in answer["topics"]] == found


@pytest.mark.parametrize(
    ("side", "wrong"), [("offer", {}), ("need", {}), ("offer", {"importance": 2}), ("need", {"level": 2})]
)
def test_the_database_refuses_an_offer_without_a_level_and_a_need_without_an_importance(dan, side, wrong):
    with pytest.raises(Refused, match="An offer has a level, a need has an importance"):
        add_listing(by=dan, side=side, kind="skill", phrase="Gardening", **wrong)
    assert not Listing.objects.exists()


def test_adding_and_removing_for_ever_has_an_end(dan, client_of, monkeypatch):
    monkeypatch.setattr("accounts.actions.listings.MOST_ROWS", 2)
    client = client_of(dan)
    for phrase in ("One", "Two"):
        add(client, "offer", phrase=phrase)
        client.post(reverse("listing_remove", args=[Listing.objects.get(topic__label_en=phrase).pk]))
    assert "You have added and removed a great many today." in add(client, "offer", phrase="Three").content.decode()
    assert Listing.objects.count() == 2


def test_the_same_pressed_twice_is_taken_as_said_once(dan, client_of):
    client = client_of(dan)
    for _press in range(2):
        answer = client.post(reverse("listing_add", args=["need"]), NEED)
        assert (answer.status_code, answer.url) == (302, reverse("listings"))
    assert Listing.objects.owned_by(dan).count() == 1


@pytest.mark.parametrize("later", ["with other words", "after a while"])
def test_the_same_topic_again_is_refused(dan, client_of, later):
    client = client_of(dan)
    client.post(reverse("listing_add", args=["need"]), NEED)
    if later == "after a while":
        Listing.objects.update(added_at=clock.now() - dt.timedelta(seconds=11))
    again = {**NEED, "words": "Roses"} if later == "with other words" else NEED
    answer = client.post(reverse("listing_add", args=["need"]), again)
    assert "This is on your list already." in answer.content.decode()
    assert Listing.objects.owned_by(dan).count() == 1
