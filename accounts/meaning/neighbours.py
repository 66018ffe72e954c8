"""Which topics are near one another: arithmetic, no database."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from accounts.meaning.engines import Engine, Floats, encode
from accounts.meaning.vocabulary import Vocabulary

MOST = 20  # neighbours that a topic chooses; those that choose it come on top
FLOOR = 25  # hundredths
ROWS = 256  # phrases compared with all others at a time, so that memory stays small


class Nearness:
    """How near each topic is to each, remembered, so that a new topic costs one row and not all of them.

    Two topics are as near as two things say, in equal parts: how near each phrase of the one is to the nearest
    phrase of the other (the mean of both directions, the chamfer of the two sets), and how near all are to all. The
    first alone takes one odd alias for the whole (bookkeeping and bookbinding); the second alone lets topics with many
    different aliases be near to nothing.
    """

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        """`between` is called now and then while much is worked out: somebody may be waiting for an answer."""
        self.between = between
        self.engine = ""
        self.phrases: dict[int, tuple[str, ...]] = {}  # by the topic's id
        self.places: dict[int, int] = {}
        self.matrix: Floats = np.zeros((0, 0), np.float32)

    def of(self, engine: Engine, vocabulary: Vocabulary) -> Floats:
        """Return how near each topic is to each, shape (t, t), symmetric."""
        topics, owners, encoded = vocabulary.topics, vocabulary.owners, vocabulary.encoded
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        ends = np.append(starts[1:], len(owners))
        sizes = (ends - starts).astype(np.float32)
        phrases = {
            int(topic): tuple(encoded.phrases[int(start) : int(end)])
            for topic, start, end in zip(topics, starts, ends, strict=True)
        }
        known = self.phrases if self.engine == engine.version else {}
        old = np.array([known.get(topic) == said for topic, said in phrases.items()], np.bool_)
        found = np.zeros((len(topics), len(topics)), np.float32)
        if old.any():
            before = [self.places[int(topic)] for topic in topics[old]]
            found[np.ix_(old, old)] = self.matrix[np.ix_(before, before)]
        for some in _parts(np.flatnonzero(~old), starts, ends):
            rows = np.concatenate([np.arange(starts[topic], ends[topic]) for topic in some])
            near = engine.similarity(encoded.at(rows), encoded)
            firsts = np.append(0, np.cumsum(sizes[some].astype(int))[:-1])
            own = sizes[some][:, None]
            there = np.add.reduceat(np.maximum.reduceat(near, starts, axis=1), firsts, axis=0) / own
            back = np.add.reduceat(np.maximum.reduceat(near, firsts, axis=0), starts, axis=1) / sizes[None, :]
            mean = np.add.reduceat(np.add.reduceat(near, starts, axis=1), firsts, axis=0) / own / sizes[None, :]
            found[some] = ((there + back) / 2 + mean) / 2
            self.between()
        new = np.flatnonzero(~old)
        found[:, new] = found[new].T
        self.engine, self.phrases, self.matrix = engine.version, phrases, found
        self.places = {int(topic): place for place, topic in enumerate(topics)}
        return found


def _parts(
    topics: npt.NDArray[np.intp], starts: npt.NDArray[np.intp], ends: npt.NDArray[np.intp]
) -> Iterator[list[int]]:
    """Cut topics into parts of about ROWS phrases."""
    part: list[int] = []
    held = 0
    for topic in topics:
        part.append(int(topic))
        held += int(ends[topic] - starts[topic])
        if held >= ROWS:
            yield part
            part, held = [], 0
    if part:
        yield part


def neighbours(
    engine: Engine, vocabulary: Vocabulary, refused: set[tuple[int, int]], nearness: Nearness
) -> dict[tuple[int, int], int]:
    """Return the neighbours by the ids of the two topics, both ways, in hundredths from FLOOR to 100.

    Each topic chooses its nearest MOST of its own kind; of equals, those with the smaller id. `refused` are pairs of
    ids that somebody said are not the same, in either order; `nearness` remembers what was worked out before.
    """
    topics = vocabulary.topics
    if not len(topics):
        return {}
    near = np.floor(nearness.of(engine, vocabulary) * 100 + 0.5).astype(np.int16).clip(0, 100)
    near[vocabulary.kinds[:, None] != vocabulary.kinds[None, :]] = 0
    np.fill_diagonal(near, 0)
    place = {int(topic): number for number, topic in enumerate(topics)}
    for one, other in refused:
        if one in place and other in place:
            near[place[one], place[other]] = near[place[other], place[one]] = 0
    # A stable sort of the negated: the nearest first, of equals the one that stands first.
    chosen = np.argsort(-near, axis=1, kind="stable")[:, :MOST]
    found: dict[tuple[int, int], int] = {}
    for here, row in enumerate(chosen):
        for there in row:
            if (similarity := int(near[here, there])) >= FLOOR:
                one, other = int(topics[here]), int(topics[there])
                found[one, other] = found[other, one] = similarity
    return found


def nearest(
    engine: Engine, vocabulary: Vocabulary, phrase: str, language: str, *, kind: str, most: int
) -> list[tuple[int, float]]:
    """Return the ids of the nearest aliases, one a reviewed topic, with their similarity, the nearest first.

    `kind` limits the topics, "" does not; `most` is how many are wanted. What is only somebody's own words so far is
    proposed to nobody.
    """
    allowed: npt.NDArray[np.bool_] = ~vocabulary.provisional
    if kind:
        allowed = allowed & (vocabulary.kinds == kind)
    places = np.flatnonzero(allowed[vocabulary.owners])
    if not len(places):
        return []
    near = engine.similarity(encode(engine, [phrase], language), vocabulary.encoded)[0][places]
    found: dict[int, tuple[int, float]] = {}
    for place in np.argsort(-near, kind="stable"):
        topic = int(vocabulary.owners[places[place]])
        if topic not in found:
            found[topic] = (int(vocabulary.aliases[places[place]]), float(near[place]))
            if len(found) == most:
                break
    return list(found.values())
