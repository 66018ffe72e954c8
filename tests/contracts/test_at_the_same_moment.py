"""Both press at once: one order comes of it, and nothing that was acknowledged is lost."""

import pytest

from accounts.actions.erasing import erase
from accounts.rules import Refused
from contracts.actions import drafting, ending
from contracts.lifecycle import State
from contracts.models import Contract, Edit, Event, Version
from tests.contracts.races import RACES, Pair, run, without_the_lock
from tests.pairs import fill, introduce
from tests.people import member, settle
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12
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


@pytest.mark.parametrize("is_second", [False, True])
def test_one_leaves_while_the_other_signs(transactional_db, ada, is_second):
    for number in range(3):
        ben = settle(member(f"ben{number}@example.org", "Ben Carter"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
        contract = Pair(fill(drafting.start(by=ben, introduction_id=introduce(ben, ada).pk), ben))
        begun = Contract.objects.open().get()
        if is_second:
            contract.sign(ben, begun)()
        outcomes = at_once(contract.sign(ada, begun), lambda ben=ben: erase(by=ben, site_url="https://example.org"))
        assert outcomes[1] is None
        assert isinstance(outcomes[0], Contract | Refused)
        left = Contract.objects.filter(pk=begun.pk).first()
        signed = isinstance(outcomes[0], Contract)
        assert (left is not None) is signed
        if left is not None:
            assert left.second == ada
            assert left.state == (State.PARTED if is_second else State.TAKEN_BACK)
            assert Version.objects.get(contract=left).signatures.filter(side="second").exists()
            assert not Edit.objects.filter(contract=left).exists()


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
