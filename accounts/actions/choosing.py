"""What a member's phrase is taken to mean: known by name, found by likeness, or chosen by the member."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts import text
from accounts.actions.topics import nearest_topics
from accounts.meaning.resolving import SPELLING, Near
from accounts.models import PendingAlias, RefusedPair, Topic, TopicAlias, User
from accounts.rules import Refused

# How near a topic must be (0 to 1) to be asked about at all. Two phrases may have no letters in common; the models find
# half of anything in everything.
SPELT, MEANT = 0.30, 0.50
MOST_ASKED = 5
# So many places at the end are for topics that somebody said the phrase does not mean.
MOST_REFUSED = 2
LONGEST_KEY = TopicAlias._meta.get_field("key").max_length


@dataclass(frozen=True)
class Choice:
    """What a phrase is to mean: this topic, or without one the member's own words.

    `is_picked` says that the member named it, which is remembered; `refused` are topics that it does not mean.
    """

    topic_id: int | None
    is_picked: bool = False
    refused: tuple[int, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A topic that a phrase may mean; `alias` is the name by which it was found, if any.

    `links`: it is so near, and so much nearer than others, that nobody need be asked.
    """

    topic: Topic
    alias: str = ""
    links: bool = False


def key_of(phrase: str) -> str:
    """Return what the spellings of a phrase share, as long as the database keeps it."""
    return text.key(phrase)[:LONGEST_KEY]


def what_is_meant(phrase: str, *, by: User, language: str) -> Choice | list[Candidate]:
    """Return what the phrase means where that is plain, else the topics to ask the member about.

    It is plain when the member has chosen for this phrase before, when it is an alias, when a topic is very near, and
    when none is near at all: then it is a topic of its own. Looking may take a moment: call it outside a transaction.
    """
    named = _named(key_of(phrase), by)
    if named:
        return Choice(named)
    candidates = candidates_for(phrase, by=by, language=language)
    for each in candidates:
        if each.links:
            return Choice(each.topic.pk)
    return candidates or Choice(None)


def meant_by_anybody(phrase: str, *, language: str) -> int | None:
    """Return the topic that a phrase means plainly, whoever says it; None where it would have to be asked.

    For somebody who is no member yet. Looking may take a moment: call it outside a transaction.
    """
    key = key_of(phrase)
    if not key:
        return None
    return _named(key, None) or next((each.topic_id for each in nearest_topics(phrase, language) if each.is_link), None)


def candidates_for(phrase: str, *, by: User, language: str) -> list[Candidate]:
    """Return the topics that the phrase may mean, as they are asked about.

    First come those that others chose for it, then the nearest, and last some that somebody said it does not mean.
    """
    key = key_of(phrase)
    if not key:
        return []
    refused = list(RefusedPair.objects.filter(key=key).order_by("-pk").values_list("topic", flat=True)[:MOST_ASKED])
    others = PendingAlias.objects.filter(key=key).exclude(member=by).exclude(topic__in=refused).values_list("topic")
    pending = [topic for topic, _count in others.annotate(count=Count("pk")).order_by("-count", "topic")[:MOST_ASKED]]
    near = {each.topic_id: each for each in nearest_topics(phrase, language) if is_near(each)}
    topics = Topic.objects.suggested_to(by).in_bulk({*pending, *near, *refused})
    first = [pk for pk in dict.fromkeys([*pending, *near]) if pk in topics and pk not in refused]
    last = [pk for pk in refused if pk in topics]
    first = first[: MOST_ASKED - min(len(last), MOST_REFUSED)]
    return [
        Candidate(topics[pk], near[pk].phrase, near[pk].is_link and pk not in refused)
        if pk in near
        else Candidate(topics[pk])
        for pk in [*first, *last][:MOST_ASKED]
    ]


def is_near(near: Near) -> bool:
    """Whether a topic is near enough to be asked about, by the measure of what found it."""
    return near.similarity >= (SPELT if near.engine == SPELLING else MEANT)


