"""A member invites another to talk."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection, transaction

from accounts import clock
from accounts.actions.blocks import block
from accounts.actions.pausing import pause
from accounts.models import Profile
from accounts.rules import Refused
from matching.actions import introductions
from matching.actions.introductions import accept, ask, decline, invite, lapse_all, propose, withdraw
from matching.lifecycle import Move, State
from matching.models import Introduction, IntroductionMove
from tests.days import advance
from tests.matching.conftest import NOTE, RHYTHM, conversation, invitation
from tests.people import member, settle

pytestmark = pytest.mark.django_db


def somebody(number: int):
    return settle(member(f"x{number}@example.org", f"Xenia {number}"), offers={"Tea": 1}, needs={"Cake": 1})


def test_an_invitation_holds_what_was_said(ada, ben):
    introduction = invite(by=ada, member_id=ben.pk, note="Hello Ben", every_weeks=2, minutes=45, weeks=12)
    introduction.refresh_from_db()
    assert (introduction.inviter, introduction.invited, introduction.state) == (ada, ben, State.SENT)
    assert (introduction.rhythm, introduction.turn_of, introduction.moves) == ((2, 45, 12), "invited", 1)
    assert introduction.lapses_at - introduction.moved_at == dt.timedelta(days=14)
    [move] = introduction.story.all()
    assert (move.number, move.kind, move.by, move.author, move.text) == (1, Move.SENT, "inviter", ada, "Hello Ben")


def test_it_is_visible_to_its_two_members_alone(ada, ben, chloe):
    introduction = invitation(ada, ben)
    assert Introduction.objects.open_between(ben, ada) == introduction
    assert [list(Introduction.objects.visible_to(each)) for each in (ada, ben, chloe)] == [
        [introduction],
        [introduction],
        [],
    ]
    assert [introduction.is_party(each) for each in (ada, ben, chloe)] == [True, True, False]
    assert (introduction.other(ada), introduction.other(ben)) == (ben, ada)
    block(by=ben, member=ada)
    assert not Introduction.objects.visible_to(ada).exists()
    assert not Introduction.objects.visible_to(ben).exists()


def test_two_who_invite_each_other_are_in_one_conversation_and_both_notes_are_kept(ada, ben):
    first = invitation(ada, ben, "From Ada")
    second = invitation(ben, ada, "From Ben", minutes=30)
    assert first == second
    assert second.state == State.ACCEPTED
    assert second.rhythm == (1, 60, 8)
    assert [(move.kind, move.text, move.minutes) for move in second.story.all()] == [
        (Move.SENT, "From Ada", 60),
        (Move.ACCEPTED, "From Ben", 30),
    ]


def test_who_has_asked_for_more_and_then_invites_says_yes(ada, ben):
    introduction = invitation(ada, ben)
    ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="How often?")
    assert invitation(ben, ada).state == State.ACCEPTED


def refused(ada, ben) -> str:
    with pytest.raises(Refused) as refusal:
        invitation(ada, ben)
    return str(refusal.value)


def test_what_is_open_already_is_not_opened_again(ada, ben):
    introduction = invitation(ada, ben)
    assert refused(ada, ben) == "You have invited Ben already."
    propose(by=ben, introduction_id=introduction.pk, seen_move=1, **{**RHYTHM, "minutes": 30})
    assert refused(ben, ada) == "You have proposed another rhythm to Ada, and the answer is still to come."
    accept(by=ada, introduction_id=introduction.pk, seen_move=2)
    assert refused(ada, ben) == "You and Ben are talking already."


@pytest.mark.parametrize("reason", ["blocked", "blocker", "pausing", "left", "oneself"])
def test_whom_one_cannot_see_one_cannot_invite(ada, ben, reason):
    other = ben.pk
    if reason == "blocked":
        block(by=ada, member=ben)
    elif reason == "blocker":
        block(by=ben, member=ada)
    elif reason == "pausing":
        pause(by=ben, until=None)
    elif reason == "left":
        ben.delete()
    else:
        other = ada.pk
    with pytest.raises(Refused, match="is not here"):
        invite(by=ada, member_id=other, note=NOTE, **RHYTHM)
    assert not Introduction.objects.exists()


def test_a_name_and_a_confirmed_address_come_first(ada, ben):
    EmailAddress.objects.filter(user=ada).update(verified=False)
    assert "Confirm your e-mail address first" in refused(ada, ben)
    Profile.objects.filter(member=ada).update(name="")
    assert "Write your name on your profile first" in refused(ada, ben)


def test_who_pauses_comes_back_before_they_invite(ada, ben):
    pause(by=ada, until=None)
    assert "You are pausing" in refused(ada, ben)


def test_after_a_no_thirty_days_go_by(ada, ben):
    introduction = invitation(ada, ben)
    decline(by=ben, introduction_id=introduction.pk, seen_move=1)
    day = clock.now() + dt.timedelta(days=30)
    assert f"from {day.day} {day:%B %Y} on" in refused(ada, ben)
    advance(days=29)
    assert "did not take up" in refused(ada, ben)
    advance(days=1)
    assert invitation(ada, ben).state == State.SENT


def test_who_said_no_may_invite_themselves_at_once(ada, ben):
    decline(by=ben, introduction_id=invitation(ada, ben).pk, seen_move=1)
    assert invitation(ben, ada).state == State.SENT


def test_after_a_silence_thirty_days_go_by_from_the_day_it_lapsed(ada, ben):
    introduction = invitation(ada, ben)
    advance(days=15)
    assert "did not take up" in refused(ada, ben)
    # That it had lapsed is written down by whoever sees it first, and taken back with what was refused.
    assert lapse_all() == 1
    introduction.refresh_from_db()
    assert (introduction.state, introduction.ended_at) == (State.LAPSED, introduction.lapses_at)
    advance(days=29)
    assert invitation(ada, ben).pk != introduction.pk


def test_what_lapsed_because_of_the_inviter_stands_in_nobodys_way(ada, ben):
    introduction = invitation(ada, ben)
    ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="Why me?")
    advance(days=14)
    assert invitation(ada, ben).pk != introduction.pk


def test_what_was_taken_back_may_be_sent_again(ada, ben):
    withdraw(by=ada, introduction_id=invitation(ada, ben).pk, seen_move=1)
    assert invitation(ada, ben).state == State.SENT


def test_ten_invitations_may_be_open(ada, monkeypatch):
    monkeypatch.setattr(introductions, "MOST_A_DAY", 99)
    for number in range(10):
        sent = invitation(ada, somebody(number))
    other = somebody(10)
    assert refused(ada, other).startswith("10 of your invitations are still open.")
    withdraw(by=ada, introduction_id=sent.pk, seen_move=1)
    invitation(ada, other)


def test_five_a_day_whatever_became_of_them(ada):
    for number in range(5):
        sent = invitation(ada, somebody(number))
        withdraw(by=ada, introduction_id=sent.pk, seen_move=1)
    other = somebody(5)
    assert refused(ada, other).startswith("You have sent 5 invitations within a day.")
    advance(hours=24)
    invitation(ada, other)


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 10},
        {"minutes": 181},
        {"weeks": 3},
        {"weeks": 53},
        {"every_weeks": 3},
        {"state": "ended"},
        {"state": "declined"},
        {"state": "accepted"},
        {"ended_at": clock.Now()},
        {"decline_reason": "No"},
        {"turn_of": "nobody"},
    ],
)
def test_the_database_refuses_what_cannot_be(ada, ben, change):
    introduction = invitation(ada, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        Introduction.objects.filter(pk=introduction.pk).update(**change)


def test_the_database_refuses_a_second_open_one_either_way(ada, ben):
    introduction = conversation(ada, ben)
    for inviter, invited in ((ada, ben), (ben, ada), (ada, ada)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Introduction.objects.create(inviter=inviter, invited=invited, lapses_at=introduction.lapses_at)


def test_a_move_cannot_be_changed_and_goes_with_who_leaves(ada, ben):
    invitation(ada, ben)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        IntroductionMove.objects.update(text="I never said that")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE matching_introductionmove SET number = 2")
    ben.delete()
    assert not IntroductionMove.objects.exists()
    assert not Introduction.objects.exists()
