"""Who fits whom, best first, exactly: the definitions of matching.fit over the candidates of matching.index.

Those who fit both ways come by score × price, then by member id; the price is a whole number of thousandths that falls
with how often a member was shown lately (matching.pricing). A one-way fit comes by what is gained × price.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q

from accounts import week
from accounts.models import Block, Profile, User
from accounts.prepared import AboutMember
from matching.fit import SAME, WHOLE, Fit, Lists, Similar, fit_of, gain, least_gains, score, weight
from matching.index import Index, Question, Segment, Sums, bits_of, index
from matching.models import Candidate
from matching.searching import members_saying

__all__ = ["ANYONE", "Door", "Fit", "Rank", "Wishes", "doors", "rank", "rank_of", "similar_to"]

# From this nearness on, in hundredths, an offer of another topic covers a need; below it may help.
CLOSE = 50
# Hours of the day, on the clock of who asks.
PARTS = {"morning": (5, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (0, 5)}

# Where many more than this fit in one way, about so many of them are looked at first. The best of these say what one
# must reach to be among the best of all, and that spares looking at most of the rest: the answer stays exact.
SAMPLE = 10_000
# Those who fit are counted up to this; beyond, the count says at least so many.
COUNTED = 500


@dataclass(frozen=True)
class Rank:
    """One member's place among those who fit. Gains and score are 0 to 1; `total` is how many fit both ways.

    Above COUNTED, `total` is a number that there are at least.
    The order is by `weight`, what the fit is worth times the `price`.
    """

    member_id: int
    fit: Fit
    my_gain: float
    their_gain: float
    score: float
    total: int
    price: int = Candidate.FULL_PRICE
    weight: float = 0.0


@dataclass(frozen=True)
class Wishes:
    """What a member narrows the list to, all of it at once.

    Only who offers this topic or one that is close to it, says these words, speaks this language, shares an hour of
    this `day` of the week (0 is Monday) and this `part` of the day on the clock of who asks, lives in this country,
    meets in this way.
    """

    topic_id: int | None = None
    words: str = ""
    language: str = ""
    day: int | None = None
    part: str = ""
    country: str = ""
    medium: str = ""

    def without(self, name: str) -> "Wishes":
        """Return these wishes but for one."""
        return replace(self, **{name: getattr(ANYONE, name)})

    @property
    def named(self) -> list[str]:
        """The names of those that narrow."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(ANYONE, each.name)]


ANYONE = Wishes()


def rank(
    viewer: User,
    wishes: Wishes = ANYONE,
    *,
    mutual: int = 50,
    one_way: int = 6,
    without: Collection[int] = (),
    aside: Collection[int] = (),
    order: Sequence[int] | None = None,
    mine: Candidate | None = None,
    among: Index = index,
) -> list[Rank]:
    """Return those who fit `viewer` best, of each kind of fit at most so many, best first.

    With `order` those who fit both ways are the members named there, as far as they still do, in that order.

    The hard conditions: to be seen by the viewer (here, confirmed, free, not paused, not blocked either way), room for
    one more partner, a language and an hour of the week in common. Members of `without` are left out, and counted in
    the total; those set `aside` are not counted either. Four queries, one more where words are looked for, one less
    where the viewer's row, `mine`, is known.
    """
    segments, now = among.segments()
    question = question_of(viewer, wishes, now=now, mine=mine, aside=aside)
    if question is None:
        return []
    found = [among.sums(segment, question) for segment in segments]
    ranks: list[Rank] = []
    for fit, most in ((Fit.MUTUAL, mutual), (Fit.HELPS_ME, one_way), (Fit.HELPED_BY_ME, one_way)):
        if most:
            meeting = [(each, *among_the_best(among, each, question, fit, most + len(without))) for each in found]
            total = sum(count for _each, _places, count in meeting)
            if fit is Fit.MUTUAL and order is not None:
                ranks += _in_order(among, found, question, order, total, without)
                continue
            some = [
                place
                for each, places, _count in meeting
                for place in _best(each, places, question, fit, most + len(without), total, without)
            ]
            ranks += sorted(some, key=_order)[:most]
    return ranks


