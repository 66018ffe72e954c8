"""A member gives a card to somebody they know, who answers it without an account and joins only then."""

import re
import time

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.actions.blocks import block
from accounts.actions.listings import add_listing
from accounts.models import Goal, Listing, Notice, User
from matching.actions import guests
from matching.actions.cards import make_card, renew_card, revoke_card
from matching.actions.introductions import decline, invite, propose
from matching.models import Card, GuestSide, Introduction
from tests.matching.conftest import RHYTHM, conversation, invitation
from tests.people import PASSWORD, member

pytestmark = pytest.mark.django_db
NOTE = "You keep books, and I write. Shall we?"


def card_of(member: User, note: str = NOTE) -> Card:
    """Return a card with all that the member has said."""
    goal = Goal.objects.owned_by(member).current().first()
    listings = Listing.objects.owned_by(member).values_list("pk", flat=True)
    return make_card(by=member, note=note, goal_id=goal.pk if goal else None, listing_ids=listings)


def listed(member: User) -> set[tuple]:
    mine = Listing.objects.owned_by(member).standing()
    return set(mine.values_list("side", "phrase", "level", "importance", "words"))


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


@pytest.fixture
def card(ada) -> Card:
    return card_of(ada)


@pytest.fixture
def guest(card) -> Client:
    """Somebody who has typed their side and is on their way to an account."""
    browser = Client()
    answer(browser, card)
    browser.post(reverse("answer_meet", args=[card.pk]))
    return browser


def eve() -> User:
    return User.objects.get(email="eve@example.org")


# --- Before they join ------------------------------------------------------------------------------------------------


def test_the_owner_learns_that_somebody_answers_and_nothing_of_what_they_type(ada, card, client_of):
    owner = client_of(ada)
    answer(Client(), card, goal="A secret")
    for url in (reverse("cards"), card.get_absolute_url(), reverse("home"), reverse("introductions")):
        page = owner.get(url).content.decode()
        assert "Eve Adams" not in page
        assert "secret" not in page
    assert "An answer is begun" in owner.get(reverse("cards")).content.decode()


def test_what_was_typed_belongs_to_one_browser(card):
    answer(Client(), card)
    other = Client()
    for name, args in (("answer", [card.pk]), ("answer_side", [card.pk, "offer"]), ("answer_meet", [card.pk])):
        assert other.get(reverse(name, args=args)).status_code == 404
    other.get(reverse("card_answer", args=[card.token]))
    assert "Eve Adams" not in other.get(reverse("answer", args=[card.pk])).content.decode()


def test_two_cards_are_answered_in_one_browser_each_for_itself(card, ben):
    browser, other = Client(), card_of(ben)
    answer(browser, card, goal="For Ada")
    answer(browser, other, goal="For Ben")
    assert "For Ada" in browser.get(reverse("answer", args=[card.pk])).content.decode()
    assert "For Ben" in browser.get(reverse("answer", args=[other.pk])).content.decode()


def test_one_thing_of_the_card_is_filled_in_by_pressing_it(card, ada):
    browser = Client()
    browser.get(reverse("card_answer", args=[card.token]))
    browser.post(reverse("answer", args=[card.pk]), {"name": "Eve", "goal": "A goal"})
    need = Listing.objects.get(member=ada, side="need")
    offers = reverse("answer_side", args=[card.pk, "offer"])
    assert 'value="Bookkeeping"' in browser.get(f"{offers}?about={need.pk}").content.decode()
    # What stands on no card is nobody's to look at by its number.
    hidden = add_listing(by=ada, side="need", kind="skill", phrase="Hidden", importance=1)
    assert "Hidden" not in browser.get(f"{offers}?about={hidden.pk}").content.decode()


def test_five_of_each_are_the_most_and_each_is_there_once(card):
    browser = Client()
    answer(browser, card)
    url = reverse("answer_side", args=[card.pk, "offer"])
    said = {"kind": "skill", "words": "", "level": "1"}
    assert "on your list already" in browser.post(url, {**said, "phrase": " bookkeeping! "}).content.decode()
    for number in range(4):
        assert browser.post(url, {**said, "phrase": f"Thing {number}"}).status_code == 302
    assert "5 are plenty" in browser.post(url, {**said, "phrase": "A sixth"}).content.decode()
    browser.post(reverse("answer_remove", args=[card.pk, "offer"]), {"phrase": "Thing 0"})
    assert [each["phrase"] for each in GuestSide.objects.get().offers] == [
        "Bookkeeping",
        "Thing 1",
        "Thing 2",
        "Thing 3",
    ]
    assert browser.post(url, {**said, "phrase": "A sixth"}).status_code == 302


