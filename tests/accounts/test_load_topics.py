"""The list of topics comes into the database, and comes again after every change of its file."""

import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import text
from accounts.actions.choosing import topic_for
from accounts.actions.listings import add_listing, remove_listing
from accounts.actions.topics import TopicEntry, load_topics, read_topics
from accounts.models import Listing, Topic, TopicAlias
from tests.people import member

SPEAKING = TopicEntry("skill", "Public speaking", "Prise de parole en public", ("giving talks", "stage fright"))
SEWING = TopicEntry("skill", "Sewing", "Couture", ("dressmaking", "coudre"))
LIST = [SPEAKING, SEWING]


def known() -> dict[str, str]:
    """Every phrase that the database knows, and the English name of its topic."""
    return dict(TopicAlias.objects.values_list("phrase", "topic__label_en"))


def reviewed() -> list[tuple[str, str, str]]:
    return list(Topic.objects.filter(is_provisional=False).values_list("kind", "label_en", "label_fr"))


@pytest.mark.django_db
def test_the_whole_file_is_loaded_and_a_second_time_changes_nothing(capsys):
    call_command("load_topics")
    entries = read_topics()
    assert Topic.objects.count() == len(entries)
    assert TopicAlias.objects.count() == sum(len(entry.phrases) for entry in entries)
    first = list(TopicAlias.objects.order_by("pk").values())
    capsys.readouterr()

    call_command("load_topics")
    assert list(TopicAlias.objects.order_by("pk").values()) == first
    assert capsys.readouterr().out == (
        f"{len(entries)} topics on the list: 0 added, 0 changed, 0 adopted from members' own words.\n"
    )


@pytest.mark.django_db
def test_a_topic_answers_to_each_of_its_phrases_however_they_are_typed():
    load_topics(LIST)
    for phrase in ("Public speaking", "PRISE DE PAROLE EN PUBLIC", " stage  fright. ", "Giving talks"):
        assert topic_for(phrase, kind="skill").label_en == "Public speaking"


@pytest.mark.django_db
def test_another_list_can_be_named(tmp_path: Path):
    path = tmp_path / "topics.tsv"
    path.write_text("kind\tlabel_en\tlabel_fr\taliases\nresource\tA boat\tUn bateau\trowing boat | barque\n", "utf-8")
    call_command("load_topics", file=path, verbosity=0)
    assert reviewed() == [("resource", "A boat", "Un bateau")]
    assert known() == dict.fromkeys(("A boat", "Un bateau", "rowing boat", "barque"), "A boat")


@pytest.mark.django_db
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "why"),
    [
        (None, "No such file"),
        ("kind\tlabel_en\nskill\tSewing\n", "line 2 is no topic"),
        ("kind\tlabel_en\tlabel_fr\taliases\nskill\tSewing\tCouture\n", "line 2 is no topic"),
        ("kind\tlabel_en\tlabel_fr\taliases\nmagic\tSewing\tCouture\t\n", "line 2 is no topic"),
    ],
    ids=["no file", "other columns", "a short line", "an unknown kind"],
)
def test_a_list_that_is_none_is_refused_with_a_sentence(tmp_path: Path, said, why):
    path = tmp_path / "list.tsv"
    if said is not None:
        path.write_text(said, encoding="utf-8")
    with pytest.raises(CommandError, match=why):
        call_command("load_topics", file=str(path))
    assert not Topic.objects.exists()


