"""Both press at once: one order comes of it, and nothing that was acknowledged is lost."""

import pytest

from contracts.actions import drafting, ending
from contracts.lifecycle import State
from contracts.models import Contract, Event
from tests.contracts.races import RACES, Pair, run, without_the_lock
from tests.pairs import introduce
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 25
LONG = 200


@pytest.fixture
def pair(transactional_db, ready) -> Pair:
    return Pair(ready)


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(LONG, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", RACES)
def test_every_round_of_a_race_comes_out_right(pair, name, rounds):
    tally = run(pair, RACES[name], rounds)
    assert (tally.rounds, tally.wrong, tally.first_wrong) == (rounds, 0, "")
    assert tally.overlapped > rounds / 4


@pytest.mark.parametrize("name", ["sign against sign", "sign against edit", "edit against edit"])
def test_without_the_lock_the_same_race_goes_wrong(pair, name):
    with without_the_lock():
        tally = run(pair, RACES[name], ROUNDS)
    assert tally.wrong > 0


def test_two_who_begin_at_once_have_one_draft(transactional_db, ada, ben):
    introduction = introduce(ada, ben)
    outcomes = at_once(
        *[lambda by=by: drafting.start(by=by, introduction_id=introduction.pk) for by in (ada, ben, ada, ben)]
    )
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert Event.objects.filter(kind="started").count() == 1


def test_both_say_done_at_once(transactional_db, ada, ben, in_force):
    outcomes = at_once(*[lambda by=by: ending.say_done(by=by, contract_id=in_force.pk) for by in (ada, ben)])
    assert sorted(outcomes) == [State.DONE, State.IN_FORCE]
    assert Contract.objects.get().state == State.DONE


def test_both_add_at_once_and_both_stay(transactional_db, ada, ben, begun):
    from contracts import draft

    add = drafting.add_part
    at_once(
        *[
            lambda by=by, n=n: add(
                by=by,
                contract_id=begun.pk,
                kind="have",
                side=begun.side_of(by),
                content={"kind": "skill", "text": f"x{n}"},
            )
            for n in range(5)
            for by in (ada, ben)
        ]
    )
    texts = [
        content["text"] for key, content in draft.contents(begun).items() if content.get("text", "").startswith("x")
    ]
    assert sorted(texts) == sorted([f"x{n}" for n in range(5)] * 2)