@pytest.mark.parametrize("phrase", ["", "\0", "🐝", "  \u200b ", "x" * 121, "!!!", "\u202e"])
@pytest.mark.parametrize("side", ["offer", "need"])
def test_odd_words_are_answered_at_the_field(card, phrase, side):
    browser = Client()
    answer(browser, card)
    said = {"phrase": phrase, "kind": "skill", "words": "", "level": "1", "importance": "1"}
    response = browser.post(reverse("answer_side", args=[card.pk, side]), said)
    assert response.status_code in {200, 302}
    assert response.status_code == 302 or "Error:" in response.content.decode()


@pytest.mark.parametrize(
    "said", [{"name": "", "goal": "x"}, {"name": "x" * 81, "goal": "x"}, {"name": "Eve", "goal": "\0"}]
)
def test_a_side_begins_with_a_name(card, said):
    browser = Client()
    browser.get(reverse("card_answer", args=[card.token]))
    assert "Error:" in browser.post(reverse("answer", args=[card.pk]), said).content.decode()
    assert not GuestSide.objects.exists()
    assert browser.get(reverse("answer_meet", args=[card.pk])).url == reverse("answer", args=[card.pk])


def test_a_card_that_ends_meanwhile_says_so_on_every_page(card, ada):
    browser = Client()
    answer(browser, card)
    revoke_card(by=ada, card_id=card.pk)
    for name, args in (("answer", [card.pk]), ("answer_side", [card.pk, "offer"]), ("answer_meet", [card.pk])):
        for response in (browser.get(reverse(name, args=args)), browser.post(reverse(name, args=args), {"name": "E"})):
            assert response.status_code == 404
            assert "This card is not valid any more" in response.content.decode()


def test_of_those_who_answer_one_card_only_so_many_are_kept(card, monkeypatch):
    monkeypatch.setattr(guests, "MOST_ANSWERING", 1)
    answer(Client(), card)
    late = Client()
    late.get(reverse("card_answer", args=[card.token]))
    page = late.post(reverse("answer", args=[card.pk]), {"name": "Eve", "goal": "A goal"}).content.decode()
    assert "Many people are answering this card already." in page


# --- When they join --------------------------------------------------------------------------------------------------


def test_the_address_may_be_confirmed_in_another_browser(guest, card, delivered):
    sign_up(guest)
    delivered()
    cache.clear()  # another code may be asked for after ten seconds
    other = Client()
    other.post(reverse("account_login"), {"login": "eve@example.org", "password": "a long walk by the river"})
    response = confirm(other, delivered)
    assert response.url == Introduction.objects.get().get_absolute_url()
    assert len(listed(eve())) == 2


def test_who_signs_up_by_another_way_gets_nothing_of_what_somebody_typed_here(card, delivered):
    """It may be somebody else at this browser."""
    browser = Client()
    answer(browser, card)
    sign_up(browser, name="Mallory")
    assert confirm(browser, delivered).url == reverse("welcome")
    assert listed(eve()) == set()
    assert not Introduction.objects.exists()


def test_who_signs_up_hours_later_gets_nothing_of_it(guest, delivered):
    session = guest.session
    session["answer_going"] = [GuestSide.objects.get().pk, time.time() - 3601]
    session.save()
    sign_up(guest)
    assert confirm(guest, delivered).url == reverse("welcome")
    assert listed(eve()) == set()


def test_who_has_an_account_logs_in_and_keeps_the_card(card, dan):
    browser = Client()
    answer(browser, card)
    response = browser.post(reverse("answer_meet", args=[card.pk]), {"way": "log-in"})
    assert response.url.startswith(reverse("account_login"))
    response = browser.post(response.url, {"login": "dan@example.org", "password": PASSWORD})
    introduction = Introduction.objects.get()
    assert (response.url, introduction.invited) == (introduction.get_absolute_url(), dan)
    assert len(listed(dan)) == 2


def test_who_has_a_goal_already_is_told_that_it_stays(card, ben):
    browser = Client()
    answer(browser, card)
    response = browser.post(reverse("answer_meet", args=[card.pk]), {"way": "log-in"})
    page = browser.post(response.url, {"login": "ben@example.org", "password": PASSWORD}, follow=True).content.decode()
    assert "What you typed is on your lists; your goal stays the one that you had." in page
    assert Goal.objects.get(member=ben).text == "Ben Carter finishes a draft"


