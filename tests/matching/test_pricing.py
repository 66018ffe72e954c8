"""Nobody is shown to everybody, and nobody to no one."""

import pytest
import redis
from django.conf import settings
from django.urls import reverse

from matching import pricing
from matching.models import Candidate
from matching.ranking import Fit, rank
from tests.days import advance
from tests.people import member, settle

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_noted():
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        client.delete(pricing.SHOWN, pricing.TAKEN)


def price_of(person) -> int:
    return Candidate.objects.get(pk=person.pk).price


def test_who_was_shown_comes_later_the_next_time(ada, ben, client_of):
    twin = settle(member("twin@example.org", "Twin Carter"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
    assert [place.member_id for place in rank(ada)] == [ben.pk, twin.pk]
    # Ben, who comes first, is shown to many; his twin on the second place.
    for _visit in range(3):
        client_of(ada).get(reverse("partners"))
    assert pricing.reprice() >= 2
    assert price_of(ben) < price_of(twin) < 1000
    assert [place.member_id for place in rank(ada)] == [twin.pk, ben.pk]
    assert [place.score for place in rank(ada)] == [rank(ada)[0].score] * 2


def test_the_price_comes_back_when_nobody_is_shown_any_more(ada, ben):
    pricing.settle({ben.pk: 50.0})
    low = price_of(ben)
    assert low < 700
    for _week in range(30):
        advance(days=7)
        pricing.settle({})
    assert price_of(ben) > 990


def test_a_price_never_hides_anybody(ada, ben):
    for _time in range(40):
        pricing.settle({ben.pk: 1e6})
    assert price_of(ben) >= 1
    assert [place.fit for place in rank(ada)] == [Fit.MUTUAL]


def test_without_redis_the_page_is_there_all_the_same(ada, ben, client_of, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    pricing.connected.cache_clear()
    try:
        assert "Ben Carter" in client_of(ada).get(reverse("partners")).content.decode()
    finally:
        pricing.connected.cache_clear()


def test_working_them_out_twice_counts_nobody_twice(ada, ben):
    pricing.note_shown([ben.pk])
    pricing.reprice()
    exposure = Candidate.objects.get(pk=ben.pk).exposure
    pricing.reprice()
    assert Candidate.objects.get(pk=ben.pk).exposure == exposure
