"""What /healthz and /readyz say, of real servers, and of ones that hang."""

import datetime as dt
import socket
import time
import uuid

import pytest
import redis
from django.conf import settings as configured
from django.db import connection

from accounts import clock
from accounts.meaning.resolving import READY
from accounts.models import Notice
from peermentor import health
from peermentor.heartbeats import BEAT, DRAIN, KEPT, WORK, WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture
def heartbeats(monkeypatch):
    """Set the ages of the heartbeats, in seconds: `heartbeats(beat=3)`; those not named are not known."""
    monkeypatch.setattr(health, "_last", (-1.0, "", 503))
    keys = {"beat": BEAT, "worker": WORKER, "work": WORK, "drain": DRAIN, "meaning": READY}
    with redis.Redis.from_url(configured.CELERY_BROKER_URL) as client:

        def put(**ages: int) -> None:
            client.delete(*keys.values())
            for name, age in ages.items():
                client.set(keys[name], "", ex=KEPT - age)

        yield put
        client.delete(*keys.values())


@pytest.fixture
def hung_server():
    """A port that takes connections and never says a word, as a stopped server does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield server.getsockname()[1]


def lines(response) -> list[str]:
    return response.content.decode().splitlines()


def test_healthz_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_healthz_answers_under_any_host_name_and_without_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_readyz_is_public_and_fine_when_all_answer(client, heartbeats):
    heartbeats(beat=1, worker=4, work=9, drain=5, meaning=1)
    response = client.get("/readyz")
    assert response.status_code == 200
    answer, redis_line, worker, beat, mail, topics = lines(response)
    assert mail.startswith("Mail: none is late; leases run out: 0; failed: 0; last looked: ")
    assert topics == "Topics: found by meaning."
    assert (answer, redis_line) == ("Database: answers.", "Redis: answers.")
    assert worker in {"Worker: last answered 4 seconds ago.", "Worker: last answered 5 seconds ago."}
    assert beat in {"Beat: last answered 1 second ago.", "Beat: last answered 2 seconds ago."}
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]


def test_a_dead_worker_is_not_taken_for_a_dead_beat(client, heartbeats):
    heartbeats(beat=1, worker=300, work=310)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert lines(response)[2] == "Worker: last answered 5 minutes ago."
    assert lines(response)[3].startswith("Beat: last answered")


def test_a_dead_beat_is_not_taken_for_a_dead_worker(client, heartbeats):
    heartbeats(beat=300, worker=1, work=310)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert lines(response)[2].startswith("Worker: last answered")
    assert lines(response)[3] == "Beat: last answered 5 minutes ago."


def test_a_worker_that_does_nothing_is_found_out(client, heartbeats):
    heartbeats(beat=1, worker=1, work=200)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert lines(response)[2] == "Worker: lives, but does not work."


def test_a_worker_that_has_just_begun_is_not_said_to_be_idle(client, heartbeats):
    heartbeats(beat=1, worker=1)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert lines(response)[2] == "Worker: lives, and has done nothing yet."


def test_what_never_answered_is_said(client, heartbeats):
    heartbeats()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert lines(response)[2:4] == [
        "Worker: has not answered yet, or not for a day.",
        "Beat: has not answered yet, or not for a day.",
    ]


def test_without_the_process_meaning_topics_are_found_by_spelling_which_is_no_fault(client, heartbeats, settings):
    heartbeats(beat=1, worker=1, work=1)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert lines(response)[5].startswith("Topics: found by spelling, since the process `meaning` does not answer")


def test_where_topics_are_found_by_spelling_because_it_is_set_so_that_is_said(client, heartbeats, settings):
    settings.TOPIC_ENGINE = "none"
    heartbeats(beat=1, worker=1, work=1, meaning=1)
    assert lines(client.get("/readyz"))[5] == "Topics: found by spelling, as is set."


def test_a_redis_that_hangs_is_not_waited_for(client, heartbeats, settings, hung_server):
    settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{hung_server}/0"
    begun = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - begun < 2.5
    assert response.status_code == 503
    assert lines(response) == [
        "Database: answers.",
        "Redis: does not answer.",
        "Worker: not known, since Redis does not answer.",
        "Beat: not known, since Redis does not answer.",
        "Mail: none is late; leases run out: 0; failed: 0.",
        "Topics: found by spelling, since the process `meaning` does not answer, or not yet.",
    ]


def test_a_database_that_hangs_is_not_waited_for(client, heartbeats, monkeypatch, hung_server):
    heartbeats(beat=1, worker=1, work=1)
    monkeypatch.setitem(connection.settings_dict, "PORT", hung_server)
    begun = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - begun < 2.5
    assert response.status_code == 503
    assert lines(response)[0] == "Database: does not answer."


def test_a_database_that_is_gone_is_said_without_its_address(client, heartbeats, monkeypatch):
    heartbeats(beat=1, worker=1, work=1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setitem(connection.settings_dict, "PORT", closed.getsockname()[1])
        response = client.get("/readyz")
    assert lines(response)[0] == "Database: does not answer."
    for secret in (connection.settings_dict["PASSWORD"], connection.settings_dict["HOST"], "postgres"):
        assert secret not in response.content.decode()


def test_however_often_strangers_ask_the_services_are_asked_once_a_second(client, heartbeats):
    heartbeats(beat=1, worker=1, work=1)
    assert client.get("/readyz").status_code == 200
    heartbeats()
    assert client.get("/readyz").status_code == 200


@pytest.fixture
def waiting(django_db_blocker):
    """Notices in rows that are committed: /readyz asks over a connection of its own."""
    made = []

    def wait(minutes: float, state: str = "pending", **fields) -> None:
        at = clock.now() - dt.timedelta(minutes=minutes)
        about = {"kind": "trial:x", "address": "ada@example.org", "expires_at": at + dt.timedelta(days=9)}
        row = Notice(key=f"{state} {minutes}", due_at=at, next_attempt_at=at, state=state, **about, **fields)
        made.append(row.key)
        row.save()

    yield wait
    Notice.objects.filter(key__in=made).delete()


@pytest.mark.django_db(transaction=True)
def test_mails_that_wait_and_those_that_failed_are_told(client, heartbeats, waiting):
    heartbeats(beat=1, worker=1, work=1, drain=1)
    waiting(10)
    waiting(1, "failed")
    waiting(2, "sending", claim=uuid.uuid4(), lease_until=clock.now() - dt.timedelta(minutes=1))
    waiting(-60)
    response = client.get("/readyz")
    said = "Mail: the oldest that is due has waited for 10 minutes; leases run out: 1; failed: 1; last looked: "
    assert lines(response)[4].startswith(said)
    assert response.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_mails_that_wait_for_long_are_a_fault(client, heartbeats, waiting):
    heartbeats(beat=1, worker=1, work=1, drain=1)
    waiting(20)
    assert client.get("/readyz").status_code == 503


def test_readyz_only_reads(client):
    assert client.post("/readyz").status_code == 405