def test_a_guest_who_skipped_both_lists_is_not_told_that_their_words_do_not_meet(card):
    browser = Client()
    browser.get(reverse("card_answer", args=[card.token]))
    browser.post(reverse("answer", args=[card.pk]), {"name": "Eve", "goal": "A book"})
    page = browser.get(reverse("answer_meet", args=[card.pk])).content.decode()
    assert "You have not said yet what you have or need." in page
    assert "do not meet" not in page


def test_who_logs_in_from_the_card_comes_back_to_it(card, dan):
    browser = Client()
    page = opened(browser, card).content.decode()
    url = f"{reverse('account_login')}?next={reverse('card_open', args=[card.token])}"
    assert url in page
    response = browser.post(url, {"login": "dan@example.org", "password": PASSWORD})
    assert response.url == reverse("card_open", args=[card.token])
    assert "Talk with Ada" in browser.get(response.url).content.decode()


def test_a_member_says_yes_with_one_button(card, ada, dan, client_of, delivered):
    browser = client_of(dan)
    assert "Talk with Ada" in opened(browser, card).content.decode()
    response = browser.post(reverse("card_talk", args=[card.token]))
    introduction = Introduction.objects.get()
    assert response.url == introduction.get_absolute_url()
    assert (introduction.state, introduction.inviter, introduction.invited) == ("accepted", ada, dan)
    assert [mail.subject for mail in delivered()] == ["Dan has answered your card: you can talk now"]
    # Pressed twice, and the link once more: for one of the two it leads to where they talk.
    assert browser.post(reverse("card_talk", args=[card.token])).url == response.url
    assert opened(browser, card).url == opened(client_of(ada), card).url == response.url
    assert Introduction.objects.get().moves == 2


def test_what_was_typed_here_comes_along_when_a_member_says_yes(card, dan):
    browser = Client()
    answer(browser, card)
    browser.post(reverse("account_login"), {"login": "dan@example.org", "password": PASSWORD})
    assert listed(dan) == set()
    said = "What was typed in this browser before becomes your goal and your lists, where you have not said it already."
    assert said in opened(browser, card).content.decode()
    browser.post(reverse("card_talk", args=[card.token]))
    assert len(listed(dan)) == 2
    assert not GuestSide.objects.exists()


def test_who_mistyped_their_address_begins_again_and_keeps_what_they_typed(guest, card, delivered):
    sign_up(guest, address="eev@example.org")
    assert "My books are in order" in guest.get(reverse("answer_meet", args=[card.pk])).content.decode()
    guest.post(reverse("account_logout"))  # as the page with the code has it
    sign_up(guest)
    assert confirm(guest, delivered).url == Introduction.objects.get().get_absolute_url()
    assert len(listed(eve())) == 2


def test_the_owner_cannot_answer_their_own(card, ada, client_of):
    assert client_of(ada).post(reverse("card_talk", args=[card.token])).status_code == 404
    with pytest.raises(guests.Refused, match="not valid"):
        guests.use_card(by=ada, card_id=card.pk, seed=card.seed)


def test_a_member_without_a_name_is_asked_for_one(card, client_of):
    nameless = client_of(member("n@example.org", ""))
    page = nameless.post(reverse("card_talk", args=[card.token]), follow=True).content.decode()
    assert "Write your name on your profile first" in page
    assert opened(Client(), card).status_code == 200


@pytest.mark.parametrize("end", ["taken back", "a new link", "used by another", "blocked"])
def test_what_was_typed_is_theirs_even_where_the_card_ends_before_they_confirm(guest, card, ada, dan, delivered, end):
    sign_up(guest)
    if end == "taken back":
        revoke_card(by=ada, card_id=card.pk)
    elif end == "a new link":
        renew_card(by=ada, card_id=card.pk)
    elif end == "used by another":
        guests.use_card(by=dan, card_id=card.pk, seed=card.seed)
    else:
        block(by=ada, member=eve())
    response = confirm(guest, delivered)
    assert response.url == reverse("welcome")
    page = guest.get(response.url).content.decode()
    assert "The card that you answered is not valid any more." in page
    assert len(listed(eve())) == 2
    assert Goal.objects.get(member=eve()).text == "My books are in order"
    assert not Introduction.objects.filter(invited=eve()).exists()
    assert not GuestSide.objects.exists()


