"""Staff find that two topics are one: everything of the one that goes belongs to the one that stays."""

from functools import partial

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.actions.choosing import Choice, topic_for
from accounts.actions.housekeeping import forget_unused_topics
from accounts.actions.listings import add_listing, change_listing, choose_topic, remove_listing
from accounts.actions.meaning import rebuild
from accounts.actions.merging import merge_topics
from accounts.actions.topics import TopicEntry, load_topics
from accounts.meaning.engines import chosen
from accounts.models import Listing, PendingAlias, RefusedPair, Topic, TopicAlias, TopicNeighbour
from accounts.rules import Refused
from tests.people import member
from tests.together import at_once

SEWING = TopicEntry("skill", "Sewing", "Couture", ("dressmaking",))
NEEDLEWORK = TopicEntry("resource", "Needlework", "Travaux d'aiguille", ("embroidery",))


@pytest.fixture
def two(db) -> tuple[Topic, Topic]:
    load_topics([SEWING, NEEDLEWORK])
    return Topic.objects.get(label_en="Sewing"), Topic.objects.get(label_en="Needlework")


@pytest.fixture
def insider(olga, client_of) -> Client:
    TOTP.activate(olga, pyotp.random_base32())
    return client_of(olga)


def merge(two) -> Topic:
    kept, merged = two
    return merge_topics(kept_id=kept.pk, merged_id=merged.pk)


def test_all_names_lead_to_the_one_that_stays(two):
    merge(two)
    assert set(TopicAlias.objects.values_list("phrase", "topic__label_en")) == {
        (phrase, "Sewing")
        for phrase in ("Sewing", "Couture", "dressmaking", "Needlework", "Travaux d'aiguille", "embroidery")
    }
    assert list(Topic.objects.values_list("label_en", flat=True)) == ["Sewing"]


def test_listings_move_and_keep_their_words(two, dan):
    listing = add_listing(by=dan, side="offer", kind="skill", phrase="embroidery", words="Roses", level=2)
    merge(two)
    fields = ("phrase", "words", "kind", "topic__label_en")
    assert Listing.objects.filter(pk=listing.pk).values_list(*fields).get() == (
        "embroidery",
        "Roses",
        "skill",
        "Sewing",
    )


def test_words_that_stand_within_other_words_are_kept(two, dan):
    add_listing(by=dan, side="offer", kind="skill", phrase="Sewing", words="For a party", level=3)
    add_listing(by=dan, side="offer", kind="skill", phrase="sewing!", words="art", level=1, choice=Choice(two[1].pk))
    merge(two)
    assert list(Listing.objects.values_list("words", flat=True)) == ["For a party\nart"]


def test_who_listed_both_keeps_the_weightier_with_the_words_of_both(two, dan):
    add_listing(by=dan, side="need", kind="skill", phrase="Sewing", words="A coat", importance=1, difference="Warm")
    add_listing(by=dan, side="need", kind="skill", phrase="Other", importance=1)
    add_listing(
        by=dan, side="need", kind="skill", phrase="embroidery", words="Roses", importance=3, difference="Pretty"
    )
    merge(two)
    fields = ("phrase", "topic__label_en", "words", "importance", "difference", "position")
    assert list(Listing.objects.filter(member=dan).order_by("position").values_list(*fields)) == [
        ("embroidery", "Sewing", "Roses\nSewing: A coat", 3, "Pretty\nWarm", 0),
        ("Other", "Other", "", 1, "", 1),
    ]


def test_of_equal_weight_the_first_stays_and_what_is_the_same_is_said_once(two, dan):
    for phrase in ("embroidery", "Sewing"):
        add_listing(by=dan, side="offer", kind="skill", phrase=phrase, words="By hand", level=2)
    merge(two)
    assert list(Listing.objects.values_list("phrase", "words", "level")) == [
        ("embroidery", "By hand\nSewing: By hand", 2),
    ]


