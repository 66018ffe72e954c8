"""The ranking beside a brute-force one, over communities that nobody chose."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts.actions.blocks import block
from accounts.actions.profiles import save_rhythm
from accounts.models import Listing, Topic, User
from matching.ranking import LEVEL_TENTHS, Fit, Wishes, rank, rank_of
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


def oracle(viewer: dict, other: dict, hours_meet: bool) -> tuple[Fit, float] | None:
    """Say in the plainest way how two people fit, from the same definitions (matching.ranking)."""
    if not (other["is_looking"] and other["is_confirmed"] and hours_meet):
        return None
    if not set(viewer["languages"]) & set(other["languages"]):
        return None

    def gain(needs: dict, offers: dict) -> tuple[int, int]:
        got = sum(importance * LEVEL_TENTHS[offers[topic]] for topic, importance in needs.items() if topic in offers)
        return got, 10 * sum(needs.values())

    mine, my_most = gain(viewer["needs"], other["offers"])
    theirs, their_most = gain(other["needs"], viewer["offers"])
    if mine and theirs:
        return Fit.MUTUAL, 2 * mine * theirs / (mine * their_most + theirs * my_most)
    if mine:
        return Fit.HELPS_ME, 0.0
    return (Fit.HELPED_BY_ME, 0.0) if theirs else None


class RankTest(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(viewer=people, others=st.lists(people, min_size=1, max_size=5), blocked=st.sets(st.integers(0, 4)))
    def test_it_is_what_the_definition_says(self, viewer, others, blocked):
        topics = [Topic.objects.create(kind="skill", label_en=f"Topic {number}") for number in range(TOPICS)]
        me = self.enter(0, viewer, topics)
        them = [self.enter(number, person, topics) for number, person in enumerate(others, start=1)]
        for number, other in enumerate(them):
            if number in blocked:
                block(by=me if number % 2 else other, member=other if number % 2 else me)
        expected = {}
        for number, (person, other) in enumerate(zip(others, them, strict=True)):
            fit = oracle(viewer, person, self.hours_meet(me, other))
            if fit and number not in blocked:
                expected[other.pk] = fit
        found = rank(me, one_way=50)
        assert {place.member_id: (place.fit, place.score) for place in found} == expected
        mutual = [place for place in found if place.fit is Fit.MUTUAL]
        assert mutual == sorted(
            mutual, key=lambda place: (-place.score, -(place.my_gain + place.their_gain), place.member_id)
        )
        assert all(place.total == len(mutual) for place in mutual)
        assert all(0 <= place.my_gain <= 1 and 0 <= place.their_gain <= 1 for place in found)

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