def test_what_a_member_has_said_already_stays_as_it_is(card, ben, client_of):
    """Ben has a goal, and offers bookkeeping."""
    browser = client_of(ben)
    before, goal = listed(ben), Goal.objects.get(member=ben).text
    side = guests.begin_side(card_id=card.pk, seed=card.seed)
    guests.say_goal(side_id=side.pk, name="Ben", goal="Another")
    guests.add_to_side(side_id=side.pk, side="offer", phrase="bookkeeping", kind="skill", words="New", level=1)
    guests.add_to_side(side_id=side.pk, side="need", phrase="A canoe", kind="resource", importance=2)
    guests.tie(member=ben, side_ids=[side.pk])
    assert guests.join(by=ben, side_id=side.pk)
    assert listed(ben) - before == {("need", "A canoe", None, 2, "")}
    assert Goal.objects.get(member=ben).text == goal
    assert browser.get(reverse("listings")).status_code == 200


def test_no_limit_stands_in_the_way(card, dan, monkeypatch):
    from accounts.actions import listings

    monkeypatch.setattr(listings, "MOST_LISTINGS_A_SIDE", 0)
    side = guests.begin_side(card_id=card.pk, seed=card.seed)
    guests.add_to_side(side_id=side.pk, side="offer", phrase="Bees", kind="skill", level=1)
    guests.tie(member=dan, side_ids=[side.pk])
    assert guests.join(by=dan, side_id=side.pk)
    assert listed(dan) == set()
    assert guests.join(by=dan, side_id=side.pk) is None


def test_a_topic_that_became_part_of_another_meanwhile_is_found_by_its_name(card, dan, ada):
    side = guests.begin_side(card_id=card.pk, seed=card.seed)
    guests.add_to_side(side_id=side.pk, side="offer", phrase="bookkeeping", kind="skill", level=1)
    GuestSide.objects.filter(pk=side.pk).update(offers=[{**GuestSide.objects.get().offers[0], "topic": 2**40}])
    guests.tie(member=dan, side_ids=[side.pk])
    guests.join(by=dan, side_id=side.pk)
    assert {phrase for _side, phrase, *_rest in listed(dan)} == {"bookkeeping"}


# --- Where they have met before --------------------------------------------------------------------------------------


def use(card: Card, by: User) -> Introduction:
    introduction = guests.use_card(by=by, card_id=card.pk, seed=card.seed)
    introduction.refresh_from_db()
    return introduction


def test_an_open_conversation_is_the_one(card, ada, ben):
    before = conversation(ada, ben)
    assert use(card, ben) == before
    assert Introduction.objects.get().moves == before.moves


def test_an_invitation_of_the_owners_is_said_yes_to(card, ada, ben, delivered):
    before = invitation(ada, ben)
    after = use(card, ben)
    assert (after.pk, after.state) == (before.pk, "accepted")
    assert after.story.last().author == ben
    assert "Ben has answered your card: you can talk now" in [mail.subject for mail in delivered()]


def test_an_invitation_of_the_guests_is_said_yes_to_by_the_card(card, ada, ben):
    before = invitation(ben, ada)
    after = use(card, ben)
    assert (after.pk, after.state, after.inviter) == (before.pk, "accepted", ben)
    assert (after.story.last().author, after.story.last().text) == (ada, NOTE)


def test_where_the_owner_has_the_turn_for_another_reason_it_stays_so(card, ada, ben):
    before = invitation(ada, ben)
    propose(by=ben, introduction_id=before.pk, seen_move=1, **{**RHYTHM, "minutes": 30})
    after = use(card, ben)
    assert (after.pk, after.state, after.moves) == (before.pk, "sent", 2)


def test_a_no_of_before_does_not_stand_against_a_yes(card, ada, ben):
    declined = invitation(ada, ben)
    decline(by=ben, introduction_id=declined.pk, seen_move=1)
    assert use(card, ben).state == "accepted"


def test_those_who_answer_cards_do_not_count_as_invitations(card, ada, ben, dan, monkeypatch):
    from matching.actions import introductions

    monkeypatch.setattr(introductions, "MOST_A_DAY", 1)
    use(card, dan)
    assert invite(by=ada, member_id=ben.pk, note="Hello", **RHYTHM).state == "sent"
