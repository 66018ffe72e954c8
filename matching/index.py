"""All candidates in the memory of a process: arrays over which a ranking goes once, exactly.

A segment is immutable: members by place, and for every topic who offers it and who needs it. What has changed since the
large segment was read stands in a small one beside it, and is closed in the large one. Each ranking first reads what
other transactions have committed since, so that nothing is older than the ranking itself. 110 bytes a member.

Why so, and not in SQL: docs/decisions/0016.
"""

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import numpy as np
from django.db import DatabaseError, close_old_connections, connection, transaction
from numpy.typing import NDArray

from accounts import week
from matching.fit import Fit

WORDS = -(-week.QUARTERS // 64)
# A text of bits is padded to whole words.
PADDING = WORDS * 64 - week.QUARTERS
# When so many have changed, and a share of all, the large segment is read anew.
MOST_CHANGED = 2_000
CHANGED_SHARE = 20
# To add a number to everybody costs as much as to add it to a share of them, one in so many, by their places.
DENSE = 10

log = logging.getLogger(__name__)

Numbers = NDArray[Any]


@dataclass(frozen=True)
class Postings:
    """For each topic its members by place, those with the same number together; no member twice in a topic.

    Topic `topics[i]` has the runs `runs[i]` to `runs[i + 1]`; run `j` is of those with the number `values[j]`, who are
    `places[starts[j]:starts[j + 1]]`. So a number is written to all of a run at once, which costs a fifth of reading,
    comparing and writing one number for each. Places are of the type that numpy takes without converting it.
    """

    topics: Numbers
    runs: Numbers
    values: Numbers
    starts: Numbers
    places: Numbers

    @classmethod
    def of(cls, topics: Numbers, places: Numbers, values: Numbers) -> "Postings":
        order = np.lexsort((places, values, topics))
        topics, values = topics[order], values[order]
        begins = np.flatnonzero(np.append(True, (np.diff(topics) != 0) | (np.diff(values) != 0))[: len(topics)])
        unique, runs = np.unique(topics[begins], return_index=True)
        return cls(
            topics=unique,
            runs=np.append(runs, len(begins)),
            values=values[begins],
            starts=np.append(begins, len(topics)),
            places=places[order].astype(np.intp),
        )

    def about(self, topic: int) -> Iterator[tuple[int, Numbers]]:
        """Yield each number of a topic, smallest first, with the places of those who have it."""
        at = int(np.searchsorted(self.topics, topic))
        if at < len(self.topics) and self.topics[at] == topic:
            for run in range(int(self.runs[at]), int(self.runs[at + 1])):
                yield int(self.values[run]), self.places[self.starts[run] : self.starts[run + 1]]

    def having(self, topic: int) -> Numbers:
        """Return the places of all who have a topic."""
        found = [places for _value, places in self.about(topic)]
        return np.concatenate(found) if found else self.places[:0]

    def among(self, members: Numbers) -> tuple[Numbers, Numbers]:
        """Return topics and places, topic by topic, of those members who are true by place in `members`."""
        topics = np.repeat(self.topics, np.diff(self.starts[self.runs]))
        here = members[self.places]
        return topics[here], self.places[here]


@dataclass(frozen=True)
class Kinds:
    """Words of bits of each member, of which there are far fewer different ones than members: `words[of[place]]`."""

    words: Numbers
    of: Numbers

    @classmethod
    def among(cls, rows: Numbers) -> "Kinds":
        """Return the kinds of these rows, shape (members, words)."""
        if not len(rows):
            return cls(rows, np.zeros(0, np.int32))
        one = np.ascontiguousarray(rows).view([("", rows.dtype)] * rows.shape[1]).ravel()
        unique, of = np.unique(one, return_inverse=True)
        return cls(unique.view(rows.dtype).reshape(-1, rows.shape[1]), of.astype(np.int32))

    def meeting(self, places: Numbers, words: Numbers) -> Numbers:
        """Return those of these places that share a bit with `words`."""
        if len(self.words) > 2 * len(places):
            return places[(self.words[self.of[places]] & words).any(axis=1)]
        return places[(self.words & words).any(axis=1)[self.of[places]]]


@dataclass(frozen=True)
class Segment:
    """Members by place, in the order of their ids. `importance` is the sum of what each needs, a whole number."""

    ids: Numbers
    is_open: Numbers
    paused_until: Numbers  # seconds of the epoch
    weeks: "Kinds"  # WORDS words: the hours that begin free
    languages: "Kinds"  # two words: a bit for each code of Index.codes
    media: Numbers
    country: Numbers  # `country_number` of its code
    shows_hours: Numbers
    price: Numbers
    importance: Numbers
    offers: Postings
    needs: Postings

    def __len__(self) -> int:
        return len(self.ids)

    def places_of(self, ids: Iterable[int]) -> Numbers:
        """Return where these members are, those that are here."""
        wanted = np.fromiter(ids, dtype=np.int64)
        at = np.searchsorted(self.ids, wanted)
        at = np.minimum(at, max(len(self.ids) - 1, 0))
        return at[self.ids[at] == wanted] if len(self.ids) else at[:0]

    def without(self, ids: Iterable[int]) -> "Segment":
        """Return this segment with these members closed."""
        is_open = self.is_open.copy()
        is_open[self.places_of(ids)] = False
        return replace(self, is_open=is_open)


@dataclass(frozen=True)
class Question:
    """Who asks, and what for. `needs` are (importance, {topic: similarity}), `gives` the best for each topic.

    From `topics` on it is what the list is narrowed to: who offers one of these topics, is one of these members, speaks
    this language, meets in this way, lives in this country, and shares one of the hours `within`.
    """

    member_id: int
    importance: int
    needs: Sequence[tuple[int, Mapping[int, int]]]
    gives: Mapping[int, int]
    hours: Numbers
    languages: Collection[str]
    now: float
    blocked: Collection[int] = ()
    topics: Collection[int] | None = None
    members: Collection[int] | None = None
    language: str = ""
    medium: str = ""
    country: str = ""
    within: Numbers | None = None


@dataclass(frozen=True)
class Sums:
    """What one segment answers: by place both gains, and who may be suggested at all. Gains are whole numbers.

    They are below 2**24 and so exact as float32, of which numpy compares twice as many at a time as of int64.
    """

    segment: Segment
    mine: Numbers
    theirs: Numbers
    may: Numbers = field(repr=False)

    def fitting(self, fit: Fit) -> Numbers:
        """Say of each place whether its member fits in this way; not yet whether the two can meet."""
        if fit is Fit.MUTUAL:
            is_so = (self.mine > 0) & (self.theirs > 0)
        elif fit is Fit.HELPS_ME:
            is_so = (self.mine > 0) & (self.theirs == 0)
        else:
            is_so = (self.mine == 0) & (self.theirs > 0)
        is_so &= self.may
        return is_so

    def reaching(self, fit: Fit, mine: float, theirs: float) -> Numbers:
        """Return of `fitting` the places of those who give so much, and get so much for each unit of importance.

        Compared with a little less, so that no rounding leaves out one that reaches it.
        """
        little_less = np.float32(1 - 1e-5)
        is_so = self.fitting(fit)
        if fit is not Fit.HELPED_BY_ME:
            is_so &= self.mine >= np.float32(mine) * little_less
        if fit is not Fit.HELPS_ME:
            is_so &= self.theirs >= self.segment.importance * (np.float32(theirs) * little_less)
        return np.flatnonzero(is_so)


class Index:
    """The candidates as they are in the database, in one process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.forget()

    def forget(self) -> None:
        """Begin anew with nothing read."""
        with self._lock:
            self.codes: dict[str, int] = {}
            self.media: dict[str, int] = {}
            self._large: Segment | None = None
            self._small: Segment | None = None
            self._changed: dict[int, tuple[Any, ...]] = {}
            self._horizon = "0"
            self._priced = -1
            self._is_reading = False

    def segments(self) -> tuple[list[Segment], float]:
        """Return the segments as of now, having read what has changed, and the clock of the database. One query."""
        with self._lock:
            if self._large is None:
                self._read_all()
            now = self._read_changes()
            if len(self._changed) > max(MOST_CHANGED, len(self._large or ()) // CHANGED_SHARE):
                self._read_all_in_the_background()
            return [each for each in (self._large, self._small) if each is not None], now

    def read_ahead(self) -> None:
        """Read everybody in the background, so that no page has to wait for it. Called once, when a process starts."""

        def read() -> None:
            try:
                self.segments()
            except DatabaseError as error:
                log.warning("Who can be suggested could not be read ahead: %s", error)
            finally:
                connection.close()

        threading.Thread(target=read, name="candidates ahead", daemon=True).start()

    # --- Going through --------------------------------------------------------------------------------------------

    def sums(self, segment: Segment, question: Question) -> Sums:
        """Go through a segment once: what each of its members gives and gets."""
        count = len(segment)
        mine, best = np.zeros(count, np.float32), np.zeros(count, np.int16)
        for importance, topics in question.needs:
            worth = [
                (importance * similarity * tenths, places)
                for topic, similarity in topics.items()
                for tenths, places in segment.offers.about(topic)
            ]
            # What is worth most is written last, so that the best of a member's topics stays.
            for amount, places in sorted(worth, key=itemgetter(0)):
                best[places] = amount
            if sum(len(places) for _amount, places in worth) * DENSE > count:
                mine += best
                best.fill(0)
                continue
            for _amount, places in worth:
                # The first of a member's topics takes the best away, so that the next adds nothing.
                mine[places] += best[places]
                best[places] = 0
        theirs = np.zeros(count, np.float32)
        for topic, best_of_mine in question.gives.items():
            for importance, places in segment.needs.about(topic):
                theirs[places] += importance * best_of_mine
        may = segment.is_open & (segment.paused_until <= question.now)
        may[segment.places_of([question.member_id, *question.blocked])] = False
        if question.topics is not None:
            offering = np.zeros(count, bool)
            for topic in question.topics:
                offering[segment.offers.having(topic)] = True
            may &= offering
        if question.members is not None:
            named = np.zeros(count, bool)
            named[segment.places_of(question.members)] = True
            may &= named
        if question.within is not None:  # whose hours nobody sees are found at no time in particular
            may &= segment.shows_hours
        if question.country:
            may &= segment.country == country_number(question.country)
        if question.medium:
            may &= (segment.media & self._bit(self.media, question.medium)) != 0
        if question.language:
            speaking = np.zeros(count, bool)
            speaking[segment.languages.meeting(np.arange(count), self.words([question.language]))] = True
            may &= speaking
        return Sums(segment, mine, theirs, may)

    def meet(self, segment: Segment, places: Numbers, question: Question) -> Numbers:
        """Return those of these places with whom there is a language and an hour of the week in common."""
        places = segment.languages.meeting(places, self.words(question.languages))
        hours = question.hours if question.within is None else question.hours & question.within
        return segment.weeks.meeting(places, hours)

    def countries(self) -> list[str]:
        """Return the countries of those who can be suggested, as this process knows them."""
        with self._lock:
            segments = [each for each in (self._large, self._small) if each is not None]
        numbers = {int(number) for each in segments for number in np.unique(each.country[each.is_open])} - {0}
        return [chr(number >> 8) + chr(number & 255) for number in sorted(numbers)]

    def words(self, codes: Iterable[str]) -> Numbers:
        """Return the bits of these languages, as `Segment.languages` has them."""
        bits = sum(1 << self.codes[code] for code in set(codes) if code in self.codes)
        return np.array([bits & (2**64 - 1), bits >> 64], dtype=np.uint64)

    @staticmethod
    def _bit(known: Mapping[str, int], code: str) -> int:
        return 1 << known[code] if code in known else 0

    # --- Reading --------------------------------------------------------------------------------------------------

    def _read_changes(self) -> float:
        with connection.cursor() as cursor:
            cursor.execute(_CHANGES, [self._horizon])
            rows = cursor.fetchall()
        horizon, now, priced = rows[0][:3]
        fresh = {row[3]: row[3:] for row in rows if row[3] is not None and self._changed.get(row[3]) != row[3:]}
        if fresh and self._large is not None:
            self._changed |= fresh
            self._large = self._large.without(fresh)
            self._small = self._segment_of(list(self._changed.values()))
        self._horizon = horizon
        if priced != self._priced:
            self._priced = priced
            self._read_prices()
        return float(now)

    def _read_prices(self) -> None:
        prices = _PRICES.read()
        for name in ("_large", "_small"):
            segment: Segment | None = getattr(self, name)
            if segment is None or not len(segment):
                continue
            at = segment.places_of(prices["member_id"].tolist())
            here = np.isin(prices["member_id"], segment.ids)
            price = segment.price.copy()
            price[at] = prices["price"][here]
            setattr(self, name, replace(segment, price=price))

    def _read_all(self) -> None:
        """Read every candidate. What changes while it is read is read again with the changes."""
        with transaction.atomic(), connection.cursor() as cursor:
            # A million members take longer to read than any page may.
            cursor.execute("SET LOCAL statement_timeout = '10min'")
            # After a restore into another cluster the numbers of transactions begin anew.
            cursor.execute(_HEAL)
            cursor.execute(_BEGINNING)
            horizon, priced = cursor.fetchone()
            cursor.execute("SELECT DISTINCT unnest(languages) FROM matching_candidate")
            codes = [code for (code,) in cursor.fetchall()]
            cursor.execute("SELECT DISTINCT unnest(media) FROM matching_candidate")
            media = [code for (code,) in cursor.fetchall()]
        for code in codes:
            self.codes.setdefault(code, len(self.codes))
        for code in media:
            self.media.setdefault(code, len(self.media))
        rows = _MEMBERS.read()
        ids = rows["member_id"].astype(np.int64)
        order = np.argsort(ids, kind="stable")
        rows, ids = rows[order], ids[order]
        hours = np.zeros((len(rows), WORDS * 8), np.uint8)
        hours[:, : week.QUARTERS // 8] = rows["hour_starts"]
        postings = _known(_POSTINGS.read(), ids)
        spoken = _known(_LANGUAGES.read(codes=list(self.codes)), ids)
        ways = _known(_MEDIA.read(codes=list(self.media)), ids)
        self._large = _segment(
            ids=ids,
            is_open=rows["is_open"].astype(bool),
            paused_until=rows["paused"].astype(np.float64),
            hours=hours.view(np.uint64),
            country=rows["country"].astype(np.int16),
            shows_hours=rows["shows_hours"].astype(bool),
            price=rows["price"].astype(np.int64),
            languages=(spoken[0], spoken[1]["place"].astype(np.int64) - 1),
            media=(ways[0], ways[1]["place"].astype(np.int64) - 1),
            postings=(
                postings[0],
                postings[1]["is_offer"].astype(bool),
                postings[1]["topic"].astype(np.int64),
                postings[1]["value"].astype(np.int64),
            ),
        )
        self._small, self._changed, self._horizon, self._priced = None, {}, horizon, priced

    def _read_all_in_the_background(self) -> None:
        if self._is_reading:
            return
        self._is_reading = True

        def read() -> None:
            fresh = Index()
            try:
                close_old_connections()
                fresh._read_all()
                with self._lock:
                    self.codes, self.media = fresh.codes, fresh.media
                    self._large, self._small, self._changed = fresh._large, None, {}
                    self._horizon, self._priced = fresh._horizon, fresh._priced
            finally:
                self._is_reading = False
                connection.close()

        threading.Thread(target=read, name="candidates", daemon=True).start()

    def _segment_of(self, rows: list[tuple[Any, ...]]) -> Segment:
        """Return a segment of rows as `_CHANGES` gives them."""
        rows = sorted(rows)
        spoken, ways, postings = [], [], []
        texts = []
        for place, row in enumerate(rows):
            _pk, _open, _paused, codes, media, hours, *lists, _country, _shows_hours, _price = row
            texts.append(hours + "0" * PADDING)
            for code in codes:
                spoken.append((place, self.codes.setdefault(code, len(self.codes))))
            for code in media:
                ways.append((place, self.media.setdefault(code, len(self.media))))
            offers, tenths, needs, weights = lists
            postings += [(place, 1, topic, value) for topic, value in zip(offers, tenths, strict=True)]
            postings += [(place, 0, topic, value) for topic, value in zip(needs, weights, strict=True)]
        bits = np.frombuffer("".join(texts).encode(), np.uint8).reshape(len(rows), -1) - ord("0")
        table = np.array(postings, np.int64).reshape(-1, 4)
        languages = np.array(spoken, np.int64).reshape(-1, 2)
        ways_of = np.array(ways, np.int64).reshape(-1, 2)
        return _segment(
            ids=np.array([row[0] for row in rows], np.int64),
            is_open=np.array([row[1] for row in rows], bool),
            paused_until=np.array([row[2] for row in rows], np.float64),
            hours=np.packbits(bits, axis=1).view(np.uint64),
            country=np.array([country_number(row[-3]) for row in rows], np.int16),
            shows_hours=np.array([row[-2] for row in rows], bool),
            price=np.array([row[-1] for row in rows], np.int64),
            languages=(languages[:, 0], languages[:, 1]),
            media=(ways_of[:, 0], ways_of[:, 1]),
            postings=(table[:, 0], table[:, 1].astype(bool), table[:, 2], table[:, 3]),
        )


def _segment(
    *,
    ids: Numbers,
    is_open: Numbers,
    paused_until: Numbers,
    hours: Numbers,
    country: Numbers,
    shows_hours: Numbers,
    price: Numbers,
    languages: tuple[Numbers, Numbers],
    media: tuple[Numbers, Numbers],
    postings: tuple[Numbers, Numbers, Numbers, Numbers],
) -> Segment:
    """Return a segment from pairs of place and bit, and rows of place, side, topic and number."""
    spoken = np.zeros((len(ids), 2), np.uint64)
    places, bits = languages
    for word in (0, 1):
        here = bits // 64 == word
        np.bitwise_or.at(spoken[:, word], places[here], np.uint64(1) << (bits[here] % 64).astype(np.uint64))
    ways = np.zeros(len(ids), np.int64)
    np.bitwise_or.at(ways, media[0], np.int64(1) << media[1])
    at, is_offer, topics, values = postings
    importance = np.bincount(at[~is_offer], weights=values[~is_offer], minlength=len(ids)).astype(np.float32)
    return Segment(
        ids=ids,
        is_open=is_open,
        paused_until=paused_until,
        weeks=Kinds.among(hours),
        languages=Kinds.among(spoken),
        media=ways,
        country=country,
        shows_hours=shows_hours,
        price=price,
        importance=importance,
        offers=Postings.of(topics[is_offer], at[is_offer], values[is_offer]),
        needs=Postings.of(topics[~is_offer], at[~is_offer], values[~is_offer]),
    )


def country_number(code: str) -> int:
    """Return the two capitals of a country's code as one number, 0 for no country."""
    return ord(code[0]) << 8 | ord(code[1]) if code else 0


def bits_of(hour_starts: str) -> Numbers:
    """Return a text of bits as words, as `Segment.weeks` has them."""
    bits = np.frombuffer((hour_starts + "0" * PADDING).encode(), np.uint8) - ord("0")
    return np.packbits(bits).view(np.uint64)


# --- What PostgreSQL is asked ----------------------------------------------------------------------------------------

_HEAL = """
UPDATE matching_candidate SET changed_in = pg_current_xact_id()
WHERE changed_in > pg_snapshot_xmax(pg_current_snapshot())
"""
_BEGINNING = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, (SELECT coalesce(max(number), 0) FROM matching_pricing)
"""
# One row at least: who has changed since, or nobody. What a running transaction may have written is read once more.
_CHANGES = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, extract(epoch FROM peermentor_now())::float8,
    (SELECT coalesce(max(number), 0) FROM matching_pricing),
    member_id, is_open, coalesce(extract(epoch FROM paused_until), 0)::float8, languages, media, hour_starts::text,
    offer_topics, offer_tenths, need_topics, need_weights, country, shows_hours, price
FROM (SELECT 1) AS one LEFT JOIN matching_candidate ON changed_in >= %s::xid8
"""
# How a column is sent, and how numpy reads it: big-endian, and bits after their count.
_SENT = {"int8": ">i8", "int2": ">i2", "bool": "u1", "float8": ">f8"}
_TOGETHER = 10_000


class _Packed:
    """A question of which each row comes as bytes of one length, thousands of them in one value.

    A value each, or a row of COPY each, takes ten times as long to read. `columns` are names and types; none is NULL.
    """

    def __init__(self, question: str, **columns: str) -> None:
        sent = " || ".join(
            f"{of_type}send({name}::{of_type})" if of_type != "bit" else f"bit_send({name})"
            for name, of_type in columns.items()
        )
        self._sql = f"SELECT string_agg({sent}, ''::bytea) FROM ({question}) AS asked GROUP BY member_id / {_TOGETHER}"  # noqa: S608
        fields: list[Any] = []
        for name, of_type in columns.items():
            if of_type == "bit":
                fields += [(f"_{name}", ">i4"), (name, "u1", (week.QUARTERS // 8,))]
            else:
                fields.append((name, _SENT[of_type]))
        self._row = np.dtype(fields)

    def read(self, **params: Any) -> Numbers:
        """Ask, and return the rows."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            data = b"".join(chunk for (chunk,) in cursor.fetchall())
        return np.frombuffer(data, self._row)


_MEMBERS = _Packed(
    """
    SELECT member_id, is_open, coalesce(extract(epoch FROM paused_until), 0)::float8 AS paused, hour_starts,
        CASE country WHEN '' THEN 0 ELSE ascii(country) * 256 + ascii(substr(country, 2)) END AS country,
        shows_hours, price
    FROM matching_candidate
    """,
    member_id="int8",
    is_open="bool",
    paused="float8",
    hour_starts="bit",
    country="int2",
    shows_hours="bool",
    price="int2",
)
_PRICES = _Packed("SELECT member_id, price FROM matching_candidate", member_id="int8", price="int2")
_POSTINGS = _Packed(
    """
    SELECT member_id, true AS is_offer, topic, value
    FROM matching_candidate, unnest(offer_topics, offer_tenths) AS listed (topic, value)
    UNION ALL
    SELECT member_id, false, topic, value
    FROM matching_candidate, unnest(need_topics, need_weights) AS listed (topic, value)
    """,
    member_id="int8",
    is_offer="bool",
    topic="int8",
    value="int2",
)
_SPOKEN = """
    SELECT member_id, array_position(%(codes)s::text[], code::text)::int2 AS place
    FROM matching_candidate, unnest(languages) AS spoken (code) WHERE code::text = ANY(%(codes)s::text[])
    """
_LANGUAGES = _Packed(_SPOKEN, member_id="int8", place="int2")
_MEDIA = _Packed(_SPOKEN.replace("languages", "media"), member_id="int8", place="int2")


def _known(rows: Numbers, ids: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places of the members of these rows, and the rows, without those whose members are not there."""
    members = rows["member_id"].astype(np.int64)
    at = np.minimum(np.searchsorted(ids, members), max(len(ids) - 1, 0))
    is_known = ids[at] == members if len(ids) else np.zeros(len(rows), bool)
    return at[is_known], rows[is_known]


index = Index()
