"""Two people, or two tabs of one, press at the very same moment; and the same without the lock, which must go wrong.

What a race must give is judged by rules that know nothing of locks: one of the two wins, and the other is told in words
what came first. `SENTENCES` are all that may be told.
"""

import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.actions.erasing import erase
from accounts.models import Notice, User
from accounts.rules import Refused
from matching.actions import introductions, pairs
from matching.actions.conversations import read, send_message
from matching.actions.introductions import accept, decline, invite, withdraw
from matching.lifecycle import State
from matching.models import Introduction, Message
from tests.matching.conftest import RHYTHM, conversation, invitation
from tests.people import member
from tests.together import at_once

ROUNDS = 20
MANY_ROUNDS = 200

SENTENCES = re.compile(r"Something came in between: |You have invited |You and \w+ are talking already")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(transactional_db, monkeypatch) -> tuple[User, User]:
    monkeypatch.setattr(introductions, "MOST_A_DAY", 10_000)
    monkeypatch.setattr(introductions, "NO_STANDS_FOR", introductions.NO_STANDS_FOR * 0)
    return member("ada@example.org", "Ada Bright"), member("ben@example.org", "Ben Carter")


@pytest.fixture
def without_the_lock(monkeypatch) -> None:
    """Let the actions read the pair as before, and hold nobody up."""

    def read_pair(one_id: int, other_id: int) -> dict[int, User]:
        people = User.objects.select_related("profile").filter(pk__in={one_id, other_id})
        return {user.pk: user for user in people}

    monkeypatch.setattr(pairs, "lock_pair", read_pair)
    monkeypatch.setattr(introductions, "lock_pair", read_pair)


def told(outcome: Any) -> bool:
    return isinstance(outcome, Refused) and bool(SENTENCES.match(str(outcome)))


def mails_are_once(introduction: Introduction) -> bool:
    """Whether there is one mail for each move that is told, and none besides."""
    keys = Notice.objects.filter(key__startswith=f"introduction:{introduction.pk}:").exclude(key__contains="day")
    telling = introduction.story.filter(kind__in=["sent", "accepted", "declined"])
    return keys.count() == telling.count()


def invite_against_invite(ada: User, ben: User) -> bool:
    """Both ways: in the end there is one introduction, accepted, with both notes."""
    outcomes = at_once(
        partial(invite, by=ada, member_id=ben.pk, note="From Ada", **RHYTHM),
        partial(invite, by=ben, member_id=ada.pk, note="From Ben", **RHYTHM),
    )
    [introduction] = Introduction.objects.all()
    notes = sorted(introduction.story.values_list("text", flat=True))
    is_right = outcomes == [introduction] * 2 and notes == ["From Ada", "From Ben"]
    return is_right and introduction.state == State.ACCEPTED and mails_are_once(introduction)


def invite_twice(ada: User, ben: User) -> bool:
    outcomes = at_once(*[partial(invite, by=ada, member_id=ben.pk, note="Hello", **RHYTHM)] * 2)
    [introduction] = Introduction.objects.all()
    is_right = outcomes.count(introduction) == 1 and sum(map(told, outcomes)) == 1
    return is_right and introduction.moves == introduction.story.count() == 1 and mails_are_once(introduction)


def one_of_two(
    ada: User, ben: User, *acts: Callable[..., Introduction], by: Callable[[User, User], list[User]]
) -> bool:
    """One act wins, and the row, its story and the mails are what that act makes; the other act is told."""
    introduction = invitation(ada, ben)
    what = {"introduction_id": introduction.pk, "seen_move": 1}
    outcomes = at_once(*[partial(act, by=who, **what) for act, who in zip(acts, by(ada, ben), strict=True)])
    introduction.refresh_from_db()
    won = [outcome for outcome in outcomes if isinstance(outcome, Introduction)]
    if len(won) != 1 or sum(map(told, outcomes)) != 1:
        return False
    is_whole = won[0].state == introduction.state == introduction.story.last().kind and introduction.moves == 2
    is_dated = (introduction.accepted_at is None) is not (introduction.ended_at is None)
    return is_whole and is_dated and introduction.story.count() == 2 and mails_are_once(introduction)


