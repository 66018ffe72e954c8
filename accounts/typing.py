"""The topics whose names begin with what is being typed, or are spelled much like it."""

import re
from difflib import SequenceMatcher

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.functions import Length

from accounts import text
from accounts.models import Topic, TopicAlias, User

MOST_SHOWN = 8
LONGEST_TYPED = 120
# Of three letters one wrong leaves nothing to go by.
SHORTEST_MISSPELT = 4
# What an alias that is meant has in common with what was typed, in threes of letters (pg_trgm's word_similarity), and
# letter by letter. Threes alone find too much (“wirting” has more of “collaborating” than of “writing”), but have an
# index.
THREES_ALIKE, LETTERS_ALIKE = 0.4, 0.75
# Several aliases of one topic may come before the first of the next.
READ = 60


def topics_typed(typed: str, *, by: User, most: int = MOST_SHOWN) -> list[TopicAlias]:
    """Return one alias for each topic that `typed` may become, best first; the topics are read along.

    First come the names that begin with it, the shortest first: “edit” is more of “editing” than of “éditeurs”. Then
    those in which a word begins with it; where there are none, those that are spelled much like it. Only what may be
    proposed to the member is found: the reviewed list and their own words.
    """
    key = text.key(typed[:LONGEST_TYPED])
    if not key:
        return []
    known = TopicAlias.objects.filter(topic__in=Topic.objects.suggested_to(by)).select_related("topic")
    found: dict[int, TopicAlias] = {}
    for alias in _beginning(known, key):
        found.setdefault(alias.topic_id, alias)
    if not found and len(key) >= SHORTEST_MISSPELT:
        for alias in _misspelt(known, key):
            found.setdefault(alias.topic_id, alias)
    return list(found.values())[:most]


def _beginning(known: QuerySet[TopicAlias], key: str) -> QuerySet[TopicAlias]:
    begins = Case(When(key__startswith=key, then=Value(0)), default=Value(1), output_field=IntegerField())
    a_word_begins = known.filter(key__regex=rf"(^|\m){re.escape(key)}")
    return a_word_begins.order_by(begins, Length("key"), "key")[:READ]


def _misspelt(known: QuerySet[TopicAlias], key: str) -> list[TopicAlias]:
    near = TrigramWordSimilarity(key, "key") + TrigramSimilarity("key", key)
    alike = known.filter(key__trigram_word_similar=key).order_by(near.desc(), "key")
    with transaction.atomic(), connection.cursor() as cursor:
        # The operator that the index knows compares with a setting; and the planner takes a comparison of all rows by
        # their letters for as cheap as one of numbers.
        cursor.execute(
            "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true), "
            "set_config('enable_seqscan', 'off', true)",
            [str(THREES_ALIKE)],
        )
        found = [(_letters_alike(key, alias.key), alias) for alias in alike[:READ]]
    meant = [(share, alias) for share, alias in found if share >= LETTERS_ALIKE]
    return [alias for share, alias in sorted(meant, key=lambda each: (-each[0], len(each[1].key)))]


def _letters_alike(typed: str, key: str) -> float:
    """Return how much of `typed` is in order in that part of `key` which begins with a word and fits best, 0 to 1."""
    starts = [match.start() for match in re.finditer(r"\b\w", key)]
    parts = {key[start : start + len(typed) + more] for start in starts for more in (-1, 0, 1)}
    matcher = SequenceMatcher(b=typed, autojunk=False)
    best = 0.0
    for part in parts:
        matcher.set_seq1(part)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
            best = max(best, matcher.ratio())
    return best