def test_an_offer_and_a_need_are_two(two, dan):
    add_listing(by=dan, side="offer", kind="skill", phrase="embroidery", level=2)
    add_listing(by=dan, side="need", kind="skill", phrase="Sewing", importance=2)
    merge(two)
    assert Listing.objects.standing().filter(topic__label_en="Sewing").count() == 2


def test_a_removed_listing_moves_as_it_is(two, dan):
    add_listing(by=dan, side="offer", kind="skill", phrase="Sewing", level=2)
    removed = add_listing(by=dan, side="offer", kind="skill", phrase="embroidery", words="Roses", level=3)
    remove_listing(by=dan, listing_id=removed.pk)
    merge(two)
    assert list(Listing.objects.standing().values_list("phrase", "words", "topic")) == [("Sewing", "", two[0].pk)]
    assert list(Listing.objects.filter(pk=removed.pk).values_list("phrase", "words", "topic")) == [
        ("embroidery", "Roses", two[0].pk)
    ]


def test_what_was_near_to_either_is_near_to_the_one(two, db):
    kept, merged = two
    Topic.objects.update(kind="skill")
    near, far = (Topic.objects.create(kind="skill", label_en=label) for label in ("Knitting", "Weaving"))
    pairs = [(kept, merged, 90), (kept, near, 40), (merged, near, 60), (merged, far, 30)]
    for one, other, similarity in pairs:
        for pair in ((one, other), (other, one)):
            TopicNeighbour.objects.create(topic=pair[0], neighbour=pair[1], similarity=similarity, engine="x")
    merge((Topic.objects.get(pk=kept.pk), Topic.objects.get(pk=merged.pk)))
    assert set(TopicNeighbour.objects.values_list("topic", "neighbour", "similarity")) == {
        (kept.pk, near.pk, 60),
        (near.pk, kept.pk, 60),
        (kept.pk, far.pk, 30),
        (far.pk, kept.pk, 30),
    }


def test_what_was_refused_or_chosen_moves_but_for_what_is_a_name_now(two, dan, ada):
    kept, merged = two
    for key, topic in (("knitting", merged), ("knitting", kept), ("embroidery", kept), ("weaving", merged)):
        RefusedPair.objects.create(key=key, topic=topic)
    PendingAlias.objects.create(member=dan, topic=merged, phrase="Darning", key="darning")
    PendingAlias.objects.create(member=ada, topic=kept, phrase="Embroidery", key="embroidery")
    merge(two)
    assert set(RefusedPair.objects.values_list("key", "topic")) == {("knitting", kept.pk), ("weaving", kept.pk)}
    assert list(PendingAlias.objects.values_list("phrase", "topic")) == [("Darning", kept.pk)]


def test_a_members_own_words_become_part_of_a_topic_and_not_the_other_way_round(two, dan):
    kept, _other = two
    own = add_listing(by=dan, side="offer", kind="contact", phrase="Fixing torn coats", level=2).topic
    with pytest.raises(Refused, match="A topic of the reviewed list stays"):
        merge_topics(kept_id=own.pk, merged_id=kept.pk)
    merge_topics(kept_id=kept.pk, merged_id=own.pk)
    assert topic_for("fixing torn coats", kind="skill") == kept
    assert list(Listing.objects.values_list("phrase", "kind")) == [("Fixing torn coats", "skill")]


def test_what_is_one_already_or_gone_is_refused(two):
    kept, merged = two
    with pytest.raises(Refused, match="two different topics"):
        merge_topics(kept_id=kept.pk, merged_id=kept.pk)
    merge(two)
    with pytest.raises(Refused, match="One of the two is gone"):
        merge_topics(kept_id=kept.pk, merged_id=merged.pk)


