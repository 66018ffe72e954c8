"""What a ranking costs a compiled loop over the same postings, and a scan of everybody that is the judge of both.

Neither shares a line with the product: plain loops, compiled by numba, over the arrays that the product holds.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from matching.index import Index, Question, Segment

MOST = 50


@dataclass
class Reference:
    """One segment in the order of its topics and in the order of its members."""

    segment: Segment
    languages: Any
    hours: Any
    topics: Any
    places: dict[int, int]
    offers: tuple[Any, Any, Any]
    needs: tuple[Any, Any, Any]
    offers_of: tuple[Any, Any, Any]
    needs_of: tuple[Any, Any, Any]

    @classmethod
    def of(cls, segment: Segment) -> "Reference":
        topics = np.union1d(segment.offers.topics, segment.needs.topics)
        count = len(segment)
        by_topic, by_member = [], []
        for postings in (segment.offers, segment.needs):
            lengths = np.diff(postings.starts)
            of_run = np.repeat(np.searchsorted(topics, postings.topics), np.diff(postings.runs))
            at, values = np.repeat(of_run, lengths), np.repeat(postings.values, lengths).astype(np.int64)
            starts = np.searchsorted(at, np.arange(len(topics) + 1))
            by_topic.append((starts, postings.places, values))
            order = np.argsort(postings.places, kind="stable")
            starts = np.searchsorted(postings.places[order], np.arange(count + 1))
            by_member.append((starts, at[order], values[order]))
        kinds = [each.words[each.of] for each in (segment.languages, segment.weeks)]
        return cls(
            segment, *kinds, topics, {int(topic): place for place, topic in enumerate(topics)}, *by_topic, *by_member
        )

    def loop(self, index: Index, question: Question) -> list[tuple[float, int]]:
        """Return the first fifty by the postings: (weight, id)."""
        return self._first(_loop(*self._asked(index, question), *self.offers, *self.needs))

    def scan(self, index: Index, question: Question) -> list[tuple[float, int]]:
        """Return the first fifty by asking everybody."""
        return self._first(_scan(*self._asked(index, question), *self.offers_of, *self.needs_of))

    def _first(self, weights: Any) -> list[tuple[float, int]]:
        at = np.flatnonzero(weights)
        order = at[np.lexsort((self.segment.ids[at], -weights[at]))][:MOST]
        return [(float(weights[place]), int(self.segment.ids[place])) for place in order]

    def _asked(self, index: Index, question: Question) -> tuple[Any, ...]:
        want = np.zeros((max(len(question.needs), 1), len(self.topics)), np.int64)
        for row, (_importance, topics) in enumerate(question.needs):
            for topic, similarity in topics.items():
                if topic in self.places:
                    want[row, self.places[topic]] = similarity
        give = np.zeros(len(self.topics), np.int64)
        for topic, best in question.gives.items():
            if topic in self.places:
                give[self.places[topic]] = best
        segment = self.segment
        weights = np.array([importance for importance, _topics in question.needs] or [0], np.int64)
        may = segment.is_open & (segment.paused_until <= question.now)
        may[segment.places_of([question.member_id, *question.blocked])] = False
        return (
            *(want, give, weights, np.int64(question.importance), may),
            *(self.languages, index.words(question.languages), self.hours, question.hours),
            *(segment.price.astype(np.int64), segment.importance.astype(np.int64)),
        )


@numba.njit(cache=True)
def _meets(place, languages, my_languages, hours, my_hours):
    spoken = False
    for word in range(len(my_languages)):
        if languages[place, word] & my_languages[word]:
            spoken = True
    if not spoken:
        return False
    shared = False
    for word in range(len(my_hours)):
        if hours[place, word] & my_hours[word]:
            shared = True
    return shared


@numba.njit(cache=True)
def _loop(
    want, give, weights, my_importance, may, languages, my_languages, hours, my_hours, price, importance,
    offer_starts, offer_places, offer_values, need_starts, need_places, need_values,
):  # fmt: skip
    count = len(may)
    mine, theirs, best = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for need in range(len(weights)):
        for topic in np.flatnonzero(want[need]):
            similarity = want[need, topic]
            for at in range(offer_starts[topic], offer_starts[topic + 1]):
                place = offer_places[at]
                best[place] = max(best[place], similarity * offer_values[at])
        for topic in np.flatnonzero(want[need]):
            for at in range(offer_starts[topic], offer_starts[topic + 1]):
                place = offer_places[at]
                mine[place] += best[place] * weights[need]
                best[place] = 0
    for topic in np.flatnonzero(give):
        for at in range(need_starts[topic], need_starts[topic + 1]):
            theirs[need_places[at]] += need_values[at] * give[topic]
    found = np.zeros(count, np.float64)
    for place in range(count):
        if not mine[place] or not theirs[place] or not may[place]:
            continue
        if _meets(place, languages, my_languages, hours, my_hours):
            over = mine[place] * importance[place] + theirs[place] * my_importance
            found[place] = (2 * mine[place] * theirs[place] * price[place]) / over
    return found


@numba.njit(cache=True)
def _scan(
    want, give, weights, my_importance, may, languages, my_languages, hours, my_hours, price, importance,
    offer_starts, offer_topics, offer_values, need_starts, need_topics, need_values,
):  # fmt: skip
    count = len(may)
    found = np.zeros(count, np.float64)
    for place in range(count):
        if not may[place] or not _meets(place, languages, my_languages, hours, my_hours):
            continue
        mine = 0
        for need in range(len(weights)):
            best = 0
            for at in range(offer_starts[place], offer_starts[place + 1]):
                best = max(best, want[need, offer_topics[at]] * offer_values[at])
            mine += best * weights[need]
        theirs = 0
        for at in range(need_starts[place], need_starts[place + 1]):
            theirs += need_values[at] * give[need_topics[at]]
        if mine and theirs:
            over = mine * importance[place] + theirs * my_importance
            found[place] = (2 * mine * theirs * price[place]) / over
    return found
