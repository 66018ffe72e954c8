"""Which topics a phrase may mean: asked of the process `meaning`, else answered by spelling.

A question is one JSON object in a list of Redis, its answer another in a list of its own, which lives for some seconds.
Nobody waits longer than they said, so a question that is older than that is not answered any more.
"""

import json
import logging
import time
import uuid
from dataclasses import dataclass

import redis
from django.conf import settings
from django.contrib.postgres.search import TrigramSimilarity

from accounts import text
from accounts.models import RefusedPair, TopicAlias

log = logging.getLogger(__name__)

# From here on a topic may be taken without asking, if no other is nearly as near (docs/decisions/0015 has the figures).
LINKS_FROM = 0.85
CLEAR_BY = 0.03

PATIENCE = 0.25  # seconds: with what PostgreSQL takes, nobody waits for 300 ms
ANSWER_KEPT = 5  # seconds

QUESTIONS = "peermentor:meaning:questions"
ANSWERS = "peermentor:meaning:answer:"
READY = "peermentor:meaning:ready"  # there while a process has its vocabulary and answers
SPELLING = "trigram"

_client: redis.Redis | None = None


@dataclass(frozen=True)
class Near:
    """A topic that a phrase may mean.

    `phrase` is the alias that is nearest; `similarity` is 0 to 1; `engine` says who found it: the version of an engine,
    or "trigram". `is_link`: so near, and so much nearer than all others, that it may be taken without asking.
    """

    topic_id: int
    phrase: str
    similarity: float
    engine: str
    is_link: bool = False


def is_clear(best: float, next_best: float) -> bool:
    """Whether the nearest topic may be taken without asking, given the similarity of the second nearest."""
    return best >= LINKS_FROM and best - next_best >= CLEAR_BY


def nearest(phrase: str, language: str, *, kind: str | None = None, most: int = 5) -> list[Near]:
    """Return at most `most` reviewed topics that the phrase may mean, the nearest first; only those of `kind`, if
    given.

    `language` is that of the page ("en", "fr-ca"); the phrase need not be in it. A topic that somebody refused for
    this very phrase is left out. Waits for at most PATIENCE, and makes two queries to the database.
    """
    phrase = text.one_line(phrase)[:120]
    key = text.key(phrase)[:240]
    if not key or most < 1:
        return []
    refused = set(RefusedPair.objects.filter(key=key).values_list("topic_id", flat=True))
    # One more than wanted, to see whether the first stands out.
    wanted = most + len(refused) + 1
    answer = _ask(phrase, language, kind or "", wanted)
    found = _by_spelling(key, kind, wanted) if answer is None else _of_aliases(*answer)
    found = [near for near in found if near.topic_id not in refused]
    if found and is_clear(found[0].similarity, found[1].similarity if len(found) > 1 else 0.0):
        found[0] = Near(**{**vars(found[0]), "is_link": True})
    return found[:most]


def _ask(phrase: str, language: str, kind: str, most: int) -> tuple[str, list[tuple[int, float]]] | None:
    """Return the engine's version and the nearest aliases' ids with their similarity; None: nobody said it in time."""
    until = time.monotonic() + PATIENCE
    try:
        client = _redis()
        if not client.exists(READY):
            return None
        name = uuid.uuid4().hex
        question = {"name": name, "phrase": phrase, "language": language, "kind": kind, "most": most}
        # The server's clock says how old a question is, whichever machines we and the process are on.
        seconds, micros = client.time()
        question["until"] = seconds + micros / 1e6 + max(0.0, until - time.monotonic())
        with client.pipeline(transaction=False) as pipe:
            pipe.rpush(QUESTIONS, json.dumps(question))
            pipe.expire(QUESTIONS, ANSWER_KEPT)
            pipe.execute()
        left = until - time.monotonic()
        said = client.blpop([ANSWERS + name], timeout=left) if left > 0.001 else None
    except redis.TimeoutError:
        return None
    except (redis.RedisError, OSError) as error:
        log.info("The process `meaning` cannot be asked: %s", error)
        return None
    if said is None:
        return None
    answer = json.loads(said[1])
    return answer["engine"], [(int(alias), float(similarity)) for alias, similarity in answer["near"]]


def _redis() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE / 2
        )
    return _client


def _of_aliases(engine: str, near: list[tuple[int, float]]) -> list[Near]:
    """Return the answer with what the database says now: an alias may have gone, or gone to another topic."""
    aliases = TopicAlias.objects.filter(topic__is_provisional=False).in_bulk([alias for alias, _similarity in near])
    found: dict[int, Near] = {}
    for number, similarity in near:
        if alias := aliases.get(number):
            found.setdefault(alias.topic_id, Near(alias.topic_id, alias.phrase, min(1.0, max(0.0, similarity)), engine))
    return list(found.values())


def _by_spelling(key: str, kind: str | None, most: int) -> list[Near]:
    """Return the topics with the aliases that are spelt most alike, by the index of trigrams."""
    aliases = TopicAlias.objects.filter(key__trigram_similar=key, topic__is_provisional=False)
    if kind:
        aliases = aliases.filter(topic__kind=kind)
    alike = aliases.annotate(similarity=TrigramSimilarity("key", key)).order_by("-similarity", "pk")
    found: dict[int, Near] = {}
    for alias in alike[: most * 8]:
        found.setdefault(alias.topic_id, Near(alias.topic_id, alias.phrase, float(alias.similarity), SPELLING))
    return list(found.values())[:most]
