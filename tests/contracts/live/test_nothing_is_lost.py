"""What was typed stays: web processes are killed, Redis forgets, connections break. The long runs are bench/loss.py."""

from collections.abc import Iterator

import pytest

from bench.live import Clients
from bench.loss import Outcome, all_leave, config_of, edit_and_kill, is_refused, log_of, stored
from tests.serving import Web

pytestmark = pytest.mark.django_db(transaction=True)

SEEDS = [
    pytest.param(seed, operations, kills, marks=pytest.mark.slow if seed else [])
    for seed, operations, kills in [(0, 300, 2), (101, 1_500, 6), (102, 1_500, 6), (103, 1_500, 6)]
]


@pytest.fixture
def editors() -> Iterator[Clients]:
    with Clients("editors.mjs") as clients:
        yield clients


@pytest.fixture
def killable(webs, servers) -> Iterator[list[Web]]:
    """The web processes, which are there again afterwards."""
    yield webs
    for web in webs:
        if not web.is_running:
            web.stop()
            web.start()


def check(outcome: Outcome) -> None:
    assert outcome.faults == []
    assert outcome.is_settled
    assert outcome.in_vain == 0, "no update was on its way when a process was killed"
    assert outcome.acknowledged > 0
    assert outcome.not_in_the_log == 0
    assert (outcome.lost, outcome.doubled, outcome.back, outcome.texts) == ([], [], [], 1)


@pytest.mark.parametrize(("seed", "operations", "kills"), SEEDS)
def test_six_edit_while_web_processes_are_killed_and_each_word_is_there_once(
    begun, killable, editors, seed, operations, kills
):
    config = config_of(begun, killable, seed=seed, pause=60)
    outcome = edit_and_kill(editors, killable, config, operations=operations, kills=kills, look_up=log_of(begun.pk))
    check(outcome)
    assert outcome.operations >= operations
    there = stored(begun.pk)
    assert {word: count for word, count in there.words.items() if count != 1} == {}
    assert set(there.words) == outcome.stands
    assert there.text == there.shown == outcome.text
    if seed:
        after = all_leave(editors, killable)
        assert (after.lost, after.doubled, after.text) == ([], [], outcome.text)


@pytest.mark.parametrize(("seed", "operations", "kills"), SEEDS[:2])
def test_clients_that_cut_characters_in_two_lose_nothing_and_another_text_is_not_signed(
    ready, killable, editors, seed, operations, kills
):
    config = config_of(ready, killable, seed=seed + 7, pause=60, cuts=True)
    outcome = edit_and_kill(editors, killable, config, operations=operations, kills=kills, look_up=log_of(ready.pk))
    check(outcome)
    assert outcome.cuts > 0
    there = stored(ready.pk)
    assert {word: count for word, count in there.words.items() if count != 1} == {}
    assert set(there.words) == outcome.stands
    if there.text != outcome.text:
        assert is_refused(ready.pk, outcome.text)
