"""What was typed stays: web processes are killed, Redis forgets, connections break. The long runs are bench/loss.py."""

import random
import threading
from collections.abc import Iterator

import pytest
import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection

from bench.live import Clients, address_of
from bench.loss import Outcome, all_leave, config_of, edit_and_kill, is_refused, log_of, stored
from contracts import draft
from contracts.broadcasts import group_of
from tests.contracts.live.tabs import cookie_of
from tests.serving import Web

pytestmark = pytest.mark.django_db(transaction=True)
SHORT = "goal-first.short"

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


def test_what_was_acknowledged_is_on_the_disk_when_the_web_process_is_killed(ada, begun, killable, open_tab):
    hers = open_tab(ada, begun)
    for number in range(2):
        hers("insert", text=SHORT, value=f" kept{number}")
        hers.settle()
        killable[0].kill()
        assert f" kept{number}" in draft.contents_of_the_log(begun)["goal-first"]["short"]
        killable[0].start()


def test_redis_drops_messages_and_turns_them_around_and_both_see_everything(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    is_over = threading.Event()
    dropped = threading.Thread(target=drop_and_shuffle, args=(begun.pk, is_over))
    dropped.start()
    try:
        for number in range(40):
            hers("insert", text=SHORT, value=f"a{number} ")
            his("insert", text=SHORT, at=0, value=f"b{number} ")
        hers.settle()
        his.settle()
    finally:
        is_over.set()
        dropped.join()
    text = draft.contents_of_the_log(begun)["goal-first"]["short"]
    assert all(text.count(f"{who}{number} ") == 1 for who in "ab" for number in range(40))
    assert hers("until_text", text=SHORT, value=text)
    assert his("until_text", text=SHORT, value=text)


def drop_and_shuffle(contract_id: int, is_over: threading.Event) -> None:
    """Cut all web processes off from what Redis says, again and again; then say it to them in any order, some of it
    twice, some never."""
    layer = get_channel_layer()
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    chance = random.Random(4)
    last = 0
    try:
        while not is_over.wait(0.05):
            client.client_kill_filter(_type="pubsub")
            new = draft.updates_after(contract_id, last)
            last = max((number for number, _data in new), default=last)
            for number, data in chance.sample([*new, *new], k=len(new)):
                async_to_sync(layer.group_send)(
                    group_of(contract_id), {"type": "draft.update", "number": number, "data": data}
                )
    finally:
        client.close()
        connection.close()


def test_what_was_lost_while_redis_was_away_is_there_and_new_text_comes_at_once_again(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    layer = get_channel_layer()
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        assert client.client_kill_filter(_type="pubsub") >= 2
    hers("insert", text=SHORT, value=" lost on its way")
    text = hers("text", text=SHORT)
    assert his("until_text", text=SHORT, value=text)
    his("pause", seconds=4)
    # Said by nobody but Redis: that it comes says that they listen again.
    async_to_sync(layer.group_send)(group_of(begun.pk), {"type": "draft.look_again"})
    his("pause", seconds=1)
    assert (hers("seen")["lookAgain"], his("seen")["lookAgain"]) == (1, 1)


@pytest.mark.slow
def test_a_socket_on_which_nobody_types_stays_open(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    for _half in range(2):
        hers("pause", seconds=35)
    assert (hers("seen")["closes"], his("seen")["closes"]) == ([], [])
    hers("insert", text=SHORT, value=" still here")
    assert his("until_text", text=SHORT, value=hers("text", text=SHORT))


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
def test_updates_with_changed_bytes_are_refused_or_kept_and_break_nothing(
    ada, ben, begun, webs, open_tab, count, client_of
):
    his = open_tab(ben, begun, at=1)
    with Clients("mutants.mjs", seconds=1_500) as mutants:
        at = {"address": address_of(webs[0]), "room": f"{begun.pk}/", "cookie": cookie_of(ada)}
        tally = mutants("send", at=at, count=count, sockets=4, seed=count)
    assert tally["faults"] == {}
    assert set(tally["closed"]) == {"4400"}
    assert tally["accepted"] + tally["closed"]["4400"] == count
    assert tally["accepted"] > 0
    # Whatever stands there now, it can be read, drawn and typed in.
    hers = open_tab(ada, begun)
    hers("insert", text="goal-second.short", value=" typed afterwards")
    hers.settle()
    assert " typed afterwards" in stored(begun.pk).text
    assert client_of(ada).get(f"/contracts/{begun.pk}/").status_code == 200
    assert his("seen")["closes"] == []
    assert his("until_text", text="goal-second.short", value=hers("text", text="goal-second.short"))


def test_the_database_cuts_every_connection_and_what_is_typed_is_saved_within_seconds(ada, ben, begun, open_tab):
    hers, his = open_tab(ada, begun), open_tab(ben, begun, at=1)
    for tab in (hers, his):
        for _each in range(10):  # so that several threads hold a connection
            tab("insert", text=SHORT, value="x")
    hers.settle()
    his.settle()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 2
    connection.close_pool()  # the test's own were cut as well
    hers("insert", text=SHORT, value=" typed meanwhile")
    assert hers("settled", seconds=5), hers("seen")
    assert his("until_text", text=SHORT, value=hers("text", text=SHORT), seconds=5)
