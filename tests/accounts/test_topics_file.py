"""The list of topics that comes with the application, as a file: what the loader may rely on."""

import csv
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest

TOPICS_FILE = Path(__file__).parents[2] / "accounts" / "data" / "topics.tsv"
COLUMNS = ["kind", "label_en", "label_fr", "aliases"]


@pytest.fixture(scope="module")
def topics() -> list[dict[str, str]]:
    with TOPICS_FILE.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def aliases_of(topic: dict[str, str]) -> list[str]:
    return topic["aliases"].split(" | ")


def folded(phrase: str) -> str:
    """The phrase without case, accents, punctuation or extra spaces: two that fold alike mean the same."""
    bare = unicodedata.normalize("NFKD", phrase.casefold().replace("œ", "oe"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w]+", " ", bare).split())


def test_there_are_enough_topics_of_every_kind(topics):
    per_kind = defaultdict(int)
    for topic in topics:
        per_kind[topic["kind"]] += 1
    assert set(per_kind) == {"skill", "resource", "contact"}
    assert len(topics) >= 600
    assert min(per_kind.values()) >= 100


def test_every_topic_has_a_label_in_both_languages(topics):
    for topic in topics:
        for column in ("label_en", "label_fr"):
            label = topic[column]
            assert label == " ".join(label.split()), topic
            assert 3 <= len(label) <= 60, topic
            assert label[0].isupper() or label[0].isdigit(), topic
            assert not label.endswith("."), topic


def test_every_topic_has_three_to_eight_aliases(topics):
    for topic in topics:
        aliases = aliases_of(topic)
        assert 3 <= len(aliases) <= 8, topic
        assert all(alias and alias == alias.strip() for alias in aliases), topic
        assert len({folded(alias) for alias in aliases}) == len(aliases), topic
        assert not {folded(alias) for alias in aliases} & {folded(topic["label_en"]), folded(topic["label_fr"])}, topic


def test_no_two_topics_answer_to_the_same_phrase(topics):
    answering = defaultdict(set)
    for topic in topics:
        for phrase in [topic["label_en"], topic["label_fr"], *aliases_of(topic)]:
            answering[folded(phrase)].add(topic["label_en"])
    assert {phrase: labels for phrase, labels in answering.items() if len(labels) > 1} == {}


def test_the_file_is_plain(topics):
    text = TOPICS_FILE.read_text(encoding="utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert text.endswith("\n")
    assert not set(text) & {"\r", "\u00a0"}
    assert [len(line.split("\t")) for line in text.splitlines()] == [len(COLUMNS)] * (len(topics) + 1)


ENGLISH = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with", "your"}
)
FRENCH = frozenset(
    {"a", "au", "aux", "avec", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par", "pour", "sur"}
)
# Share of names that have all their word stems in another topic's name, or all of another's in theirs: what may be
# mistaken for one another when only words are compared.
MOST_ALIKE = {"label_en": 0.10, "label_fr": 0.10}


def stems(label: str, small: frozenset[str]) -> frozenset[str]:
    """The words of a name that carry it, cut to five letters: enough to hold singular and plural together."""
    return frozenset(word[:5] for word in folded(label).split() if word not in small)


@pytest.mark.parametrize(("column", "small"), [("label_en", ENGLISH), ("label_fr", FRENCH)])
def test_few_names_hold_the_words_of_another(topics, column, small, record_property):
    names = {topic[column]: stems(topic[column], small) for topic in topics}
    alike = {
        one: other
        for one, mine in names.items()
        for other, theirs in names.items()
        if one != other and mine and mine <= theirs
    }
    sharing = sum(any(mine & theirs for two, theirs in names.items() if one != two) for one, mine in names.items())
    record_property("names that share a stem with another", f"{sharing / len(names):.3f}")
    record_property("names whose stems all stand in another", f"{len(alike) / len(names):.3f}")

    assert len(alike) / len(names) <= MOST_ALIKE[column], alike


def test_both_languages_are_among_the_aliases(topics):
    """Told by the spelling, which is wrong for about one phrase of ten: hence of nearly all topics, and not of each."""
    from accounts.meaning import tongues

    shares = [tongues.english(aliases_of(topic)) for topic in topics]
    with_english = sum(any(share > 0.5 for share in some) for some in shares) / len(topics)
    with_french = sum(any(share < 0.5 for share in some) for some in shares) / len(topics)

    assert with_english >= 0.95
    assert with_french >= 0.95
