"""While a member types, topics come up: by their names in either language, however they are spelled."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.actions.listings import add_listing
from accounts.actions.topics import load_topics, read_topics
from accounts.models import Topic
from accounts.typing import topics_typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def vocabulary() -> None:
    load_topics(read_topics())


def shown(client, typed: str) -> list[tuple[str, str, str]]:
    topics = client.get(reverse("topics"), {"q": typed}).json()["topics"]
    return [(topic["label"], topic["kind_label"], topic["match"]) for topic in topics]


FOUND = {
    # As it is, begun, in the middle of a name, in French
    "Bookkeeping": ("Bookkeeping", "Skill", "Bookkeeping"),
    "bookk": ("Bookkeeping", "Skill", "bookkeeper"),
    "stage fri": ("Public speaking", "Skill", "stage fright"),
    "comptabilité": ("Bookkeeping", "Skill", "comptabilité"),
    "COMPTABILITE": ("Bookkeeping", "Skill", "comptabilité"),
    # With a letter too few, too many, another one, and two in the wrong order
    "bokkeeping": ("Bookkeeping", "Skill", "Bookkeeping"),
    "boookkeeping": ("Bookkeeping", "Skill", "Bookkeeping"),
    "photografy": ("Photography", "Skill", "Photography"),
    "comptabiltié": ("Bookkeeping", "Skill", "comptabilité"),
    "publc speking": ("Public speaking", "Skill", "Public speaking"),
}
NOTHING = ["", " ", "?!", "%", "_", "\\", "\x00", "(", "[a", "a{2", "*", "\\m", "🌱", "x" * 5000]


def test_it_is_found_however_it_is_typed(vocabulary, ada, client_of):
    client = client_of(ada)
    assert {typed: shown(client, typed)[0] for typed in FOUND} == FOUND


def test_what_begins_so_comes_before_what_has_such_a_word(ada):
    for label in ("Night gardens", "Gardening at night", "Gardening", "Landscape gardening", "A rock-garden"):
        topic = Topic.objects.create(kind="skill", label_en=label)
        topic.aliases.create(phrase=label, key=label.lower())
    assert [alias.phrase for alias in topics_typed("garden", by=ada)] == [
        *("Gardening", "Gardening at night", "A rock-garden", "Night gardens", "Landscape gardening"),
    ]


def test_a_topic_comes_up_once_and_few_at_a_time(vocabulary, ada, client_of):
    labels = [label for label, _kind, _match in shown(client_of(ada), "tra")]
    assert len(labels) == len(set(labels)) == 8


def test_what_means_nothing_finds_nothing_and_does_no_harm(vocabulary, ada, client_of):
    client = client_of(ada)
    assert {typed: found for typed in NOTHING if (found := shown(client, typed))} == {}


def test_misspelt_words_of_others_are_not_proposed(ada, ben):
    add_listing(by=ben, side="offer", kind="skill", phrase="Secret knowledge", level=2)
    assert topics_typed("secrt knowlege", by=ada) == []
    assert [alias.phrase for alias in topics_typed("secrt knowlege", by=ben)] == ["Secret knowledge"]


def test_a_page_in_french_shows_french_names(vocabulary, ada):
    with translation.override("fr"):
        first = topics_typed("public spea", by=ada)[0]
        assert (first.topic.label, first.phrase) == ("Prise de parole en public", "Public speaking")


@pytest.mark.parametrize(
    ("phrase", "typed"),
    [("كتابة الرسائل", "كتابه الرسائل"), ("Садоводство", "садаводство"), ("Φωτογραφία", "φοτογραφια")],
)
def test_misspelt_words_of_other_scripts_are_found(phrase, typed, ada):
    add_listing(by=ada, side="offer", kind="skill", phrase=phrase, level=2)
    assert [alias.phrase for alias in topics_typed(typed, by=ada)] == [phrase]


def test_a_misspelt_word_is_found_by_the_index(vocabulary, ada):
    with connection.cursor() as cursor:
        # What the planner knows is what is there, whatever ran before in this database.
        cursor.execute("ANALYZE accounts_topic, accounts_topicalias")
    with CaptureQueriesContext(connection) as queries:
        topics_typed("bokkeeping", by=ada)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.4")
        misspelt = next(each["sql"] for each in queries if "%>" in each["sql"])
        cursor.execute("EXPLAIN " + misspelt)
        assert "topic_alias_trigrams" in "\n".join(row[0] for row in cursor.fetchall())
