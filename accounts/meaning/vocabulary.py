"""The phrases of all topics as an engine sees them: read from the database, encoded once, kept in memory."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection

from accounts.meaning.engines import Encoded, Engine, with_vectors
from accounts.models import PhraseVector, TopicAlias

# What says whether anything has changed: one number of each row, added up, so that their order says nothing. Some
# milliseconds for thousands of phrases.
FINGERPRINT = """
    SELECT (SELECT count(*) || ':' || coalesce(sum(hashtextextended(concat_ws('|', id, topic_id, phrase), 0)), 0)
              FROM accounts_topicalias),
           (SELECT count(*) || ':' || coalesce(sum(hashtextextended(concat_ws('|', id, kind, is_provisional), 0)), 0)
              FROM accounts_topic),
           (SELECT count(*) || ':' || coalesce(sum(hashtextextended(concat_ws('|', key, topic_id), 0)), 0)
              FROM accounts_refusedpair)
"""


@dataclass(frozen=True)
class Vocabulary:
    """The phrases (m) of the topics (t), encoded; those of one topic stand together, in the order of `topics`."""

    topics: npt.NDArray[np.int64]  # (t) ids
    kinds: npt.NDArray[np.str_]  # (t)
    provisional: npt.NDArray[np.bool_]  # (t)
    aliases: npt.NDArray[np.int64]  # (m) ids
    owners: npt.NDArray[np.intp]  # (m) places in `topics`
    encoded: Encoded


def fingerprint(engine: Engine) -> str:
    """Return what is the same as long as the neighbours, and what is nearest to a phrase, are the same."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT)
        found = cursor.fetchone()
    return f"{engine.version} {' '.join(_short(part) for part in found)}"


def _short(part: str) -> str:
    count, _colon, total = part.partition(":")
    return f"{int(count):x}.{int(total) % 2**48:x}"


def read(engine: Engine) -> Vocabulary:
    """Return the vocabulary as it stands. What the engine has not seen is encoded, and kept for the next time."""
    rows = list(
        TopicAlias.objects.order_by("topic_id", "id").values_list(
            "id", "topic_id", "phrase", "topic__kind", "topic__is_provisional"
        )
    )
    topics, starts = np.unique(np.array([row[1] for row in rows], np.int64), return_index=True)
    phrases = [row[2] for row in rows]
    counts = np.diff(np.append(starts, len(rows)))
    return Vocabulary(
        topics=topics,
        kinds=np.array([rows[start][3] for start in starts], np.str_),
        provisional=np.array([rows[start][4] for start in starts], np.bool_),
        aliases=np.array([row[0] for row in rows], np.int64),
        owners=np.repeat(np.arange(len(topics)), counts),
        encoded=with_vectors(phrases, _vectors(engine, phrases)),
    )


def _vectors(engine: Engine, phrases: list[str]) -> npt.NDArray[np.float32]:
    """Return the vectors of the phrases, shape (m, width), from the database as far as they are there."""
    if not phrases or not engine.width:
        return engine.vectors(phrases)
    held = dict(PhraseVector.objects.filter(engine=engine.version).values_list("phrase", "vector"))
    new = sorted(set(phrases) - held.keys())
    # Rounded as those that are kept are, so that it makes no difference who encoded a phrase, and when.
    encoded = engine.vectors(new).astype("<f2")
    PhraseVector.objects.bulk_create(
        (
            PhraseVector(phrase=phrase, engine=engine.version, vector=vector.tobytes())
            for phrase, vector in zip(new, encoded, strict=True)
        ),
        batch_size=500,
        ignore_conflicts=True,
    )
    # Nor does a phrase stay here that no topic has any more: it may have been somebody's own words.
    gone = held.keys() - set(phrases)
    PhraseVector.objects.filter(phrase__in=gone).delete()
    PhraseVector.objects.exclude(engine=engine.version).delete()
    found = np.empty((len(phrases), engine.width), np.float32)
    places = defaultdict(list)
    for place, phrase in enumerate(phrases):
        places[phrase].append(place)
    for phrase, vector in zip(new, encoded, strict=True):
        found[places[phrase]] = vector
    for phrase, stored in held.items():
        if phrase in places:
            found[places[phrase]] = np.frombuffer(stored, "<f2")
    return found