def in_the_way(
    viewer: User, wishes: Wishes, *, aside: Collection[int] = (), among: Index = index
) -> list[tuple[str, int]]:
    """Return for each wish how many would fit both ways without that one, most first; those that would free nobody not.

    Members who are set `aside` are not counted. As many queries as `rank`.
    """
    segments, now = among.segments()
    question = question_of(viewer, wishes, now=now, aside=aside)
    if question is None:
        return []
    freed = []
    for name in wishes.named:
        wider = replace(question, **_without(name, viewer, wishes))
        found = [among.sums(segment, wider) for segment in segments]
        freed.append(
            (
                name,
                sum(len(among.meet(each.segment, np.flatnonzero(each.fitting(Fit.MUTUAL)), wider)) for each in found),
            )
        )
    return sorted([each for each in freed if each[1]], key=lambda each: -each[1])


def _without(name: str, viewer: User, wishes: Wishes) -> dict[str, Any]:
    """Return what of a question is otherwise without one of these wishes."""
    if name in ("day", "part"):
        rest = wishes.without(name)
        return {"within": _within(viewer.profile.utc_offset, rest.day, rest.part)}
    return {"topic_id": {"topics": None}, "words": {"members": None}}.get(name, {name: ""})


@dataclass(frozen=True)
class Door:
    """A topic that would open a door: so many more members would fit both ways if one offered it."""

    topic_id: int
    members: int


def doors(viewer: User, *, most: int = 3, aside: Collection[int] = (), among: Index = index) -> list[Door]:
    """Return the topics that would let most of those who could help the viewer fit both ways, if the viewer offered
    one: what these members need or is near to it, but nothing that the viewer needs.

    Exact: of each topic all those members, but for those who are set `aside`. Five queries, four where nobody could
    help.
    """
    segments, now = among.segments()
    question = question_of(viewer, now=now, aside=aside)
    if question is None:
        return []
    needed = [_needed_by_helpers(among, segment, question) for segment in segments]
    wanted = {topic for of_topic in needed for topic in of_topic}
    similar = similar_to(wanted) if wanted else {}
    members: Counter[int] = Counter()
    naming: Counter[int] = Counter()
    for of_topic in needed:
        # Who needs several topics that are near to one is counted once for it.
        opened: dict[int, list[Any]] = defaultdict(list)
        for topic, places in of_topic.items():
            naming[topic] += len(places)
            for near in _with_itself(topic, similar):
                opened[near].append(places)
        members.update({topic: len(np.unique(np.concatenate(places))) for topic, places in opened.items()})
    mine = {topic for _importance, near in question.needs for topic, hundredths in near.items() if hundredths == SAME}
    # Of two that open as many doors, the one that more members name.
    ordered = sorted(members.items(), key=lambda each: (-each[1], -naming[each[0]], each[0]))
    return [Door(topic, count) for topic, count in ordered if topic not in mine][:most]


def _needed_by_helpers(among: Index, segment: Segment, question: Question) -> dict[int, Any]:
    """Return the topics that those need who could help, each with the places of who needs it."""
    could_help = np.zeros(len(segment), bool)
    found = among.sums(segment, question)
    could_help[among.meet(segment, np.flatnonzero(found.fitting(Fit.HELPS_ME)), question)] = True
    topics, places = segment.needs.among(could_help)
    unique, begins = np.unique(topics, return_index=True)
    return dict(zip(unique.tolist(), np.split(places, begins[1:]), strict=True)) if len(unique) else {}


def rank_of(viewer: User, member_id: int) -> Rank:
    """Return how this one member fits `viewer`; Fit.NONE when they share no topic, language or hour. Three queries."""
    found = Candidate.objects.in_bulk([viewer.pk, member_id])
    me, other = found.get(viewer.pk), found.get(member_id)
    nothing = Rank(member_id, Fit.NONE, 0.0, 0.0, 0.0, 0)
    if me is None or other is None or not _may_meet(viewer, me, other):
        return nothing
    mine, theirs = lists_of(me), lists_of(other)
    similar = similar_to([*mine.offers, *mine.needs])
    my_gain, their_gain = gain(mine, theirs, similar), gain(theirs, mine, similar)
    fit = fit_of(my_gain, their_gain)
    if fit is Fit.NONE:
        return nothing
    return _placed(other.pk, my_gain, mine.importance, their_gain, theirs.importance, other.price, 1)


