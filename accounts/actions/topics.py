"""The reviewed list of topics, brought from its file into the database; and which of them are near to a phrase."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from accounts import text
from accounts.meaning.resolving import Near, nearest
from accounts.models import Listing, Topic, TopicAlias
from accounts.models.topics import Kind

TOPICS_FILE = Path(__file__).resolve().parent.parent / "data" / "topics.tsv"


@dataclass(frozen=True)
class TopicEntry:
    """One line of the file: a topic's kind, its two names, and the other phrases that people type for it."""

    kind: str
    label_en: str
    label_fr: str
    aliases: tuple[str, ...]

    @property
    def phrases(self) -> dict[str, str]:
        """Every phrase that means this topic, by its key; the labels first."""
        phrases: dict[str, str] = {}
        for phrase in (self.label_en, self.label_fr, *self.aliases):
            phrases.setdefault(text.key(phrase), phrase)
        return phrases


@dataclass
class TopicChanges:
    """What a load did: the English names of the topics that it added, changed or adopted from members' own words."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)


def nearest_topics(phrase: str, language: str, *, most: int = 5) -> list[Near]:
    """Return the reviewed topics that are nearest to a phrase, the nearest first; see accounts.meaning.resolving.

    It may take a third of a second: call it outside a transaction.
    """
    return nearest(phrase, language, most=most)


def read_topics(path: Path = TOPICS_FILE) -> list[TopicEntry]:
    """Return the entries of a file of topics: tab-separated, a header, aliases between ` | `.

    Raises ValueError with the number of the line that is none.
    """
    entries = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=2):
            kind, english, french, aliases = (row.get(name) for name in ("kind", "label_en", "label_fr", "aliases"))
            if kind not in Kind.values or not english or not french or aliases is None:
                raise ValueError(f"line {number} is no topic: a kind, an English name, a French name, aliases")
            entries.append(TopicEntry(kind, english, french, tuple(filter(None, aliases.split(" | ")))))
    return entries


def lock_names() -> None:
    """Let nobody else give a topic a name, or move one, until the transaction ends.

    Readers go on; whoever adds a phrase of their own waits for the moment that this takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {connection.ops.quote_name(TopicAlias._meta.db_table)} IN SHARE ROW EXCLUSIVE MODE")


def lock_neighbours() -> None:
    """Wait until nobody builds neighbours, and let nobody begin until the transaction ends.

    The lock is that of accounts.actions.meaning.rebuild, which is not for a web process to import.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('peermentor neighbours'))")


def load_topics(entries: Iterable[TopicEntry]) -> TopicChanges:
    """Make the database know these topics, each by all its phrases. May run again, and two at once do no harm.

    A topic is known again by its English name, else by another phrase of its entry, so that a name may be changed
    when the old one stays as an alias. Nothing is deleted: a topic or alias that has left the list stays, because
    members may be using it. A member's own words that have come onto the list become that topic, and so do the
    listings of a topic whose name has become another's alias.
    """
    entries = list(entries)
    with transaction.atomic():
        lock_names()
        known = {alias.key: alias for alias in TopicAlias.objects.select_related("topic")}
        changes = TopicChanges()
        topics = _match(entries, known)
        for entry, topic in zip(entries, topics, strict=True):
            _write(entry, topic, changes)
        Topic.objects.bulk_create([topic for topic in topics if topic.pk is None])
        _give_phrases(entries, topics, known)
    return changes


def _match(entries: list[TopicEntry], known: dict[str, TopicAlias]) -> list[Topic]:
    """Return each entry's topic: the one of that English name, else of another of its phrases, else a new one."""
    by_name = {text.key(alias.topic.label_en): alias.topic for alias in known.values()}
    # All names first: a topic that has kept its name is not to be taken for another one's alias.
    of_same_name = [by_name.pop(text.key(entry.label_en), None) for entry in entries]
    return [
        topic or next((by_name.pop(key) for key in entry.phrases if key in by_name), Topic())
        for entry, topic in zip(entries, of_same_name, strict=True)
    ]


def _write(entry: TopicEntry, topic: Topic, changes: TopicChanges) -> None:
    """Make the topic what its entry says, and save it unless it is new."""
    wanted = (entry.kind, entry.label_en, entry.label_fr, False)
    if (topic.kind, topic.label_en, topic.label_fr, topic.is_provisional) == wanted:
        return
    if topic.pk is None:
        changes.added.append(entry.label_en)
    elif topic.is_provisional:
        changes.adopted.append(entry.label_en)
    else:
        changes.changed.append(entry.label_en)
    topic.kind, topic.label_en, topic.label_fr, topic.is_provisional = wanted
    if topic.pk:
        topic.save()
        # A listing of a reviewed topic has the topic's kind; of one's own words it has the kind that its author chose.
        Listing.objects.filter(topic=topic).exclude(kind=topic.kind).update(kind=topic.kind)


def _give_phrases(entries: list[TopicEntry], topics: list[Topic], known: dict[str, TopicAlias]) -> None:
    """Let each phrase mean its topic; a topic whose name has become another's phrase hands over its listings."""
    listed = {topic.pk for topic in topics}
    new = []
    for entry, topic in zip(entries, topics, strict=True):
        for key, phrase in entry.phrases.items():
            alias = known.get(key)
            if alias is None:
                new.append(TopicAlias(topic=topic, phrase=phrase, key=key))
            elif alias.topic_id != topic.pk:
                former = alias.topic
                alias.topic, alias.phrase = topic, phrase
                alias.save(update_fields=["topic", "phrase"])
                if former.pk not in listed and text.key(former.label_en) == key:
                    _hand_over(former, topic)
    TopicAlias.objects.bulk_create(new)


def _hand_over(former: Topic, topic: Topic) -> None:
    """Let listings of a former topic be of this one, except where the member has listed this one already."""
    there = set(Listing.objects.standing().filter(topic=topic).values_list("member_id", "side"))
    for listing in Listing.objects.select_for_update().filter(topic=former):
        if listing.removed_at or (listing.member_id, listing.side) not in there:
            listing.topic, listing.kind = topic, topic.kind
            listing.save(update_fields=["topic", "kind"])
