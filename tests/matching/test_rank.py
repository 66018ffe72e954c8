"""The ranking beside a brute-force one, over communities that nobody chose."""

from dataclasses import replace
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.actions.blocks import block
from accounts.actions.profiles import save_rhythm
from accounts.models import Listing, Topic, TopicNeighbour, User
from matching.fit import LEVEL_TENTHS
from matching.index import index
from matching.models import Candidate, Pricing
from matching.ranking import Fit, Wishes, rank, rank_of
from tests.people import member

TOPICS = 5
listing_maps = st.dictionaries(st.integers(0, TOPICS - 1), st.integers(1, 3), max_size=4)
people = st.fixed_dictionaries(
    {
        "offers": listing_maps,
        "needs": listing_maps,
        "hours": st.sets(st.sampled_from([0, 1, 18, 19, 40, 166, 167]), max_size=4),
        "languages": st.lists(st.sampled_from(["en", "fr", "de"]), max_size=2, unique=True),
        "time_zone": st.sampled_from(["UTC", "Europe/Paris", "Asia/Kathmandu", "America/New_York"]),
        "is_looking": st.booleans(),
        "is_confirmed": st.booleans(),
    }
)


# Which of the topics are near each other, in hundredths.
pairs_of_topics = st.tuples(st.integers(0, TOPICS - 1), st.integers(0, TOPICS - 1)).filter(
    lambda pair: pair[0] < pair[1]
)
nearness = st.dictionaries(pairs_of_topics, st.integers(25, 99), max_size=4)


def oracle(viewer: dict, other: dict, hours_meet: bool, near: dict) -> tuple[Fit, Fraction] | None:
    """Say in the plainest way how two people fit, from the same definitions (matching.fit)."""
    if not (other["is_looking"] and other["is_confirmed"] and hours_meet):
        return None
    if not set(viewer["languages"]) & set(other["languages"]):
        return None

    def similarity(one: int, another: int) -> int:
        return 100 if one == another else near.get((min(one, another), max(one, another)), 0)

    def gain(needs: dict, offers: dict) -> Fraction:
        """From 0 to 1."""
        got = [
            importance * max([similarity(need, offer) * LEVEL_TENTHS[level] for offer, level in offers.items()] or [0])
            for need, importance in needs.items()
        ]
        return Fraction(sum(got), 1000 * sum(needs.values())) if needs else Fraction(0)

    mine, theirs = gain(viewer["needs"], other["offers"]), gain(other["needs"], viewer["offers"])
    if mine and theirs:
        return Fit.MUTUAL, 2 * mine * theirs / (mine + theirs)
    if mine:
        return Fit.HELPS_ME, mine
    return (Fit.HELPED_BY_ME, theirs) if theirs else None


class RankTest(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        viewer=people,
        others=st.lists(people, min_size=1, max_size=5),
        blocked=st.sets(st.integers(0, 4)),
        near=nearness,
        prices=st.lists(st.integers(1, 1000), min_size=5, max_size=5),
        is_read_before=st.booleans(),
    )
    def test_it_is_what_the_definition_says(self, viewer, others, blocked, near, prices, is_read_before):
        index.forget()
        topics = [Topic.objects.create(kind="skill", label_en=f"Topic {number}") for number in range(TOPICS)]
        for (one, another), hundredths in near.items():
            for topic, neighbour in ((one, another), (another, one)):
                TopicNeighbour.objects.create(
                    topic=topics[topic], neighbour=topics[neighbour], similarity=hundredths, engine="test"
                )
        me = self.enter(0, viewer, topics)
        if is_read_before:  # then what follows is read as changes
            rank(me)
        them = [self.enter(number, person, topics) for number, person in enumerate(others, start=1)]
        priced = {other.pk: price for other, price in zip(them, prices, strict=False)}
        for pk, price in priced.items():
            Candidate.objects.filter(pk=pk).update(price=price)
        Pricing.objects.create()
        for number, other in enumerate(them):
            if number in blocked:
                block(by=me if number % 2 else other, member=other if number % 2 else me)
        expected = {}
        for number, (person, other) in enumerate(zip(others, them, strict=True)):
            fit = oracle(viewer, person, self.hours_meet(me, other), near)
            if fit and number not in blocked:
                expected[other.pk] = fit
        found = rank(me, one_way=50)
        for kind in (Fit.MUTUAL, Fit.HELPS_ME, Fit.HELPED_BY_ME):
            wanted = sorted(
                (-float(worth * 1000 * priced[pk]), pk) for pk, (fit, worth) in expected.items() if fit is kind
            )
            assert [place.member_id for place in found if place.fit is kind] == [pk for _worth, pk in wanted]
        for place in found:
            fit, worth = expected[place.member_id]
            if fit is Fit.MUTUAL:
                assert place.score == float(worth)
                assert place.total == sum(kind is Fit.MUTUAL for kind, _worth in expected.values())
            else:
                assert max(place.my_gain, place.their_gain) == float(worth)
            assert rank_of(me, place.member_id) == replace(place, total=min(place.total, 1))
        index.forget()
        assert rank(me, one_way=50) == found

    def enter(self, number: int, person: dict, topics: list[Topic]) -> User:
        entered = member(f"person{number}@example.org", f"Person {number}", is_confirmed=person["is_confirmed"])
        save_rhythm(
            by=entered,
            hours_per_week=2,
            free_hours=person["hours"],
            languages=person["languages"],
            media=["video"],
            time_zone=person["time_zone"],
        )
        type(entered.profile).objects.filter(pk=entered.pk).update(is_looking=person["is_looking"])
        for topic, level in person["offers"].items():
            Listing.objects.create(
                member=entered, side="offer", kind="skill", topic=topics[topic], phrase="Any", level=level
            )
        for topic, importance in person["needs"].items():
            Listing.objects.create(
                member=entered, side="need", kind="skill", topic=topics[topic], phrase="Any", importance=importance
            )
        return entered

    def hours_meet(self, me: User, other: User) -> bool:
        """Whether there is a minute at which an hour begins that is free for both, looked for minute by minute."""

        def free(person: User) -> set[int]:
            now = timezone.now().astimezone(timezone.zoneinfo.ZoneInfo(person.time_zone))
            ahead = int(now.utcoffset().total_seconds() // 60)
            person.profile.refresh_from_db()
            return {
                (hour * 60 + minute - ahead) % (168 * 60) for hour in person.profile.free_hours for minute in range(60)
            }

        both = free(me) & free(other)
        return any(all((start + step) % (168 * 60) in both for step in range(60)) for start in both)


@pytest.mark.django_db
def test_wishes_narrow_the_list(ada, ben):
    [only] = rank(ada)
    assert only.member_id == ben.pk
    need = Listing.objects.get(member=ada, side="need")
    assert [place.member_id for place in rank(ada, Wishes(topic_id=need.topic_id))] == [ben.pk]
    assert rank(ada, Wishes(topic_id=need.topic_id + 1000)) == []
    assert rank(ada, Wishes(language="fr")) == []
    assert rank(ada, Wishes(medium="in_person")) == []


@pytest.mark.django_db
def test_one_member_asked_about_alone_ranks_as_in_the_list(ada, ben, dan):
    assert rank_of(ada, ben.pk) == rank(ada)[0]
    assert rank_of(ada, dan.pk).fit is Fit.NONE