def test_everything_that_points_at_a_topic_is_moved():
    """Who adds a key to a topic decides in accounts.actions.merging what becomes of it."""
    pointing = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.many_to_one and field.concrete and field.related_model is Topic
    }
    assert pointing == {
        *("Listing.topic", "PendingAlias.topic", "RefusedPair.topic", "TopicAlias.topic"),
        *("TopicNeighbour.topic", "TopicNeighbour.neighbour"),
    }


class TestStaff:
    def act(self, insider, *topics, **more):
        chosen = {"action": "merge", "_selected_action": [topic.pk for topic in topics], **more}
        return insider.post(reverse("admin:accounts_topic_changelist"), chosen, follow=True)

    def test_they_are_asked_which_stays_and_it_is_written_down(self, insider, olga, two, dan):
        kept, merged = two
        add_listing(by=dan, side="offer", kind="skill", phrase="embroidery", level=2)
        page = self.act(insider, *two).content.decode()
        assert "Which of the two stays?" in page
        assert "1 listing)" in page
        assert "0 listings)" in page
        answer = self.act(insider, *two, kept=kept.pk)
        assert "“Needlework” is part of “Sewing” now." in answer.content.decode()
        assert list(Listing.objects.values_list("topic", flat=True)) == [kept.pk]
        assert set(LogEntry.objects.values_list("user", "action_flag", "object_id")) == {
            (olga.pk, 2, str(kept.pk)),
            (olga.pk, 3, str(merged.pk)),
        }

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_takes_two(self, insider, two, count):
        third = Topic.objects.create(kind="skill", label_en="Third")
        page = self.act(insider, *[*two, third][:count]).content.decode()
        assert "Choose the two topics that are to be one." in page
        assert Topic.objects.count() == 3

    def test_what_is_refused_leaves_no_trace(self, insider, two, dan):
        own = add_listing(by=dan, side="offer", kind="skill", phrase="Own", level=2).topic
        page = self.act(insider, two[0], own, kept=own.pk).content.decode()
        assert "A topic of the reviewed list stays" in page
        assert not LogEntry.objects.exists()
        assert Topic.objects.filter(pk=own.pk).exists()

    def test_a_choice_of_a_member_becomes_everybodys(self, insider, two, dan, ada):
        kept, merged = two
        choice = partial(Choice, is_picked=True)
        topic_for("Fixing coats", kind="skill", by=dan, choice=choice(kept.pk))
        topic_for("fixing  COATS", kind="skill", by=ada, choice=choice(kept.pk))
        topic_for("dressmaking", kind="skill", by=ada, choice=choice(merged.pk))
        RefusedPair.objects.create(key="fixing coats", topic=kept)
        listed = reverse("admin:accounts_pendingalias_changelist")
        assert "Fixing coats" in insider.get(listed).content.decode()
        chosen = {"action": "accept", "_selected_action": list(PendingAlias.objects.values_list("pk", flat=True))}
        page = insider.post(listed, chosen, follow=True).content.decode()
        assert "1 phrase is a name now." in page
        assert "“dressmaking” is the name of another topic already" in page
        assert TopicAlias.objects.get(key="fixing coats").topic == kept
        assert list(PendingAlias.objects.values_list("phrase", flat=True)) == ["dressmaking"]
        assert not RefusedPair.objects.exists()

    @pytest.mark.parametrize("model", ["pendingalias", "refusedpair"])
    def test_what_members_said_is_looked_at_and_not_made(self, insider, two, dan, model):
        topic_for("Fixing", kind="skill", by=dan, choice=Choice(two[0].pk, is_picked=True, refused=(two[1].pk,)))
        listed = insider.get(reverse(f"admin:accounts_{model}_changelist"))
        assert "Fixing" in listed.content.decode() or "fixing" in listed.content.decode()
        assert insider.get(reverse(f"admin:accounts_{model}_add")).status_code == 403


