"""Two people, or two tabs, do something with one card at the very same moment."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.actions.erasing import erase
from accounts.models import Notice, User
from accounts.rules import Refused
from matching.actions import cards, guests
from matching.actions.blocks import block
from matching.actions.cards import make_card, renew_card, restore_card, revoke_card, send_card
from matching.actions.guests import join, tie, use_card
from matching.models import Card, CardMail, GuestSide, Introduction
from tests.people import member
from tests.together import at_once

ROUNDS = 12

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db, monkeypatch) -> dict[str, User]:
    monkeypatch.setattr(cards, "MOST_MAILS_A_DAY", 10_000)
    return {name: member(f"{name}@example.org", name.title()) for name in ("ada", "ben", "eve")}


def card_of(ada: User, note: str = "Shall we?") -> Card:
    return make_card(by=ada, note=note, goal_id=None, listing_ids=[])


def use(card: Card, by: User) -> Callable[[], Any]:
    return partial(use_card, by=by, card_id=card.pk, seed=card.seed)


def is_refused(outcome: Any) -> bool:
    return isinstance(outcome, Refused)


def two_guests(ada: User, ben: User, eve: User) -> bool:
    """One of them meets Ada, and the other is told that the card is not valid."""
    card = card_of(ada)
    outcomes = at_once(use(card, ben), use(card, eve))
    [introduction] = Introduction.objects.all()
    card.refresh_from_db()
    [told] = [str(each) for each in outcomes if is_refused(each)]
    return outcomes.count(introduction) == 1 and card.introduction == introduction and "not valid" in told


def one_guest_twice(ada: User, ben: User, eve: User) -> bool:
    card = card_of(ada)
    outcomes = at_once(use(card, ben), use(card, ben))
    return outcomes == [Introduction.objects.get()] * 2 and Introduction.objects.get().moves == 2


def revoke_against_answer(ada: User, ben: User, eve: User) -> bool:
    """Either they meet, or the card is taken back; never both, never neither."""
    return one_of_two(ada, ben, revoke_card)


def renew_against_answer(ada: User, ben: User, eve: User) -> bool:
    return one_of_two(ada, ben, renew_card)


def one_of_two(ada: User, ben: User, verb: Callable[..., Card]) -> bool:
    card = card_of(ada)
    outcomes = at_once(partial(verb, by=ada, card_id=card.pk), use(card, ben))
    now = Card.objects.get()
    met = Introduction.objects.count()
    has_ended = now.revoked_at is not None or now.seed != card.seed
    return sum(map(is_refused, outcomes)) == 1 and bool(now.used_at) == (met == 1) != has_ended


def block_against_answer(ada: User, ben: User, eve: User) -> bool:
    """Whoever comes first, none who is blocked has an open conversation."""
    card = card_of(ada)
    outcomes = at_once(partial(block, by=ada, member=ben), use(card, ben))
    faults = [each for each in outcomes if isinstance(each, Exception) and not is_refused(each)]
    is_open = Introduction.objects.standing().exists()
    ada.blocks.all().delete()
    return not faults and not is_open


def join_twice(ada: User, ben: User, eve: User) -> bool:
    """Two tabs in which one has just logged in."""
    card = card_of(ada)
    side = guests.begin_side(card_id=card.pk, seed=card.seed)
    guests.add_to_side(side_id=side.pk, side="offer", phrase="Beekeeping", kind="skill", level=2)
    tie(member=ben, side_ids=[side.pk])
    outcomes = at_once(*[partial(join, by=ben, side_id=side.pk)] * 2)
    introduction = Introduction.objects.get()
    count = ben.listings.count()
    ben.listings.all().delete()
    return {type(each) for each in outcomes} <= {Introduction, type(None)} and introduction in outcomes and count == 1


def one_address_twice(ada: User, ben: User, eve: User) -> bool:
    card = card_of(ada)
    send = partial(send_card, by=ada, card_id=card.pk, address="guest@example.org")
    outcomes = at_once(send, send)
    return sum(map(is_refused, outcomes)) == 1 and Notice.objects.filter(kind="card:letter").count() == 1


def limit_of_open_cards(ada: User, ben: User, eve: User) -> bool:
    """A card is put back and another made where there is room for one."""
    card = card_of(ada)
    revoke_card(by=ada, card_id=card.pk)
    outcomes = at_once(partial(restore_card, by=ada, card_id=card.pk), partial(card_of, ada))
    return sum(map(is_refused, outcomes)) == 1 and Card.objects.open().count() == 1


def owner_leaves(ada: User, ben: User, eve: User) -> bool:
    leaver = member("leaver@example.org", "Lea")
    card = card_of(leaver)
    outcomes = at_once(partial(erase, by=leaver, site_url="http://localhost"), use(card, ben))
    faults = [each for each in outcomes if isinstance(each, Exception) and not is_refused(each)]
    return not faults and not Card.objects.exists() and not Introduction.objects.exists()


RACES = [
    *(two_guests, one_guest_twice, revoke_against_answer, renew_against_answer, block_against_answer, join_twice),
    *(one_address_twice, limit_of_open_cards, owner_leaves),
]


def wrong_rounds(race: Callable[..., bool], people: dict[str, User], rounds: int, monkeypatch) -> int:
    """Run a race so many times, each from the start; return how many rounds went wrong."""
    with monkeypatch.context() as patched:
        if race is limit_of_open_cards:
            patched.setattr(cards, "MOST_OPEN", 1)
        wrong = 0
        for _number in range(rounds):
            try:
                wrong += not race(**people)
            except (ValueError, Introduction.DoesNotExist, Introduction.MultipleObjectsReturned):
                wrong += 1
            for model in (CardMail, GuestSide, Card, Introduction, Notice):
                model.objects.all().delete()
    return wrong


@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong(race, people, monkeypatch):
    assert wrong_rounds(race, people, ROUNDS, monkeypatch) == 0


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong_in_many_rounds(race, people, monkeypatch):
    assert wrong_rounds(race, people, 100, monkeypatch) == 0


# Of a card that is taken back and answered the database itself says that it cannot be both.
@pytest.mark.parametrize("race", [two_guests, renew_against_answer, limit_of_open_cards, one_guest_twice])
def test_without_the_locks_it_does(race, people, monkeypatch):
    """Cards are read as before, and nobody is held up."""

    def read_pair(one_id: int, other_id: int) -> dict[int, User]:
        found = User.objects.select_related("profile").filter(pk__in={one_id, other_id})
        return {user.pk: user for user in found}

    monkeypatch.setattr(guests, "lock_pair", read_pair)
    monkeypatch.setattr("django.db.models.QuerySet.select_for_update", lambda self, **_how: self.all())
    for _attempt in range(20):
        if wrong_rounds(race, people, 5, monkeypatch):
            return
    pytest.fail("It went well without the locks: either they are not needed, or this test sees nothing.")
