"""A short seed of the table `reminders`: real workers and a beat are shot with mails in flight, Redis is wiped."""

import os
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings
from django.db import connection

from accounts import clock
from accounts.models import Notice
from bench.mailroom import Fleet, Sink, seed, tally, wait_for_flight, wait_until_done

LONG = 120.0  # seconds that a slow machine may take


@pytest.mark.django_db(transaction=True)
def test_none_is_lost_and_none_comes_early_or_twice_without_a_death(tmp_path):
    sink = Sink(delay=0.02, share_of_451=0.1)
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DATABASE_URL": url,
        "EMAIL_URL": sink.start(),
        "DATA_DIR": str(tmp_path),
    }
    fleet = Fleet(tmp_path, environment, workers=2, slots=1)
    sown = seed(120, spread=3, poison=2, cancelled=3)
    try:
        fleet.start()
        assert wait_for_flight(sink, fleet, "worker0", seconds=LONG)
        for name in fleet.members:
            fleet.kill(name)
        with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
            client.flushall()
        assert Notice.objects.filter(state="sending").exists()
        # Everybody who held a lease is dead: it need not be waited for.
        Notice.objects.filter(state="sending").update(lease_until=clock.now())
        for name in fleet.members:
            fleet.again(name)
        states = wait_until_done(url, seconds=LONG)
    finally:
        fleet.stop()
        sink.stop()
        with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
            client.flushall()
    done = tally(sown, sink, states)
    assert states == {"sent": 115, "failed": 2, "cancelled": 3}
    assert (done.lost, done.early, done.to_cancelled, done.poison_sent) == (0, 0, 0, 0)
    assert done.extra <= fleet.workers
    assert sink.said_451 > 0
