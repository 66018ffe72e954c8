"""The invited answers, the inviter answers back, and every wrong moment gets a sentence."""

import itertools
from functools import partial

import pytest
from django.db import transaction

from accounts.rules import Refused
from matching.actions.blocks import block
from matching.actions.introductions import accept, answer, ask, close, decline, lapse_all, propose, withdraw
from matching.lifecycle import ANSWER, ENDED, EXPLANATION, NOBODY, TABLE, YES, Move, Side, State, after, moves_of
from matching.models import Introduction
from tests.days import advance
from tests.matching.conftest import RHYTHM, conversation, invitation

pytestmark = pytest.mark.django_db

OTHER_RHYTHM = {"every_weeks": 2, "minutes": 30, "weeks": 12}
VERBS = {
    Move.ACCEPTED: accept,
    Move.ASKED: partial(ask, text="What do you write?"),
    Move.ANSWERED: partial(answer, text="Novels."),
    Move.PROPOSED: partial(propose, **OTHER_RHYTHM),
    Move.DECLINED: decline,
    Move.WITHDRAWN: withdraw,
    Move.CLOSED: close,
}


def at(standing, ada, ben) -> Introduction:
    """Return an introduction of Ada's to Ben that stands there."""
    introduction = invitation(ada, ben)
    if standing == ANSWER:
        return introduction
    if standing == EXPLANATION:
        return ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What do you write?")
    if standing == YES:
        return propose(by=ben, introduction_id=introduction.pk, seen_move=1, **OTHER_RHYTHM)
    if standing.state == State.DECLINED:
        return decline(by=ben, introduction_id=introduction.pk, seen_move=1)
    if standing.state == State.WITHDRAWN:
        return withdraw(by=ada, introduction_id=introduction.pk, seen_move=1)
    if standing.state == State.LAPSED:
        advance(days=14)
        lapse_all()
        introduction.refresh_from_db()
        return introduction
    introduction = accept(by=ben, introduction_id=introduction.pk, seen_move=1)
    if standing.state == State.CLOSED:
        introduction = close(by=ben, introduction_id=introduction.pk, seen_move=2)
    return introduction


STANDINGS = [ANSWER, EXPLANATION, YES, *dict.fromkeys(to for to in TABLE.values() if to.turn_of is None)]


@pytest.mark.parametrize("standing", STANDINGS, ids=str)
def test_each_verb_does_what_the_table_says_and_nothing_else(ada, ben, standing):
    introduction = at(standing, ada, ben)
    before = introduction.moves
    done = set()
    for kind, side in itertools.product(VERBS, Side):
        act = partial(VERBS[kind], by=introduction.member(side), introduction_id=introduction.pk, seen_move=before)
        with transaction.atomic():
            to = after(standing, kind, side)
            if to is None:
                with pytest.raises(Refused, match="That cannot be done now:"):
                    act()
            else:
                act()
                done.add(kind)
            introduction.refresh_from_db()
            assert introduction.standing == (to or standing)
            assert introduction.moves == before + bool(to) == introduction.story.count()
            transaction.set_rollback(True)
    assert done == {kind for at, kind, who in TABLE if at == standing and who}


def test_the_table_has_no_way_out_of_an_end():
    assert not {at for at, _move, _who in TABLE} & set(ENDED.values())
    assert moves_of(ANSWER, NOBODY) == {Move.LAPSED, Move.WITHDRAWN}
    assert moves_of(ANSWER, Side.INVITER) == {Move.WITHDRAWN}
    assert moves_of(YES, Side.INVITER) == {Move.ACCEPTED, Move.PROPOSED, Move.WITHDRAWN}


def test_a_proposal_is_a_yes_that_waits_for_the_other(ada, ben):
    introduction = at(YES, ada, ben)
    assert introduction.rhythm == (2, 30, 12)
    introduction = accept(by=ada, introduction_id=introduction.pk, seen_move=2)
    assert (introduction.state, introduction.rhythm) == (State.ACCEPTED, (2, 30, 12))


def test_a_question_and_its_answer_stand_in_the_story(ada, ben):
    introduction = at(EXPLANATION, ada, ben)
    answer(by=ada, introduction_id=introduction.pk, seen_move=2, text="Novels.")
    assert [(move.number, move.kind, move.author, move.text) for move in introduction.story.all()][1:] == [
        (2, "asked", ben, "What do you write?"),
        (3, "answered", ada, "Novels."),
    ]


def test_acting_on_a_page_that_is_out_of_date_says_what_happened(ada, ben):
    introduction = invitation(ada, ben)
    ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What do you write?")
    with pytest.raises(Refused, match=r"Something came in between: Ben asked for more\."):
        withdraw(by=ada, introduction_id=introduction.pk, seen_move=1)
    introduction.refresh_from_db()
    assert introduction.state == State.SENT


def test_the_same_form_sent_twice_is_one_move(ada, ben):
    introduction = invitation(ada, ben)
    for _click in range(2):
        ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What do you write?")
    assert introduction.story.count() == 2
    with pytest.raises(Refused, match=r"You asked Ada for more\."):
        ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="Something else")


def test_what_has_run_out_has_lapsed_though_nobody_marked_it(ada, ben):
    introduction = invitation(ada, ben)
    advance(days=14)
    for by, verb in itertools.product((ada, ben), VERBS.values()):
        with pytest.raises(Refused, match="the invitation lapsed"):
            verb(by=by, introduction_id=introduction.pk, seen_move=1)
    assert Introduction.objects.open_between(ada, ben) is None


def test_a_move_gives_it_fourteen_days_again(ada, ben):
    introduction = invitation(ada, ben)
    advance(days=13)
    introduction = ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What do you write?")
    advance(days=13)
    assert lapse_all() == 0
    advance(days=1)
    assert lapse_all() == 1
    assert lapse_all() == 0
    assert introduction.story.last().by == ""


def test_a_conversation_does_not_lapse(ada, ben):
    conversation(ada, ben)
    advance(days=99)
    assert lapse_all() == 0


def test_a_private_reason_is_in_no_line_of_the_story(ada, ben):
    introduction = invitation(ada, ben)
    decline(by=ben, introduction_id=introduction.pk, seen_move=1, reason="I am ill.", is_private=True)
    introduction.refresh_from_db()
    assert (introduction.decline_reason, introduction.is_reason_private) == ("I am ill.", True)
    assert introduction.story.last().text == ""


def test_a_stranger_is_told_that_it_is_not_there(ada, ben, chloe):
    introduction = invitation(ada, ben)
    for verb in VERBS.values():
        with pytest.raises(Refused, match="not there any more"):
            verb(by=chloe, introduction_id=introduction.pk, seen_move=1)


@pytest.mark.parametrize("blocker", ["ada", "ben"])
def test_a_block_ends_what_is_open_and_neither_is_told(ada, ben, blocker, delivered):
    introduction = invitation(ada, ben)
    by, other = (ada, ben) if blocker == "ada" else (ben, ada)
    block(by=by, member=other)
    introduction.refresh_from_db()
    assert (introduction.state, introduction.story.last().by) == (State.WITHDRAWN, "")
    assert delivered() == []
    with pytest.raises(Refused, match="not there any more"):
        accept(by=ben, introduction_id=introduction.pk, seen_move=2)


def test_a_block_closes_a_conversation(ada, ben):
    introduction = conversation(ada, ben)
    for _twice in range(2):
        block(by=ben, member=ada)
    introduction.refresh_from_db()
    assert introduction.state == State.CLOSED
    assert RHYTHM["minutes"] == introduction.minutes
