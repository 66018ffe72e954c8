"""A member makes a card for somebody they know: what stands on it, how it goes out, and how it ends."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts import clock, export
from accounts.actions.blocks import block
from accounts.actions.erasing import erase
from accounts.actions.goals import end_goal, set_goal
from accounts.actions.listings import add_listing, change_listing, remove_listing, restore_listing
from accounts.actions.profiles import save_profile
from accounts.models import Goal, Listing, Notice, User
from accounts.models.mail import Sort
from matching import links
from matching.actions import cards as actions
from matching.actions.cards import make_card, refuse_address, revoke_card, send_card
from matching.actions.guests import forget, use_card
from matching.models import Card, CardMail, GuestSide
from tests.matching.test_card import answer, card_of, opened
from tests.people import member

pytestmark = pytest.mark.django_db
GONE = "This card is not valid any more"


def post(client: Client, name: str, card: Card | None = None, **said) -> str:
    args = [card.pk] if card else []
    return client.post(reverse(name, args=args), said, follow=True).content.decode()


def face(card: Card) -> str:
    return opened(Client(), card).content.decode()


def in_days(card: Card, days: int) -> Card:
    """Let the card be as old as it will be in so many days."""
    then = dt.timedelta(days=days)
    Card.objects.filter(pk=card.pk).update(made_at=card.made_at - then, expires_at=card.expires_at - then)
    card.refresh_from_db()
    return card


# --- What stands on it -----------------------------------------------------------------------------------------------


def test_what_is_hidden_from_everybody_is_not_on_a_card_any_more(ada):
    [writing] = Listing.objects.filter(member=ada, phrase="Writing")
    card = make_card(by=ada, note="Shall we?", goal_id=None, listing_ids=[writing.pk])
    Listing.objects.filter(pk=writing.pk).update(shown_to="introduced")
    assert "Writing" in face(card)
    Listing.objects.filter(pk=writing.pk).update(shown_to="nobody")
    assert "Writing" not in face(card)


def test_a_card_shows_what_was_chosen_and_nothing_else(ada, client_of):
    save_profile(by=ada, name="Ada Bright", headline="Novelist, London", about="Says hello.", contact="020 7946 0000")
    set_goal(by=ada, horizon="long", text="A second novel", indicator="", due_on=None)
    set_goal(by=ada, horizon="short", text="Three chapters", indicator="", due_on=None, is_bite=True)
    add_listing(by=ada, side="offer", kind="skill", phrase="Juggling", level=2)
    [writing] = Listing.objects.filter(member=ada, phrase="Writing")
    short = Goal.objects.get(member=ada, horizon="short")
    client = client_of(ada)
    page = client.get(reverse("card_new")).content.decode()
    assert "Juggling" in page
    page = post(client, "card_new", note="Shall we?", goal=str(short.pk), offers=[str(writing.pk)])
    assert "Your card is made." in page
    [card] = Card.objects.all()
    assert f"/c/{card.token}/" in page
    shown = face(card)
    assert all(said in shown for said in ("Ada Bright", "Shall we?", "Three chapters", "Writing", "I know Writing."))
    others = ("Juggling", "Bookkeeping", "Novelist", "Says hello", "7946", "ada@example.org", "A second novel")
    assert [said for said in others if said in shown] == []


def test_a_card_shows_listings_and_the_goal_as_they_are_now(ada):
    card = card_of(ada)
    [writing] = Listing.objects.filter(member=ada, phrase="Writing")
    change_listing(by=ada, listing_id=writing.pk, kind="skill", phrase="Writing plainly", words="Anew.", level=1)
    assert "Writing plainly" in face(card)
    assert "I know Writing." not in face(card)
    remove_listing(by=ada, listing_id=writing.pk)
    assert "Writing plainly" not in face(card)
    restore_listing(by=ada, listing_id=writing.pk)
    assert "Writing plainly" in face(card)
    assert "Ada Bright finishes a draft" in face(card)
    end_goal(by=ada, goal_id=Goal.objects.get(member=ada).pk, outcome="reached")
    assert "Ada Bright finishes a draft" not in face(card)


def test_nobody_puts_what_is_not_theirs_on_a_card(ada, ben, client_of):
    theirs = Listing.objects.filter(member=ben).first()
    goal = Goal.objects.get(member=ben)
    page = post(client_of(ada), "card_new", note="Hello", offers=[str(theirs.pk)], goal=str(goal.pk))
    assert "One of these is not on your list any more." in page
    card = make_card(by=ada, note="Hello", goal_id=goal.pk, listing_ids=[theirs.pk])
    assert card.goal is None
    assert not card.listings.exists()


@pytest.mark.parametrize("note", ["", " \u2028 ", "x" * 1001])
def test_a_note_is_needed_and_is_short(ada, client_of, note):
    assert "Error:" in post(client_of(ada), "card_new", note=note)
    assert not Card.objects.exists()


def test_who_has_no_name_or_no_confirmed_address_makes_none(db, client_of):
    for person in (member("x@example.org", ""), member("y@example.org", "Yan", is_confirmed=False)):
        post(client_of(person), "card_new", note="Hello")
    assert not Card.objects.exists()


def test_a_member_who_has_said_nothing_else_can_make_one(dan, client_of):
    assert "Your card is made." in post(client_of(dan), "card_new", note="Hello")
    assert "Dan Stranger" in face(Card.objects.get())


def test_a_card_can_be_changed_under_the_same_link(ada, client_of):
    card = card_of(ada)
    page = post(client_of(ada), "card_edit", card, note="Otherwise", goal="")
    assert "Saved." in page
    shown = face(card)
    assert "Otherwise" in shown
    assert "Writing" not in shown


def test_there_are_ten_open_cards_at_the_most(ada, client_of):
    for number in range(10):
        card = card_of(ada, f"Card {number}")
    client = client_of(ada)
    assert "10 of your cards are open." in post(client, "card_new", note="One more")
    assert reverse("card_new") not in client.get(reverse("cards")).content.decode()
    revoke_card(by=ada, card_id=card.pk)
    assert "Your card is made." in post(client, "card_new", note="One more")
    assert "10 of your cards are open." in post(client, "card_restore", card)
    assert Card.objects.open().count() == 10


def test_more_than_ten_of_a_side_are_too_many(ada):
    for number in range(10):
        add_listing(by=ada, side="need", kind="skill", phrase=f"Thing {number}", importance=1)
    with pytest.raises(actions.Refused, match="at most 10 offers and 10 needs"):
        card_of(ada)


# --- Its link --------------------------------------------------------------------------------------------------------


def test_the_link_cannot_be_made_from_what_is_kept(ada):
    card = card_of(ada)
    secret = card.token.removeprefix(card.seed)
    assert len(card.seed) == len(secret) == 22
    kept = "".join(str(value) for value in Card.objects.filter(pk=card.pk).values_list()[0])
    assert card.seed in kept
    assert secret not in kept
    assert links.seed_of(card.token) == card.seed
    for wrong in ("", "x", card.seed + "A" * 22, card.token[:-1], card.token + "A", card.token.swapcase(), "é" * 44):
        assert links.seed_of(wrong) is None


def test_whoever_sees_no_card_gets_one_and_the_same_page(ada, ben, client_of):
    """Nobody learns whether there ever was one, or why it is not there."""
    cards = {name: card_of(ada, name) for name in ("revoked", "run out", "used", "renewed", "blocked")}
    old = cards["renewed"].token
    revoke_card(by=ada, card_id=cards["revoked"].pk)
    in_days(cards["run out"], 30)
    Card.objects.filter(pk=cards["used"].pk).update(used_at=clock.now())
    actions.renew_card(by=ada, card_id=cards["renewed"].pk)
    gone = member("gone@example.org", "Gone")
    inactive = card_of(gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    tokens = [cards[name].token for name in ("revoked", "run out", "used")]
    tokens += [old, inactive.token, links.token_of(links.new_seed()), "nothing"]
    pages = {Client().get(reverse("card_open", args=[token])) for token in tokens}
    assert {page.status_code for page in pages} == {404}
    [said] = {page.content.decode() for page in pages}
    assert GONE in said
    block(by=ada, member=ben)
    assert client_of(ben).get(reverse("card_open", args=[cards["blocked"].token])).status_code == 404
    assert client_of(ben).post(reverse("card_talk", args=[cards["blocked"].token])).status_code == 404


@pytest.mark.parametrize("is_valid", [True, False])
def test_no_robot_no_cache_and_no_other_site_hears_of_it(ada, is_valid):
    token = card_of(ada).token if is_valid else "nothing"
    for name in ("card_open", "card_answer"):
        response = Client().get(reverse(name, args=[token]))
        sent = {key: response[key] for key in ("X-Robots-Tag", "Cache-Control", "Referrer-Policy")}
        assert sent == {
            "X-Robots-Tag": "noindex, nofollow",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        }
    # A page without a referrer has no form that would be refused for it.
    assert "<form" not in Client().get(reverse("card_open", args=[token])).content.decode()


def test_robots_are_kept_away(client):
    rules = client.get(reverse("robots")).content.decode().splitlines()
    assert "Disallow: /" in rules
    assert not any(rule.startswith("Allow: /c") for rule in rules)


def test_who_asks_too_often_has_to_wait(ada, monkeypatch):
    from matching.views import answering

    monkeypatch.setattr(answering, "RATES", {"card": "3/m/ip"})
    token = card_of(ada).token
    seen = [Client().get(reverse("card_open", args=[token])).status_code for _each in range(4)]
    assert seen == [200, 200, 200, 429]


def test_the_owner_sees_that_it_was_opened_and_their_own_looking_does_not_count(ada, client_of):
    card, client = card_of(ada), client_of(ada)
    assert "This is your own card" in opened(client, card).content.decode()
    Client().head(reverse("card_open", args=[card.token]))
    assert "Not opened yet" in client.get(reverse("cards")).content.decode()
    opened(Client(), card)
    assert "Opened" in client.get(reverse("cards")).content.decode()
    first = Card.objects.get(pk=card.pk).opened_at
    opened(Client(), card)
    assert Card.objects.get(pk=card.pk).opened_at == first


# --- How it ends -----------------------------------------------------------------------------------------------------


def test_a_card_that_is_taken_back_shows_nothing_until_it_is_put_back(ada, client_of):
    card, client = card_of(ada), client_of(ada)
    page = post(client, "card_revoke", card)
    assert reverse("card_restore", args=[card.pk]) in page
    assert "You took it back" in page
    assert GONE in face(card)
    assert "The card is back" in post(client, "card_restore", card)
    assert "Shall we?" in face(card)
    assert "The card is back" in post(client, "card_restore", card)


def test_a_card_runs_out_after_thirty_days_and_cannot_be_put_back_then(ada, client_of):
    card, client = card_of(ada), client_of(ada)
    in_days(card, 29)
    assert "Shall we?" in face(card)
    revoke_card(by=ada, card_id=card.pk)
    in_days(card, 1)
    assert "This card has run out. Make a new link for it." in post(client, "card_restore", card)
    assert GONE in face(card)
    assert "for thirty days" in post(client, "card_renew", card)
    card.refresh_from_db()
    assert "Shall we?" in face(card)


def test_a_new_link_ends_the_old_one_and_what_was_begun_with_it(ada, client_of):
    card = card_of(ada)
    guest = Client()
    answer(guest, card)
    old = card.token
    post(client_of(ada), "card_renew", card)
    card.refresh_from_db()
    assert card.token != old
    assert Client().get(reverse("card_open", args=[old])).status_code == 404
    assert guest.get(reverse("answer_meet", args=[card.pk])).status_code == 404
    assert not GuestSide.objects.exists()
    assert opened(guest, card).status_code == 200


def test_what_has_had_its_time_is_deleted(ada):
    card = card_of(ada)
    answer(Client(), card)
    GuestSide.objects.update(expires_at=clock.now() + dt.timedelta(minutes=1))
    forget()
    assert GuestSide.objects.count() == 1
    GuestSide.objects.update(expires_at=clock.now() - dt.timedelta(minutes=1))
    forget()
    assert not GuestSide.objects.exists()
    in_days(card, 30 + 89)
    forget()
    assert Card.objects.exists()
    in_days(card, 2)
    forget()
    assert not Card.objects.exists()


def test_a_guests_side_lasts_a_week_longer_than_the_card(ada):
    card = card_of(ada)
    answer(Client(), card)
    assert GuestSide.objects.get().expires_at - card.expires_at == dt.timedelta(days=7)


def test_who_leaves_takes_their_cards_along(ada, delivered):
    card = card_of(ada)
    answer(Client(), card)
    send_card(by=ada, card_id=card.pk, address="eve@example.org")
    erase(by=ada, site_url="http://localhost")
    assert [model for model in (Card, GuestSide, CardMail) if model.objects.exists()] == []
    assert [mail.to for mail in delivered()] == [["ada@example.org"]]
    forget()
    assert not Notice.objects.filter(address="eve@example.org").exists()


def test_the_download_has_the_cards_and_nothing_of_a_guest(ada):
    answer(Client(), card_of(ada), goal="A secret of Eve")
    zipped = export.holdings()
    rows = {held.name: held.rows(ada.pk) for held in zipped if held.model.startswith("matching.") and held.fields}
    assert [row["note"] for row in rows["card"]] == ["You keep books, and I write. Shall we?"]
    assert {row["listings"] for row in rows["what_stands_on_cards"]} == {"Writing", "Bookkeeping"}
    assert "Eve" not in str(rows)


def test_whom_the_owner_has_blocked_since_is_not_named(ada, ben, client_of):
    card, client = card_of(ada), client_of(ada)
    use_card(by=ben, card_id=card.pk, seed=card.seed)
    assert "Ben has answered" in client.get(reverse("cards")).content.decode()
    block(by=ada, member=ben)
    for page in (client.get(reverse("cards")), client.get(card.get_absolute_url())):
        assert "Ben" not in page.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_however_many_cards_there_are(ada, ben, client_of, count, django_assert_max_num_queries):
    for number in range(count):
        card = card_of(ada, f"Card {number}")
    use_card(by=ben, card_id=card.pk, seed=card.seed)
    client = client_of(ada)
    client.get(reverse("cards"))
    with django_assert_max_num_queries(6):
        client.get(reverse("cards"))


# --- By mail ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(ada, delivered):
    """The mail that brings Ada's card to Eve."""
    send_card(by=ada, card_id=card_of(ada).pk, address="Eve@Example.org")
    [mail] = delivered()
    return mail


