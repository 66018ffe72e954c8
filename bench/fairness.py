"""Whether the price spreads attention: lists of ten for 2,000 members in the plain order, and after six pricings.

A place is examined with 1 / log2(place + 1), somebody is liked with min(1, 2 × gain); a mutual match is expected with
the product of both sides' chances. Source of the measures: Su, Bayoumi and Joachims, WWW 2022.
"""

import math
from collections import Counter
from collections.abc import Iterator

from bench.database import own_database
from bench.rows import Row

MEMBERS, TOPICS = 2_000, 1_400
PLACES = 10
ROUNDS = 6

Lists = dict[int, list[tuple[int, float]]]


def rows() -> Iterator[Row]:
    """Measure in a database of our own."""
    with own_database():
        yield from measure()


def measure() -> Iterator[Row]:
    from accounts.models import User
    from matching import pricing
    from matching.index import index
    from matching.ranking import rank
    from peermentor.communities.made_up import Rule, populate
    from peermentor.communities.people import settle

    made = populate(Rule(MEMBERS, TOPICS, seed=3))
    settle()
    index.forget()
    members = list(User.objects.select_related("profile").filter(pk__in=made).order_by("pk"))
    totals: list[int] = []

    def lists() -> Lists:
        found: Lists = {}
        for member in members:
            places = rank(member, mutual=PLACES, one_way=0)
            totals.append(places[0].total if places else 0)
            found[member.pk] = [(place.member_id, place.my_gain) for place in places]
        return found

    plain = lists()
    yield Row("members who fit one both ways, mean", sum(totals) / len(totals), "members")
    yield Row("members with nobody at all", totals.count(0) / len(totals), "share")
    priced = plain
    for _round in range(ROUNDS):
        pricing.settle(exposure(priced))
        priced = lists()
    # Who fits nobody can be shown to nobody, whatever the order.
    can_be_shown = [pk for pk in made if plain[pk]]
    for name, of, target in (("plain order", plain, None), ("with prices", priced, 1.0)):
        shown = exposure(of)
        spread = [shown.get(pk, 0.0) for pk in can_be_shown]
        yield Row(f"{name}: Gini of exposure", gini(spread), "", None, target and 0.30)
        yield Row(f"{name}: share never shown", spread.count(0.0) / len(spread), "share", None, target and 0.01)
    before, after = mutual(plain), mutual(priced)
    yield Row("expected mutual matches, plain order", before, "matches")
    yield Row("expected mutual matches, with prices (reference: plain order)", after, "matches", before)
    yield Row("the plain order's matches in shares of those with prices", before / after, "share", None, 1 / 1.4)


def exposure(lists: Lists) -> dict[int, float]:
    """Return how much each was shown."""
    found: Counter[int] = Counter()
    for places in lists.values():
        for place, (member_id, _gain) in enumerate(places, start=1):
            found[member_id] += 1 / math.log2(place + 1)  # type: ignore[assignment]
    return dict(found)


def gini(values: list[float]) -> float:
    """Return the Gini coefficient: 0 when all are shown as much, 1 when one alone is."""
    ordered = sorted(values)
    total = sum(ordered)
    weighted = sum(rank * value for rank, value in enumerate(ordered, start=1))
    return (2 * weighted) / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)


def mutual(lists: Lists) -> float:
    """Return how many pairs may be expected to find each other."""
    chance = {
        (member_id, other): min(1.0, 2 * gain) / math.log2(place + 1)
        for member_id, places in lists.items()
        for place, (other, gain) in enumerate(places, start=1)
    }
    return sum(each * chance.get((other, one), 0.0) for (one, other), each in chance.items()) / 2
