"""Which topics are neighbours, and which phrases somebody said do not belong to one."""

from dataclasses import dataclass

from django.db import connection, transaction

from accounts import clock, text
from accounts.meaning import vocabulary as vocabularies
from accounts.meaning.engines import Engine, chosen
from accounts.meaning.neighbours import Nearness, neighbours
from accounts.meaning.vocabulary import Vocabulary
from accounts.models import Neighbourhood, RefusedPair, Topic, TopicAlias, TopicNeighbour


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild did: how many rows it wrote anew or otherwise, how many it deleted, how many there are."""

    written: int
    deleted: int
    rows: int


def rebuild(
    engine: Engine | None = None, vocabulary: Vocabulary | None = None, seen: str = "", nearness: Nearness | None = None
) -> Rebuilt:
    """Make the table of neighbours what the topics say; what is right already is left alone. Two at once do no harm.

    `vocabulary`, if it has been read already, is that of the fingerprint `seen`; `nearness` remembers the rebuild
    before. Meanwhile people go on adding topics: these are the next rebuild's.
    """
    engine = engine or chosen()
    if vocabulary is None:
        # The fingerprint first: what changes between the two is seen as a change the next time.
        seen, vocabulary = vocabularies.fingerprint(engine), vocabularies.read(engine)
    wanted = neighbours(engine, vocabulary, refused_topics(), nearness or Nearness())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('peermentor neighbours'))")
        # Held until we have written: else a topic that goes meanwhile would take the whole rebuild with it.
        there = set(Topic.objects.select_for_update(no_key=True).values_list("pk", flat=True))
        held = {(row.topic_id, row.neighbour_id): row for row in TopicNeighbour.objects.all()}
        right = {
            pair for pair, row in held.items() if (row.similarity, row.engine) == (wanted.get(pair), engine.version)
        }
        gone = [row.pk for pair, row in held.items() if pair not in right]
        TopicNeighbour.objects.filter(pk__in=gone).delete()
        new = [
            TopicNeighbour(topic_id=one, neighbour_id=other, similarity=similarity, engine=engine.version)
            for (one, other), similarity in sorted(wanted.items())
            if (one, other) not in right and one in there and other in there
        ]
        TopicNeighbour.objects.bulk_create(new, batch_size=1000)
        Neighbourhood.objects.update_or_create(
            pk=1, defaults={"engine": engine.version, "fingerprint": seen, "built_at": clock.now()}
        )
    return Rebuilt(written=len(new), deleted=len(gone), rows=len(right) + len(new))


def is_built(seen: str) -> bool:
    """Whether the neighbours are those of the vocabulary with this fingerprint."""
    return Neighbourhood.objects.filter(fingerprint=seen).exists()


def refuse_pair(*, phrase: str, topic: Topic) -> None:
    """Remember that this phrase does not mean this topic. Saying it twice changes nothing; who says it is not kept."""
    if key := text.key(phrase)[:240]:
        RefusedPair.objects.bulk_create([RefusedPair(key=key, topic=topic)], ignore_conflicts=True)


def refused_topics() -> set[tuple[int, int]]:
    """Return the pairs of topics that a refused phrase keeps apart: whose it is, and which it is not."""
    refused = list(RefusedPair.objects.values_list("key", "topic_id"))
    owners = dict(TopicAlias.objects.filter(key__in={key for key, _topic in refused}).values_list("key", "topic_id"))
    return {(owners[key], topic) for key, topic in refused if key in owners and owners[key] != topic}
