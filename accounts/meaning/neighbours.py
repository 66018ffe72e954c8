"""Which topics are near one another: arithmetic, no database."""

import numpy as np
import numpy.typing as npt

from accounts.meaning.engines import Engine, Floats, encode
from accounts.meaning.vocabulary import Vocabulary

MOST = 20  # neighbours that a topic chooses; those that choose it come on top
FLOOR = 25  # hundredths
ROWS = 256  # phrases compared with all others at a time, so that memory stays small


def similarities(engine: Engine, vocabulary: Vocabulary) -> Floats:
    """Return how near each topic is to each, shape (t, t), symmetric.

    Two topics are as near as two things say, in equal parts: how near each phrase of the one is to the nearest phrase of
    the other (the mean of both directions, the chamfer of the two sets), and how near all are to all. The first alone
    takes one odd alias for the whole (bookkeeping and bookbinding); the second alone lets topics with many
    different aliases be near to nothing.
    """
    owners, count = vocabulary.owners, len(vocabulary.topics)
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    sizes = np.bincount(owners, minlength=count).astype(np.float32)
    best = np.zeros((count, count), np.float32)
    mean = np.zeros((count, count), np.float32)
    for start in range(0, len(owners), ROWS):
        part = slice(start, start + ROWS)
        near = engine.similarity(vocabulary.encoded[part], vocabulary.encoded)
        np.add.at(best, owners[part], np.maximum.reduceat(near, starts, axis=1))
        np.add.at(mean, owners[part], np.add.reduceat(near, starts, axis=1))
    best /= sizes[:, None]
    mean /= np.outer(sizes, sizes)
    found: Floats = ((best + best.T) / 2 + (mean + mean.T) / 2) / 2
    return found


def neighbours(
    engine: Engine, vocabulary: Vocabulary, refused: set[tuple[int, int]]
) -> dict[tuple[int, int], int]:
    """Return the neighbours by the ids of the two topics, both ways, in hundredths from FLOOR to 100.

    Each topic chooses its nearest MOST of its own kind; of equals, those with the smaller id. `refused` are pairs of ids
    that somebody said are not the same, in either order.
    """
    topics = vocabulary.topics
    if not len(topics):
        return {}
    near = np.floor(similarities(engine, vocabulary) * 100 + 0.5).astype(np.int16).clip(0, 100)
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