def test_the_mail_says_who_asked_for_it_and_that_the_address_is_not_kept(sent):
    said = " ".join(sent.body.split())
    assert (sent.to, sent.subject) == (["Eve@Example.org"], "Ada Bright would like to swap help with you")
    assert "You keep books, and I write. Shall we?" in said
    assert f"/c/{Card.objects.get().token}/" in said
    assert "You hear from us only because Ada Bright typed your address into Peermentor." in said
    assert "We did not keep it for anything else" in said
    assert "ada@example.org" not in said


def test_the_mail_promises_nothing_that_may_not_stand_on_the_card(ada, delivered):
    card = make_card(by=ada, note="Shall we talk?", goal_id=None, listing_ids=[])
    send_card(by=ada, card_id=card.pk, address="eve@example.org")
    [mail] = delivered()
    said = " ".join(mail.body.split())
    assert "The card says what Ada has in mind." in said
    assert "goal" not in said


def test_the_address_is_forgotten_once_the_mail_has_gone(sent):
    notice = Notice.objects.get(kind="card:letter")
    assert (notice.state, notice.context) == ("sent", {})
    forget()
    notice.refresh_from_db()
    assert notice.address == ""
    assert "eve" not in str(list(CardMail.objects.values())).lower()


def test_the_address_is_forgotten_when_the_card_ends_before_its_mail_has_gone(ada, delivered, client_of):
    card = card_of(ada)
    send_card(by=ada, card_id=card.pk, address="eve@example.org")
    post(client_of(ada), "card_revoke", card)
    notice = Notice.objects.get(kind="card:letter")
    assert (notice.state, notice.address) == ("cancelled", "")
    assert delivered() == []