def accept_against_withdraw(ada: User, ben: User) -> bool:
    return one_of_two(ada, ben, accept, withdraw, by=lambda ada, ben: [ben, ada])


def accept_against_decline(ada: User, ben: User) -> bool:
    return one_of_two(ada, ben, accept, decline, by=lambda ada, ben: [ben, ben])


def accept_twice(ada: User, ben: User) -> bool:
    """A double click: both are answered as done, and it is one move."""
    introduction = invitation(ada, ben)
    outcomes = at_once(*[partial(accept, by=ben, introduction_id=introduction.pk, seen_move=1)] * 2)
    introduction.refresh_from_db()
    return outcomes == [introduction] * 2 and introduction.story.count() == 2 and mails_are_once(introduction)


def send_twice(ada: User, ben: User) -> bool:
    """A double click: both are answered with the one message."""
    introduction = conversation(ada, ben)
    send = partial(send_message, by=ada, introduction_id=introduction.pk, text="Hello", token=uuid.uuid4())
    outcomes = at_once(send, send)
    [message] = Message.objects.all()
    return outcomes == [message] * 2


def limit_of_ten(ada: User, ben: User) -> bool:
    """Two invitations at once where there is room for one."""
    eve = User.objects.get(email="eve@example.org")
    outcomes = at_once(*[partial(invite, by=ada, member_id=to.pk, note="", **RHYTHM) for to in (ben, eve)])
    return Introduction.objects.count() == 1 and sum(isinstance(outcome, Refused) for outcome in outcomes) == 1


def test_who_leaves_while_the_other_acts_is_no_fault(two):
    ada, _ben = two
    for number in range(8):
        eve = member(f"eve{number}@example.org", "Eve")
        introduction = conversation(ada, eve) if number % 2 else conversation(eve, ada)
        message = send_message(by=eve, introduction_id=introduction.pk, text="Bye", token=uuid.uuid4())
        outcomes = at_once(
            partial(erase, by=eve, site_url="http://localhost"),
            partial(read, by=ada, introduction_id=introduction.pk, up_to=message.pk),
            partial(send_message, by=ada, introduction_id=introduction.pk, text="Hello", token=uuid.uuid4()),
            partial(invite, by=ada, member_id=eve.pk, note="Again?", **RHYTHM),
        )
        faults = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refused)]
        assert faults == []
    assert not Introduction.objects.exists()


RACES = [
    *(invite_against_invite, invite_twice, accept_against_withdraw, accept_against_decline, accept_twice),
    *(send_twice, limit_of_ten),
]


def wrong_rounds(race: Callable[[User, User], bool], two: tuple[User, User], rounds: int, monkeypatch) -> int:
    """Run a race so many times, each from the start; return how many rounds went wrong."""
    if race is limit_of_ten:
        member("eve@example.org", "Eve")
        monkeypatch.setattr(introductions, "MOST_OPEN", 1)
    wrong = 0
    for number in range(rounds):
        # Who is named first starts first, a little: each has a turn.
        wrong += not race(*(two if number % 2 else two[::-1]))
        Introduction.objects.all().delete()
        Notice.objects.all().delete()
    return wrong


@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong(race, two, monkeypatch):
    assert wrong_rounds(race, two, ROUNDS, monkeypatch) == 0


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
def test_nothing_goes_wrong_in_many_rounds(race, two, monkeypatch):
    assert wrong_rounds(race, two, MANY_ROUNDS, monkeypatch) == 0


@pytest.mark.parametrize("race", RACES)
def test_without_the_lock_it_does(race, two, without_the_lock, monkeypatch):
    for _attempt in range(MANY_ROUNDS // 5):
        if wrong_rounds(race, two, 5, monkeypatch):
            return
    pytest.fail("It went well without the lock: either the lock is not needed, or this test sees nothing.")
