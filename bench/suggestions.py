"""How long it takes to find the best partners, at 10,000 to a million members, beside a compiled loop.

Of made-up communities (docs/communities.md) with many topics (14,000, of which few candidates survive) and with our own
vocabulary (of which tens of thousands do). For each: the ranking, the whole page, a scan of everybody as the judge,
what is held, and what one edit costs. SIZES in the environment makes it shorter.
"""

import os
import random
import time
from collections.abc import Iterator
from typing import Any

from bench.database import own_database
from bench.rows import Row, percentile

SIZES = [int(size) for size in (os.environ.get("SIZES") or "10000,100000,1000000").split(",")]
TOPICS = {"14,000 topics": 14_000, "own vocabulary": 0}
ASKED = 100
PAGES = 40
EDITS = 50
# p50 and p95 of the ranking, of the whole page (ms).
LIMITS = {
    ("14,000 topics", 100_000): (8.0, 30.0, None),
    ("14,000 topics", 1_000_000): (60.0, 300.0, None),
    ("own vocabulary", 1_000_000): (None, None, 150.0),
}
MOST_RATIO = 50


def rows() -> Iterator[Row]:
    """Measure each community in a database of its own."""
    for vocabulary, topics in TOPICS.items():
        before = None
        for size in SIZES:
            with own_database():
                median = yield from measure(vocabulary, topics, size)
            if before:
                name = f"{vocabulary}: growth of the median to {size:,}, in times"
                yield Row(name, median / before[1], "times", target=size / before[0])
            before = (size, median)


def measure(vocabulary: str, topics: int, size: int) -> Iterator[Row]:
    from django.core.management import call_command

    from accounts.models import User
    from bench.postings import Reference
    from matching.index import index
    from matching.ranking import question_of, rank
    from peermentor.communities.made_up import Rule, populate
    from peermentor.communities.people import settle

    call_command("load_topics", verbosity=0)
    if not topics:
        call_command("rebuild_neighbours", verbosity=0)
    made = populate(Rule(size, topics))
    settle()
    named = f"{vocabulary}, {size:,} members"
    index.forget()
    began = time.perf_counter()
    [segment], _now = index.segments()
    yield Row(f"{named}: reading everybody once", time.perf_counter() - began, "s")
    yield Row(f"{named}: held", held(segment) / 1e6, "MB")

    reference = Reference.of(segment)
    members = [
        User.objects.select_related("profile").get(pk=pk) for pk in random.Random(5).sample(made, min(ASKED, len(made)))
    ]
    ranked, looped, wrong, survivors = [], [], 0, []
    rank(members[0])
    reference.loop(index, question_of(members[0]))
    reference.scan(index, question_of(members[0]))
    for member in members:
        took, found = timed(lambda member=member: rank(member, one_way=0))
        ranked.append(took)
        question = question_of(member)
        took, by_loop = timed(lambda question=question: reference.loop(index, question))
        looped.append(took)
        ours = [(place.weight, place.member_id) for place in found]
        wrong += not ours == by_loop == reference.scan(index, question)
        survivors.append(found[0].total if found else 0)
    p50, p95, page_p95 = LIMITS.get((vocabulary, size), (None, None, None))
    bound = topics and MOST_RATIO
    for share, limit in ((0.5, p50), (0.95, p95)):
        mine, theirs = percentile(ranked, share), percentile(looped, share)
        limits = [each for each in (limit, bound and theirs * bound) if each]
        name = f"{named}: the ranking, p{share * 100:.0f} (reference: compiled loop)"
        yield Row(name, mine, "ms", theirs, min(limits) if limits else None)
    yield Row(f"{named}: members who fit both ways, median", percentile(survivors, 0.5), "members")
    yield Row(f"{named}: not the same fifty as a scan of everybody, of {len(members)}", wrong, "lists", target=0)
    times = page_times(members[:PAGES])
    yield Row(f"{named}: the page, p50", percentile(times, 0.5), "ms")
    yield Row(f"{named}: the page, p95", percentile(times, 0.95), "ms", target=page_p95)
    cost, bare = edits(made)
    limit = 2.0 if size == 1_000_000 else None
    yield Row(f"{named}: an edit of a listing, p50 (reference: without triggers)", cost, "ms", bare, limit)
    return percentile(ranked, 0.5)


def timed(act) -> tuple[float, Any]:
    began = time.perf_counter()
    result = act()
    return (time.perf_counter() - began) * 1000, result


def held(segment) -> int:
    """Return the bytes of a segment's arrays."""
    arrays = [value for value in vars(segment).values() if hasattr(value, "nbytes")]
    for part in (segment.offers, segment.needs, segment.weeks, segment.languages):
        arrays += vars(part).values()
    return sum(array.nbytes for array in arrays)


def page_times(members) -> list[float]:
    from django.urls import reverse

    from bench.pages import client_of

    times = []
    for member in members:
        client = client_of(member)
        client.get(reverse("profile"))
        took, response = timed(lambda client=client: client.get(reverse("partners")))
        assert response.status_code == 200
        times.append(took)
    return times


def edits(made: list[int]) -> tuple[float, float]:
    """Return the median milliseconds of a change of one listing, and of the same without what follows from it."""
    from django.db import connection, transaction

    from accounts.models import Listing

    found = []
    for has_triggers in (True, False):
        times = []
        for pk in random.Random(9).sample(made, min(EDITS, len(made))):
            listing = Listing.objects.filter(member_id=pk, side="offer").first()
            with transaction.atomic(), connection.cursor() as cursor:
                if not has_triggers:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                level = 1 + (listing.level or 0) % 3
                began = time.perf_counter()
                cursor.execute("UPDATE accounts_listing SET level = %s WHERE id = %s", [level, listing.pk])
                times.append((time.perf_counter() - began) * 1000)
                transaction.set_rollback(True)
        found.append(percentile(times, 0.5))
    return found[0], found[1]