@pytest.mark.parametrize("change", ["renewed", "run out", "inactive", "blocked", "wants none"])
def test_a_mail_that_is_not_so_any_more_does_not_go(ada, ben, delivered, change):
    card = card_of(ada)
    send_card(by=ada, card_id=card.pk, address="ben@example.org")
    if change == "renewed":
        Card.objects.update(seed=links.new_seed())
    elif change == "run out":
        in_days(card, 31)
    elif change == "inactive":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    elif change == "blocked":
        block(by=ben, member=ada)
    else:
        from accounts.actions.mail import stop

        stop(member_id=ben.pk, sorts=[Sort.INTRODUCTIONS])
    assert delivered() == []


def test_whoever_has_the_mail_stops_all_that_would_follow(sent, ada, ben, dan, client_of, delivered):
    """One POST, by a mail program: no cookie, no token against forgery. The next sender is told what all are told."""
    path = sent.message()["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]
    program = Client(enforce_csrf_checks=True)
    assert program.get(f"/{path}").status_code == 200
    send_card(by=ben, card_id=card_of(ben).pk, address="eve@example.org")
    assert program.post(f"/{path}", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert delivered() == []
    card = card_of(dan)
    for address in ("EVE@example.org", "new@example.org", "ada@example.org"):
        assert "goes out within a few minutes" in post(client_of(dan), "card_send", card, address=address)
    assert sorted(mail.to[0] for mail in delivered()) == ["ada@example.org", "new@example.org"]


def test_a_token_that_is_not_ours_stops_nothing(client, ada):
    card = card_of(ada)
    for token in ("x", card.token, actions.hash_of("eve@example.org")):
        assert client.post(reverse("address_refuse", args=[token])).status_code == 404


def test_spellings_of_one_address_are_one(db):
    hashed = actions.hash_of("Eve@Bücher.example")
    assert {actions.hash_of("eve@xn--bcher-kva.example"), actions.hash_of(" EVE@bücher.EXAMPLE ")} == {hashed}
    assert actions.hash_of("eva@bücher.example") != hashed
    refuse_address(address_sha256=hashed)
    refuse_address(address_sha256=hashed)


def test_mails_have_their_limits_and_say_so(ada, client_of):
    client, card, other = client_of(ada), card_of(ada), card_of(ada, "Another")
    assert "goes out" in post(client, "card_send", card, address="one@example.org")
    assert "sent to this address already" in post(client, "card_send", card, address="ONE@example.org")
    assert "Within the last thirty days" in post(client, "card_send", other, address="one@example.org")
    CardMail.objects.update(asked_at=clock.now() - dt.timedelta(days=31))
    assert "goes out" in post(client, "card_send", other, address="one@example.org")
    assert "This is your own address." in post(client, "card_send", card, address="Ada@example.org")
    for number in range(4):
        assert "goes out" in post(client, "card_send", card, address=f"{number}@example.org")
    assert "That is 5 mails within a day." in post(client, "card_send", card, address="five@example.org")
    revoke_card(by=ada, card_id=card.pk)
    assert "You have taken this card back." in post(client, "card_send", card, address="six@example.org")
    assert Notice.objects.filter(kind="card:letter").count() == 6


@pytest.mark.parametrize(
    "address",
    [
        *("", "eve", "eve@", "@example.org", "a@b\nBcc: c@example.org", "eve@example.org\r\nBcc: x@example.org"),
        *("eve@example.org,ben@example.org", "eve\0@example.org", "Eve <eve@example.org>", "é@example.org"),
        "x" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_gets_no_mail(ada, client_of, address):
    page = post(client_of(ada), "card_send", card_of(ada), address=address)
    assert "Error:" in page
    assert not Notice.objects.filter(kind="card:letter").exists()


def test_an_odd_name_reaches_no_header(ada, delivered):
    save_profile(by=ada, name="Ada \u202e<b>Bright</b>", headline="", about="")
    send_card(by=ada, card_id=card_of(ada, "<script>alert(1)</script>").pk, address="eve@xn--bcher-kva.example")
    [mail] = delivered()
    assert "\n" not in mail.subject
    [(html, _type)] = mail.alternatives
    assert "<script>" not in html
    assert "<b>Bright" not in html