def similar_to(topics: Collection[int]) -> Similar:
    """Return for each of these topics those that are similar to it, with the hundredths. One query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SIMILAR, [list(topics)])
        for topic, neighbour, hundredths in cursor.fetchall():
            found[topic][neighbour] = hundredths
    return found


def lists_of(candidate: Candidate) -> Lists:
    """Return what a candidate offers and needs."""
    return Lists(
        offers=dict(zip(candidate.offer_topics, candidate.offer_tenths, strict=True)),
        needs=dict(zip(candidate.need_topics, candidate.need_weights, strict=True)),
    )


def question_of(
    viewer: User,
    wishes: Wishes = ANYONE,
    *,
    now: float = 0.0,
    mine: Candidate | None = None,
    aside: Collection[int] = (),
) -> Question | None:
    """Return what a member asks of the index at the instant `now`, in seconds of the epoch. Three queries.

    Members who are set `aside` are as if they were not there, like those whom a block hides.
    """
    me = mine or Candidate.objects.filter(pk=viewer.pk).first()
    if me is None:
        return None
    lists = lists_of(me)
    similar = similar_to([*lists.offers, *lists.needs])
    gives: dict[int, int] = {}
    for topic, tenths in lists.offers.items():
        for other, hundredths in _with_itself(topic, similar).items():
            gives[other] = max(gives.get(other, 0), hundredths * tenths)
    return Question(
        member_id=me.pk,
        importance=lists.importance,
        needs=[(importance, _with_itself(topic, similar)) for topic, importance in lists.needs.items()],
        gives=gives,
        hours=bits_of(me.hour_starts),
        languages=me.languages,
        now=now,
        blocked={*aside, *(pk for pair in _BLOCKS.of(viewer) for pk in pair)},
        topics=_close_to(wishes.topic_id, similar),
        members=members_saying(wishes.words) if wishes.words else None,
        language=wishes.language,
        medium=wishes.medium,
        country=wishes.country,
        within=_within(viewer.profile.utc_offset, wishes.day, wishes.part),
    )


def _close_to(topic: int | None, similar: Similar) -> list[int] | None:
    """Return a topic and those that are close enough to it to cover a need."""
    if topic is None:
        return None
    near = similar[topic] if topic in similar else similar_to([topic]).get(topic, {})
    return [topic, *(other for other, hundredths in near.items() if hundredths >= CLOSE)]


def _within(offset: int, day: int | None, part: str) -> Any:
    """Return the hours of a day of the week and a part of the day as bits, on a clock `offset` minutes ahead of UTC."""
    if day is None and not part:
        return None
    begins, ends = PARTS.get(part, (0, 24))
    hours = [of * 24 + hour for of in range(7) if day in (None, of) for hour in range(begins, ends)]
    return bits_of(week.as_bits(week.hour_starts(week.utc_quarters(hours, offset))))


_SIMILAR = "SELECT topic_id, neighbour_id, similarity FROM accounts_topicneighbour WHERE topic_id = ANY(%s::bigint[])"
_BLOCKS = AboutMember(
    lambda member: Block.objects.filter(Q(blocker=member) | Q(blocked=member)).values_list("blocker", "blocked")
)


def _may_meet(viewer: User, me: Candidate, other: Candidate) -> bool:
    """Say of one pair what `rank` asks of all: the other is there for the viewer, a language and an hour in common."""
    return bool(
        set(me.languages) & set(other.languages)
        and int(me.hour_starts, 2) & int(other.hour_starts, 2)
        and Profile.objects.others_for(viewer).filter(pk=other.pk).exists()
    )


def _with_itself(topic: int, similar: Similar) -> Mapping[int, int]:
    return {**similar.get(topic, {}), topic: 100}


def among_the_best(among: Index, found: Sums, question: Question, fit: Fit, most: int) -> tuple[Any, int]:
    """Return places of members who fit so and meet, the best `most` of all among them, and how many there are."""
    is_fitting = found.fitting(fit)
    stride = int(np.count_nonzero(is_fitting)) // SAMPLE
    if stride > 1:
        some = among.meet(found.segment, np.flatnonzero(is_fitting[::stride]) * stride, question)
        if len(some) > max(most, COUNTED):
            keys = _keys(found, some, question, fit)
            least = np.partition(keys, len(keys) - most)[len(keys) - most]
            return among.meet(found.segment, _reaching(found, question, fit, least), question), len(some)
    meeting = among.meet(found.segment, np.flatnonzero(is_fitting), question)
    return meeting, len(meeting)


def _reaching(found: Sums, question: Question, fit: Fit, least: float) -> Any:
    """Return the places of those whose key is `least` or more."""
    highest_price = max(int(found.segment.price.max()), 1)
    share = WHOLE * least_gains(least, highest_price) if fit is Fit.MUTUAL else least / highest_price
    places = found.reaching(fit, share * max(question.importance, 1), share)
    return places[_keys(found, places, question, fit) >= least]


def _best(
    found: Sums, places: Any, question: Question, fit: Fit, most: int, total: int, without: Collection[int]
) -> list[Rank]:
    """Return the best `most` of these places as ranks, without those that are left out."""
    segment = found.segment
    keys = _keys(found, places, question, fit)
    chosen = places[_first(keys, segment.ids[places], most)]
    ranks = [_rank_at(segment, found, int(at), question, total) for at in chosen]
    return [place for place in ranks if place.member_id not in without]


def _in_order(
    among: Index, sums: Sequence[Sums], question: Question, order: Sequence[int], total: int, without: Collection[int]
) -> list[Rank]:
    """Return those members of `order` who fit both ways and meet as ranks, in that order."""
    ranks = {}
    for found in sums:
        places = found.segment.places_of(order)
        places = among.meet(found.segment, places[found.fitting(Fit.MUTUAL)[places]], question)
        for place in places.tolist():
            rank_here = _rank_at(found.segment, found, place, question, total)
            ranks[rank_here.member_id] = rank_here
    return [ranks[pk] for pk in order if pk in ranks and pk not in without]


def _keys(found: Sums, places: Any, question: Question, fit: Fit) -> Any:
    """Return what these are ordered by: fit.weight of each, or the one gain, times the price; rounded once."""
    segment = found.segment
    mine, theirs = found.mine[places].astype(np.float64), found.theirs[places].astype(np.float64)
    price, importance = segment.price[places], segment.importance[places].astype(np.float64)
    if fit is Fit.MUTUAL:
        return (2 * mine * theirs * price) / (mine * importance + theirs * question.importance)
    if fit is Fit.HELPS_ME:
        return (mine * price) / max(question.importance, 1)
    return (theirs * price) / np.maximum(importance, 1)


def _first(keys: Any, ids: Any, most: int) -> Any:
    """Return which come first, in order: by the largest key, then by the smallest id."""
    here = np.arange(len(keys))
    if len(keys) > most:
        bound = np.partition(keys, len(keys) - most)[len(keys) - most]
        here = np.flatnonzero(keys >= bound)
    return here[np.lexsort((ids[here], -keys[here]))][:most]


def _rank_at(segment: Segment, found: Sums, at: int, question: Question, total: int) -> Rank:
    return _placed(
        int(segment.ids[at]),
        int(found.mine[at]),
        question.importance,
        int(found.theirs[at]),
        int(segment.importance[at]),
        int(segment.price[at]),
        total,
    )


def _placed(
    member_id: int, mine: int, my_importance: int, theirs: int, their_importance: int, price: int, total: int
) -> Rank:
    fit = fit_of(mine, theirs)
    weights = {
        Fit.MUTUAL: weight(mine, my_importance, theirs, their_importance, price),
        Fit.HELPS_ME: mine * price / max(my_importance, 1),
        Fit.HELPED_BY_ME: theirs * price / max(their_importance, 1),
        Fit.NONE: 0.0,
    }
    return Rank(
        member_id=member_id,
        fit=fit,
        my_gain=mine / (WHOLE * my_importance) if my_importance else 0.0,
        their_gain=theirs / (WHOLE * their_importance) if their_importance else 0.0,
        score=score(mine, my_importance, theirs, their_importance),
        total=total if fit is Fit.MUTUAL else 0,
        price=price,
        weight=weights[fit],
    )


def _order(place: Rank) -> tuple[float, int]:
    return (-place.weight, place.member_id)