def topic_for(phrase: str, *, kind: str, by: User | None = None, choice: Choice | None = None) -> Topic:
    """Return the topic that `phrase` is to mean, held until the transaction ends: no merge takes it away meanwhile.

    Without a choice it is what the member chose for the phrase before, else the topic of that alias, else one of its
    own, of this kind. Two people who type the same new phrase at the same moment get the same topic. What the member
    picked or refused is remembered. Call it inside a transaction.
    """
    phrase = text.one_line(phrase)
    key = key_of(phrase)
    if not key:
        raise Refused(_("Name the topic in a word or two, with letters or numbers."))
    if choice is None:
        # What became a name meanwhile is one: the member has said nothing to the contrary.
        return _hold_named(key, by) or _own(phrase, key, kind, None)[0]
    if choice.topic_id is None:
        topic, held = _own(phrase, key, kind, by, refused=choice.refused)
        PendingAlias.objects.filter(key=key, member=by, topic__is_provisional=False).delete()
    else:
        held = hold_topics({choice.topic_id, *choice.refused})
        found = held.get(choice.topic_id)
        if found is None and not choice.is_picked:  # merged meanwhile: a name goes along to the topic that stays
            found = _hold_named(key, by)
        if found is None:
            raise Refused(_("That topic has just become part of another one. Send it again, and choose again."))
        topic = found
    if by is not None:
        _remember(phrase, key, topic, by=by, is_picked=choice.is_picked, refused=set(held) - {topic.pk})
    return topic


def hold_topics(ids: Collection[int]) -> dict[int, Topic]:
    """Return those of these topics that there are, each kept from being deleted until the transaction ends."""
    if not ids:
        return {}
    # In one order, and all at once: two who wait for each other would wait for ever.
    table = connection.ops.quote_name(Topic._meta.db_table)
    rows = Topic.objects.raw(
        f"SELECT * FROM {table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",  # noqa: S608 - the name of our own table
        [list(ids)],
    )
    return {topic.pk: topic for topic in rows}


def _named(key: str, by: User | None) -> int | None:
    """Return the topic that has this name, for this member first and then for everybody."""
    if by is not None:
        chosen = PendingAlias.objects.filter(key=key, member=by).values_list("topic", flat=True).first()
        if chosen:
            return chosen
    return TopicAlias.objects.filter(key=key).values_list("topic", flat=True).first()


def _hold_named(key: str, by: User | None) -> Topic | None:
    while named := _named(key, by):
        # While we waited, the topic may have become part of another, and the name with it.
        if held := hold_topics([named]):
            return held[named]
    return None


def _own(
    phrase: str, key: str, kind: str, by: User | None, *, refused: Collection[int] = ()
) -> tuple[Topic, dict[int, Topic]]:
    """Return the topic of a member's own words, and what is held: it is the same for all who keep the same words.

    Names are written before topics are held, and those all at once: in the order in which a merge locks them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"own words: {key}"])
    while True:
        known = TopicAlias.objects.select_related("topic").filter(key=key).first()
        if known is None:
            topic = Topic.objects.create(kind=kind, label_en=text.as_name(phrase), is_provisional=True)
            TopicAlias.objects.bulk_create([TopicAlias(topic=topic, phrase=phrase, key=key)], ignore_conflicts=True)
            if TopicAlias.objects.filter(key=key, topic=topic).exists():
                return topic, hold_topics(refused)
            topic.delete()
            continue
        if known.topic.is_provisional or by is None:
            same: int | None = known.topic_id
        else:
            # A name of a reviewed topic, which this member does not mean by it: these words are a topic of their own
            # for the member, and for others who say so too.
            also = PendingAlias.objects.filter(key=key, topic__is_provisional=True).order_by("pk")
            same = also.values_list("topic", flat=True).first()
        held = hold_topics({*refused, *([same] if same else [])})
        if same and same not in held:
            continue
        if same:
            topic = held[same]
        else:
            topic = Topic.objects.create(kind=kind, label_en=text.as_name(phrase), is_provisional=True)
        if by is not None and known.topic_id != topic.pk:
            PendingAlias.objects.update_or_create(key=key, member=by, defaults={"topic": topic, "phrase": phrase})
        return topic, held


def _remember(phrase: str, key: str, topic: Topic, *, by: User, is_picked: bool, refused: Collection[int]) -> None:
    """Keep what the member picked, for them and for staff to look at, and what they refused, for everybody."""
    if is_picked:
        mine = PendingAlias.objects.filter(key=key, member=by)
        if TopicAlias.objects.filter(key=key, topic=topic).exists():
            mine.delete()
        elif not mine.filter(topic=topic).exists():
            PendingAlias.objects.update_or_create(key=key, member=by, defaults={"topic": topic, "phrase": phrase})
    RefusedPair.objects.bulk_create(
        [RefusedPair(key=key, topic_id=pk) for pk in sorted(refused)], ignore_conflicts=True
    )