@pytest.mark.django_db(transaction=True)
class TestMeanwhile:
    """A merge, and at the same moment members who add, change and choose; no one's words are lost, and none fails."""

    @pytest.fixture
    def people(self, two):
        return [member(f"p{number}@example.org", f"P {number}") for number in range(3)]

    def check(self, outcomes):
        assert [each for each in outcomes if isinstance(each, Exception)] == []
        assert not Topic.objects.filter(label_en="Needlework").exists()
        assert not TopicAlias.objects.filter(topic__isnull=True).exists()

    @pytest.mark.parametrize("phrase", ["Needlework", "embroidery", "Sewing"])
    def test_they_add_it(self, two, people, phrase):
        add = [
            partial(add_listing, by=each, side="offer", kind="skill", phrase=phrase, words="Mine", level=2)
            for each in people
        ]
        self.check(at_once(partial(merge, two), *add))
        assert list(Listing.objects.values_list("topic__label_en", "phrase", "words")) == [
            ("Sewing", phrase, "Mine")
        ] * len(people)

    def test_they_add_the_one_and_have_the_other(self, two, people):
        for each in people:
            add_listing(by=each, side="offer", kind="skill", phrase="Sewing", words="Coats", level=2)
        add = [
            partial(add_listing, by=each, side="offer", kind="skill", phrase="embroidery", words="Roses", level=2)
            for each in people
        ]
        outcomes = at_once(partial(merge, two), *add)
        refused = [each for each in outcomes if isinstance(each, Refused)]
        self.check([each for each in outcomes if each not in refused])
        # Who came after the merge hears that they have it already; who came before finds both in one.
        words = list(Listing.objects.values_list("words", flat=True))
        assert len(words) == len(people)
        assert words.count("Coats") == len(refused)
        assert words.count("Coats\nembroidery: Roses") == len(people) - len(refused)

    def test_they_change_and_choose_it(self, two, people):
        mine = [add_listing(by=each, side="offer", kind="skill", phrase="Fixing coats", level=2).pk for each in people]
        needlework = two[1].pk
        change = {"kind": "skill", "words": "Roses", "level": 2}
        outcomes = at_once(
            partial(merge, two),
            partial(change_listing, by=people[0], listing_id=mine[0], phrase="embroidery", **change),
            partial(change_listing, by=people[1], listing_id=mine[1], phrase="Fixing roses", **change),
            partial(choose_topic, by=people[2], listing_id=mine[2], topic_id=needlework),
            forget_unused_topics,
        )
        assert not any(isinstance(each, IntegrityError) for each in outcomes)
        # The topic that was picked by its number may be gone; that is said, and the listing stays as it was.
        assert all(isinstance(each, Refused) for each in outcomes if isinstance(each, Exception))
        found = list(Listing.objects.order_by("pk").values_list("phrase", "topic__label_en"))
        assert found[:2] == [("embroidery", "Sewing"), ("Fixing roses", "Fixing roses")]
        assert found[2] in {("Fixing coats", "Sewing"), ("Fixing coats", "Fixing coats")}

    def test_they_refuse_both_and_keep_their_words(self, two, people):
        refused = Choice(None, refused=tuple(topic.pk for topic in two))
        add = [
            partial(add_listing, by=each, side="offer", kind="skill", phrase=f"Own {number}", level=2, choice=refused)
            for number, each in enumerate(people)
        ]
        self.check(at_once(partial(merge, two), *add, partial(load_topics, [SEWING])))
        assert Listing.objects.count() == len(people)

    def test_two_of_the_staff_do_it_both_ways(self, two):
        one, other = two
        outcomes = at_once(partial(merge, (one, other)), partial(merge, (other, one)))
        assert sorted(type(each).__name__ for each in outcomes) == ["Refused", "Topic"]
        assert Topic.objects.count() == 1
        assert TopicAlias.objects.count() == 6

    def test_the_neighbours_are_built(self, two):
        outcomes = at_once(partial(merge, two), partial(rebuild, chosen("none")))
        self.check(outcomes)
        assert not TopicNeighbour.objects.filter(topic=two[1].pk).exists()
