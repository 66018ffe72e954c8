"""What may become of a proposal, as a table."""

from itertools import product

import pytest

from matching.proposing import NOBODY, OPEN, TABLE, Answer, Move, Party, Standing, State, after, moves_of

NONE, YES, NO = Answer.NONE, Answer.YES, Answer.NO


def at(first: Answer, second: Answer, state: State = State.ASKED) -> Standing:
    return Standing(state, first, second)


@pytest.mark.parametrize(
    ("before", "move", "by", "to"),
    [
        (at(NONE, NONE), Move.YES, Party.FIRST, at(YES, NONE)),
        (at(NONE, YES), Move.YES, Party.FIRST, at(YES, YES, State.MET)),
        (at(YES, NONE), Move.YES, Party.SECOND, at(YES, YES, State.MET)),
        (at(NO, YES), Move.YES, Party.FIRST, at(YES, YES, State.MET)),
        (at(NONE, YES), Move.NO, Party.FIRST, at(NO, YES)),
        (at(YES, NO), Move.NO, Party.FIRST, at(NO, NO)),
        (at(YES, NO), Move.YES, Party.FIRST, None),
        (at(YES, NO), Move.WITHDRAWN, Party.PROPOSER, at(YES, NO, State.WITHDRAWN)),
        (at(YES, NO), Move.LAPSED, NOBODY, at(YES, NO, State.LAPSED)),
        (at(YES, YES, State.MET), Move.WITHDRAWN, Party.PROPOSER, None),
        (at(YES, YES, State.MET), Move.NO, Party.FIRST, None),
        (at(YES, NO, State.LAPSED), Move.YES, Party.SECOND, None),
        (at(NONE, NONE), Move.YES, Party.PROPOSER, None),
        (at(NONE, NONE), Move.WITHDRAWN, Party.FIRST, None),
    ],
)
def test_the_table(before, move, by, to):
    assert after(before, move, by) == to


def test_who_asked_may_always_do_the_same_until_they_meet():
    """Else a button that is there or not would tell of an answer."""
    assert {moves_of(standing, Party.PROPOSER) for standing in OPEN} == {frozenset({Move.WITHDRAWN})}


def test_what_one_may_do_depends_on_no_answer_but_their_own():
    for party, (mine, *others) in product((Party.FIRST, Party.SECOND), product(Answer, Answer, Answer)):
        standings = [at(mine, each) if party is Party.FIRST else at(each, mine) for each in others]
        open_ones = [each for each in standings if each in OPEN]
        assert len({moves_of(each, party) for each in open_ones}) <= 1


def test_the_two_are_alike():
    for (before, move, by), to in TABLE.items():
        if by in (Party.FIRST, Party.SECOND):
            turned = Party.SECOND if by == Party.FIRST else Party.FIRST
            mirrored = after(at(before.second, before.first), move, turned)
            assert mirrored == at(to.second, to.first, to.state)
