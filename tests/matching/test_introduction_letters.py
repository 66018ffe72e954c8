"""The mails of introductions and conversations: who gets which, when, and when not."""

import pytest

from accounts.models import Notice
from matching.actions.blocks import block
from matching.actions.conversations import read
from matching.actions.introductions import accept, answer, ask, close, decline, lapse_all, propose, withdraw
from tests.days import advance
from tests.matching.conftest import RHYTHM, conversation, invitation, write

pytestmark = pytest.mark.django_db


def told(mails) -> list[tuple[str, str]]:
    return [(mail.to[0].partition("@")[0], mail.subject) for mail in mails]


def test_an_invitation_tells_who_why_and_how_often(ada, ben, delivered):
    introduction = invitation(ada, ben, "Your books\nagainst mine?")
    [mail] = delivered()
    assert told([mail]) == [("ben", "Ada Bright would like to talk with you")]
    for sentence in (
        "Ada gives you: Writing",
        "Ada learns from you: Bookkeeping",
        "Rhythm: every week, 60 minutes, for 8 weeks",
        "Your books\nagainst mine?",
        f"/introductions/{introduction.pk}/",
        "You get this because Ada Bright invited you",
    ):
        assert sentence in mail.body
    [(html, _kind)] = mail.alternatives
    assert "Your books<br>against mine?" in html


def test_each_move_is_told_to_the_other(ada, ben, delivered):
    introduction = invitation(ada, ben)
    delivered()
    pk = introduction.pk
    ask(by=ben, introduction_id=pk, seen_move=1, text="What do you write?")
    assert told(mails := delivered()) == [("ada", "Ben would like to know more before saying yes")]
    assert "What do you write?" in mails[0].body
    answer(by=ada, introduction_id=pk, seen_move=2, text="Novels.")
    assert told(delivered()) == [("ben", "Ada has answered your question")]
    propose(by=ben, introduction_id=pk, seen_move=3, every_weeks=2, minutes=30, weeks=12)
    assert told(mails := delivered()) == [("ada", "Ben proposes another rhythm")]
    assert "every two weeks, 30 minutes, for 12 weeks" in mails[0].body
    accept(by=ada, introduction_id=pk, seen_move=4)
    assert told(delivered()) == [("ben", "Ada said yes: you can talk now")]
    close(by=ben, introduction_id=pk, seen_move=5)
    assert delivered() == []


@pytest.mark.parametrize("is_private", [True, False])
def test_a_no_is_kind_and_keeps_a_private_reason(ada, ben, delivered, is_private):
    introduction = invitation(ada, ben)
    delivered()
    decline(by=ben, introduction_id=introduction.pk, seen_move=1, reason="I am ill.", is_private=is_private)
    [mail] = delivered()
    assert told([mail]) == [("ada", "Ben says: not now")]
    said = " ".join(mail.body.split())
    assert "no judgement of you" in said
    # Nobody else may fit: nothing is promised.
    assert "Whoever else fits now, or comes later, stands on your list of partners." in said
    assert ("I am ill." in mail.body + mail.alternatives[0][0]) is not is_private


def test_what_has_changed_before_the_mail_went_is_not_told(ada, ben, delivered):
    withdraw(by=ada, introduction_id=invitation(ada, ben).pk, seen_move=1)
    assert delivered() == []
    introduction = invitation(ada, ben)
    ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What?")
    answer(by=ada, introduction_id=introduction.pk, seen_move=2, text="That.")
    assert told(delivered()) == [("ben", "Ada has answered your question")]


def test_reminders_on_days_seven_and_twelve_and_then_silence(ada, ben, delivered):
    invitation(ada, ben)
    delivered()
    days = {}
    for day in range(1, 20):
        advance(days=1)
        lapse_all()
        if mails := delivered():
            days[day] = told(mails)
    assert days == {
        7: [("ben", "Ada is waiting for a word from you")],
        12: [("ben", "Ada is waiting for a word from you")],
    }


def test_reminders_go_to_whose_turn_it_is_and_begin_anew_with_each_move(ada, ben, delivered):
    introduction = invitation(ada, ben)
    advance(days=6)
    ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What?")
    delivered()
    advance(days=6)
    assert delivered() == []
    advance(days=1)
    [mail] = delivered()
    assert told([mail]) == [("ada", "Ben is waiting for a word from you")]
    assert "In 7 days the invitation lapses" in mail.body
    accept(by=ben, introduction_id=introduction.pk, seen_move=2)
    delivered()
    advance(days=30)
    assert delivered() == []


def test_messages_come_bundled_ten_minutes_after_the_first(ada, ben, delivered):
    introduction = conversation(ada, ben)
    delivered()
    write(introduction, ada, "Between us")
    advance(minutes=9)
    write(introduction, ada)
    write(introduction, ada)
    assert delivered() == []
    advance(minutes=1)
    [mail] = delivered()
    assert told([mail]) == [("ben", "Ada has written to you 3 times")]
    assert "Between us" not in mail.body  # what is written stays on the page
    write(introduction, ada)
    advance(minutes=30)
    assert delivered() == []  # one a day for each run of what is unread


def test_what_was_read_meanwhile_is_not_told_and_the_next_run_is(ada, ben, delivered):
    introduction = conversation(ada, ben)
    delivered()
    first = write(introduction, ada)
    read(by=ben, introduction_id=introduction.pk, up_to=first.pk)
    advance(minutes=10)
    assert delivered() == []
    write(introduction, ada)
    advance(minutes=10)
    assert told(delivered()) == [("ben", "Ada has written to you")]


@pytest.mark.parametrize("blocker", ["ada", "ben"])
def test_nothing_goes_to_a_pair_with_a_block(ada, ben, delivered, blocker):
    write(conversation(ada, ben), ada)
    block(by=ada if blocker == "ada" else ben, member=ben if blocker == "ada" else ada)
    advance(days=1)
    assert delivered() == []
    assert not Notice.objects.filter(state="failed").exists()


def test_who_has_left_is_written_to_no_more_and_what_they_wrote_is_not_sent(ada, ben, delivered):
    invitation(ada, ben)
    ada.delete()
    assert delivered() == []
    assert Notice.objects.get(key__contains="introduction", key__endswith=":1").state == "cancelled"


def test_notices_hold_ids_and_no_words(ada, ben):
    write(conversation(ada, ben), ada)
    for notice in Notice.objects.all():
        assert set(notice.context) <= {"introduction", "move", "day"}
    assert RHYTHM["weeks"] == 8
