"""Communities made up by a rule, the same for the same seed (docs/communities.md says the distribution)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from accounts.models import Topic, TopicNeighbour
from peermentor.communities.people import Person, bring_in

CLUSTERS = 200
NEIGHBOURS = 10
DRAWS = 5
ZONES = ("Europe/Paris", "Europe/London", "America/New_York", "America/Montreal", "Africa/Dakar", "Asia/Kolkata")
WEEKS = 500
TONGUES = (("en",), ("fr",), ("en", "fr"))
SHARES = (0.55, 0.2, 0.25)
MEDIA = (("video",), ("video", "phone"), ("in_person",), ("video", "phone", "in_person"))


@dataclass(frozen=True)
class Rule:
    """How many members, on how many topics (0: those that are there), from which seed."""

    members: int
    topics: int = 0
    seed: int = 1


def populate(rule: Rule) -> list[int]:
    """Make the members of a rule, and its topics; return the members' ids."""
    with transaction.atomic():
        topics = (
            _make_topics(rule)
            if rule.topics
            else list(Topic.objects.filter(is_provisional=False).order_by("pk").values_list("pk", flat=True))
        )
        return bring_in(people(rule, topics))


def people(rule: Rule, topics: list[int]) -> Iterator[Person]:
    """Yield the members: five offers and five needs each, of which the same twice is one."""
    random = np.random.default_rng(rule.seed)
    order = random.permutation(np.array(topics))
    shares = 1 / np.arange(1, len(order) + 1)
    bounds = np.cumsum(shares / shares.sum())
    weeks = [_week(random) for _number in range(WEEKS)]
    for begin in range(0, rule.members, 10_000):
        count = min(10_000, rule.members - begin)
        drawn = order[np.minimum(np.searchsorted(bounds, random.random((count, 2, DRAWS))), len(order) - 1)]
        worth = random.integers(1, 4, (count, 2, DRAWS))
        zones, week_of = random.integers(0, len(ZONES), count), random.integers(0, WEEKS, count)
        tongues, media = random.choice(len(TONGUES), count, p=SHARES), random.integers(0, len(MEDIA), count)
        for at in range(count):
            number = begin + at + 1
            offers, needs = (
                dict(zip(drawn[at, side].tolist(), worth[at, side].tolist(), strict=True)) for side in (0, 1)
            )
            spoken = TONGUES[tongues[at]]
            yield Person(
                email=f"member{rule.seed}-{number}@made-up.example",
                name=f"Member {number}",
                time_zone=ZONES[zones[at]],
                language=spoken[0],
                languages=spoken,
                media=MEDIA[media[at]],
                free=weeks[week_of[at]],
                offers=offers,
                needs=needs,
            )


def _week(random: np.random.Generator) -> tuple[int, ...]:
    """A week of two to five free stretches of two or three hours, mostly evenings and Saturdays."""
    hours: set[int] = set()
    for _stretch in range(random.integers(2, 6)):
        day = int(random.integers(0, 7))
        begins = int(random.integers(17, 21) if day < 5 else random.integers(9, 18))
        hours |= {day * 24 + begins + hour for hour in range(int(random.integers(2, 4)))}
    return tuple(sorted(hours))


def _make_topics(rule: Rule) -> list[int]:
    """Make topics in clusters, each near to about ten others of its cluster."""
    random = np.random.default_rng(rule.seed + 1_000_000)
    made = Topic.objects.bulk_create(
        [Topic(kind="skill", label_en=f"Topic {rule.seed}-{number}") for number in range(rule.topics)], batch_size=5_000
    )
    ids = [topic.pk for topic in made]
    size = max(1, -(-rule.topics // CLUSTERS))
    near: dict[tuple[int, int], int] = {}
    for begin in range(0, len(ids), size):
        cluster = ids[begin : begin + size]
        for topic in cluster:
            others = random.choice(cluster, min(NEIGHBOURS // 2, len(cluster)), replace=False)
            for other, hundredths in zip(others.tolist(), random.integers(25, 96, len(others)).tolist(), strict=True):
                if other != topic:
                    near[min(topic, other), max(topic, other)] = hundredths
    TopicNeighbour.objects.bulk_create(
        [
            TopicNeighbour(topic_id=one, neighbour_id=another, similarity=hundredths, engine="made up")
            for (first, second), hundredths in near.items()
            for one, another in ((first, second), (second, first))
        ],
        batch_size=10_000,
    )
    return ids