def test_a_changed_line_changes_its_topic_and_keeps_the_listings(ada):
    load_topics(LIST)
    listing = add_listing(by=ada, side="offer", kind="skill", phrase="coudre", level=2)

    changes = load_topics([SPEAKING, TopicEntry("contact", "Sewing", "La couture", ("dressmaking", "needlework"))])

    assert changes.changed == ["Sewing"]
    listing.refresh_from_db()
    assert (listing.kind, listing.topic.label_en, listing.topic.label_fr) == ("contact", "Sewing", "La couture")
    # "coudre" has left the list; whoever types it still means sewing.
    assert {phrase for phrase, topic in known().items() if topic == "Sewing"} == {
        "Sewing", "Couture", "La couture", "dressmaking", "coudre", "needlework",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_topic_may_get_another_name_when_the_old_one_stays_as_an_alias(ada):
    load_topics(LIST)
    listing = add_listing(by=ada, side="offer", kind="skill", phrase="Public speaking", level=2)

    changes = load_topics([TopicEntry("skill", "Speaking in public", "Parler en public", ("public speaking",)), SEWING])

    assert (changes.added, changes.changed) == ([], ["Speaking in public"])
    listing.refresh_from_db()
    assert listing.topic.label_en == "Speaking in public"


@pytest.mark.django_db
def test_an_alias_may_move_to_another_topic_without_its_listings(ada):
    load_topics(LIST)
    listing = add_listing(by=ada, side="offer", kind="skill", phrase="stage fright", level=2)

    load_topics(
        [
            TopicEntry("skill", "Public speaking", "Prise de parole en public", ("giving talks",)),
            SEWING,
            TopicEntry("skill", "Confidence", "Confiance en soi", ("stage fright",)),
        ]
    )

    assert known()["stage fright"] == "Confidence"
    listing.refresh_from_db()
    assert listing.topic.label_en == "Public speaking"


@pytest.mark.django_db
def test_a_topic_that_leaves_the_list_stays_for_those_who_use_it(ada):
    load_topics(LIST)
    listing = add_listing(by=ada, side="need", kind="skill", phrase="Sewing", importance=1)
    load_topics([SPEAKING])
    listing.refresh_from_db()
    assert listing.topic.label_en == "Sewing"
    assert known()["coudre"] == "Sewing"


@pytest.mark.django_db
def test_a_members_own_words_become_the_topic_when_they_come_onto_the_list(ada):
    listing = add_listing(by=ada, side="offer", kind="contact", phrase="dressmaking", level=3)
    assert listing.topic.is_provisional

    changes = load_topics(LIST)

    assert (changes.added, changes.adopted) == (["Public speaking"], ["Sewing"])
    listing.refresh_from_db()
    assert (listing.kind, listing.topic.label_en, listing.topic.is_provisional) == ("skill", "Sewing", False)


@pytest.mark.django_db
def test_two_topics_become_one_and_nobody_has_it_twice(ada, ben):
    load_topics([*LIST, TopicEntry("skill", "Needlework", "Travaux d'aiguille", ("embroidery",))])
    removed = add_listing(by=ada, side="offer", kind="skill", phrase="Needlework", level=3)
    remove_listing(by=ada, listing_id=removed.pk)
    only = add_listing(by=ada, side="offer", kind="skill", phrase="Needlework", level=3)
    first = add_listing(by=ben, side="offer", kind="skill", phrase="Sewing", level=2)
    second = add_listing(by=ben, side="offer", kind="skill", phrase="Needlework", level=1)

    load_topics([SPEAKING, TopicEntry("skill", "Sewing", "Couture", (*SEWING.aliases, "needlework", "embroidery"))])

    assert known()["needlework"] == known()["embroidery"] == "Sewing"
    topics = dict(Listing.objects.filter(pk__in=[only.pk, first.pk, second.pk]).values_list("pk", "topic__label_en"))
    # Ben offers both and loses neither: what he wrote second stays under the name that it had.
    assert topics == {only.pk: "Sewing", first.pk: "Sewing", second.pk: "Needlework"}


@pytest.mark.django_db(transaction=True)
def test_two_loads_and_a_member_at_once_do_no_harm():
    person = member("ada@example.org", "Ada")
    start, errors = threading.Barrier(5), []

    def at_once(do):
        try:
            start.wait()
            do()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def write(phrase):
        return lambda: add_listing(by=person, side="offer", kind="skill", phrase=phrase, level=1)

    doings = [lambda: load_topics(LIST)] * 3 + [write("dressmaking"), write("Public speaking")]
    threads = [threading.Thread(target=at_once, args=[do]) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    load_topics(LIST)
    assert sorted(Listing.objects.values_list("topic__label_en", flat=True)) == ["Public speaking", "Sewing"]
    assert reviewed() == [(entry.kind, entry.label_en, entry.label_fr) for entry in LIST]


@pytest.mark.parametrize(
    "phrase",
    [
        *("Writing", "Editing", "Setting prices", "Export contacts", "Writing habits", "Marketing", "Accounting"),
        *("Translation", "Programming", "Web design", "Cooking", "French", "Gardening", "Design", "Sales", "Fitness"),
        *("écriture", "traduction", "programmation", "cuisine", "français", "motivation"),
    ],
)
def test_everyday_words_mean_a_reviewed_topic(db, phrase):
    load_topics(read_topics())
    assert not TopicAlias.objects.get(key=text.key(phrase)).topic.is_provisional


def test_what_is_nearest_to_being_typed_out_comes_first(ada, client_of):
    load_topics(read_topics())
    client = client_of(ada)
    for typed, first in (
        ("edit", "Copy-editing and proofreading"),
        ("writ", "Writing"),
        ("cook", "Cooking from scratch"),
    ):
        assert client.get("/topics/", {"q": typed}).json()["topics"][0]["label"] == first
