"""Where very many fit, most are spared by a bound: the best are the same as if everybody had been looked at."""

import numpy as np
import pytest

from matching import index as indexed
from matching.fit import Fit
from matching.index import Index, Question, Segment
from matching.ranking import COUNTED, _best, among_the_best

MEMBERS = 60_000
TOPICS = 40


def segment(random: np.random.Generator, *, prices: tuple[int, int]) -> Segment:
    """Return members of whom most fit each other in some way, with three offers and three needs each."""
    at = np.repeat(np.arange(MEMBERS), 6)
    is_offer = np.tile(np.repeat([True, False], 3), MEMBERS)
    topics = 1 + (TOPICS * random.random(MEMBERS * 6) ** 2).astype(np.int64)
    values = np.where(is_offer, random.choice([6, 8, 10], MEMBERS * 6), random.integers(1, 4, MEMBERS * 6))
    _unique, once = np.unique((at * 2 + is_offer) * 1000 + topics, return_index=True)
    hours = np.zeros((MEMBERS, indexed.WORDS), np.uint64)
    hours[np.arange(MEMBERS), random.integers(0, 3, MEMBERS)] = 1
    return indexed._segment(
        ids=np.arange(MEMBERS) * 2 + 1,
        is_open=random.random(MEMBERS) < 0.95,
        paused_until=np.where(random.random(MEMBERS) < 0.1, 1e12, 0.0),
        hours=hours.view(np.uint64),
        price=random.integers(*prices, MEMBERS),
        languages=(np.arange(MEMBERS), random.integers(0, 2, MEMBERS)),
        country=np.zeros(MEMBERS, np.int16),
        shows_hours=np.ones(MEMBERS, bool),
        media=(np.arange(MEMBERS), np.zeros(MEMBERS, np.int64)),
        postings=(at[once], is_offer[once], topics[once], values[once]),
    )


@pytest.mark.parametrize(("seed", "prices"), [(1, (1, 1001)), (2, (1000, 1001)), (5, (1, 3)), (4, (200, 1001))])
def test_the_best_are_the_best_of_all(seed, prices):
    random = np.random.default_rng(seed)
    among, of = Index(), segment(random, prices=prices)
    among.codes = {"en": 0, "fr": 1}
    words = np.zeros(indexed.WORDS, np.uint64)
    words[:2] = 1
    is_spared = []
    for _member in range(4):
        needs = [
            (int(random.integers(1, 4)), {int(topic): int(random.integers(25, 101)) for topic in near})
            for near in random.integers(1, TOPICS + 1, (3, 4))
        ]
        question = Question(
            member_id=int(random.integers(1, MEMBERS)),
            importance=sum(importance for importance, _topics in needs),
            needs=needs,
            gives={int(topic): int(random.integers(150, 1001)) for topic in random.integers(1, TOPICS + 1, 6)},
            hours=words,
            languages=["en"],
            now=1.0,
        )
        found = among.sums(of, question)
        for fit, most in ((Fit.MUTUAL, 50), (Fit.HELPS_ME, 6), (Fit.HELPED_BY_ME, 6)):
            everybody = among.meet(of, np.flatnonzero(found.fitting(fit)), question)
            some, count = among_the_best(among, found, question, fit, most)
            assert _best(found, some, question, fit, most, 0, ()) == _best(found, everybody, question, fit, most, 0, ())
            assert min(count, COUNTED) == min(len(everybody), COUNTED)
            is_spared.append(len(some) < len(everybody))
    assert any(is_spared)
