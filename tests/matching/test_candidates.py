"""The derived rows follow every change, in its own transaction, and what a process holds follows them."""

import datetime as dt
import threading
from contextlib import suppress
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from accounts import clock
from accounts.actions.blocks import block
from accounts.actions.listings import add_listing, remove_listing, restore_listing, topic_for
from accounts.actions.pausing import pause, resume
from accounts.actions.profiles import refresh_hours, save_profile, save_rhythm
from accounts.actions.showing import show
from accounts.models import Listing, Profile, User
from accounts.rules import Refused
from contracts.actions import ending
from contracts.models import Contract
from matching.actions.candidates import forget_who_left, rebuild
from matching.index import Index, index
from matching.models import Candidate
from matching.ranking import Fit, rank
from tests.days import advance
from tests.pairs import in_force
from tests.people import member, settle
from tests.together import at_once

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


def mutual(viewer: User) -> list[int]:
    return [place.member_id for place in rank(viewer) if place.fit is Fit.MUTUAL]


@pytest.mark.django_db
def test_what_one_adds_is_there_for_others_at_once(ada, ben):
    dan = settle(member("new@example.org", "Newt Dane"), offers={}, needs={})
    assert mutual(ada) == [ben.pk]
    add_listing(by=dan, side="offer", kind="skill", phrase="Bookkeeping", level=3)
    add_listing(by=dan, side="need", kind="skill", phrase="Writing", importance=1)
    assert set(mutual(ada)) == {ben.pk, dan.pk}
    remove_listing(by=ben, listing_id=Listing.objects.get(member=ben, side="offer").pk)
    assert mutual(ada) == [dan.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda ben: pause(by=ben, until=None),
        lambda ben: save_profile(by=ben, name="", headline="", about=""),
        lambda ben: User.objects.filter(pk=ben.pk).update(is_active=False),
        lambda ben: EmailAddress.objects.filter(user=ben).update(verified=False),
        lambda ben: EmailAddress.objects.filter(user=ben).delete(),
        lambda ben: save_rhythm(
            by=ben, hours_per_week=2, free_hours=[], languages=["en"], media=[], time_zone="Europe/London"
        ),
        lambda ben: ben.delete(),
    ],
    ids=["paused", "without a name", "not active", "not confirmed", "without an address", "never free", "gone"],
)
def test_who_cannot_be_met_any_more_is_gone_at_once(ada, ben, change):
    assert mutual(ada) == [ben.pk]
    change(ben)
    assert mutual(ada) == []
    assert rebuild() == 0


@pytest.mark.django_db
def test_a_pause_ends_by_itself(ada, ben):
    pause(by=ben, until=(clock.now() + dt.timedelta(days=5)).date())
    assert mutual(ada) == []
    advance(days=6)
    assert mutual(ada) == [ben.pk]


@pytest.mark.django_db
def test_who_left_is_forgotten_a_day_later(ada, ben):
    pk = ben.pk
    ben.delete()
    left = Candidate.objects.get(pk=pk)
    assert (left.is_open, left.offer_topics, left.need_topics, left.languages) == (False, [], [], [])
    assert forget_who_left() == 0
    advance(days=2)
    assert forget_who_left() == 1
    assert set(Candidate.objects.values_list("pk", flat=True)) == {ada.pk}


@pytest.mark.django_db
def test_a_row_that_a_hand_has_changed_is_put_right(ada, ben):
    Candidate.objects.filter(pk=ben.pk).update(offer_topics=[], offer_tenths=[])
    out = StringIO()
    call_command("rebuild_candidates", stdout=out)
    assert out.getvalue().startswith("1 rows")
    assert rebuild() == 0
    assert mutual(ada) == [ben.pk]


def test_when_much_has_changed_everybody_is_read_anew_in_the_background(transactional_db, monkeypatch):
    monkeypatch.setattr("matching.index.MOST_CHANGED", 0)
    ada = settle(member("ada@example.org", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    assert mutual(ada) == []
    ben = settle(member("ben@example.org", "Ben Carter"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
    assert mutual(ada) == [ben.pk]
    for thread in [each for each in threading.enumerate() if each.name == "candidates"]:
        thread.join(20)
    assert ben.pk in index._large.ids[index._large.is_open]
    assert mutual(ada) == [ben.pk]


def test_two_changes_of_one_member_at_once_are_both_there(transactional_db):
    ada = settle(member("ada@example.org", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    for turn in range(8):
        topics = [f"Topic {turn} {number}" for number in range(3)]
        # By hand, without the lock that the actions take on their member.
        made = [Listing(member=ada, side="offer", kind="skill", phrase=topic, level=2, position=9) for topic in topics]
        for listing, topic in zip(made, topics, strict=True):
            listing.topic = topic_for(topic, kind="skill")
        at_once(*[listing.save for listing in made])
        assert set(Candidate.objects.get(pk=ada.pk).offer_topics) == set(
            Listing.objects.filter(member=ada, side="offer").values_list("topic", flat=True)
        )


steps = st.one_of(
    st.tuples(st.just("offer"), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("need"), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("remove"), st.integers(0, 2), st.integers(0, 5)),
    st.tuples(st.just("restore"), st.integers(0, 2), st.integers(0, 5)),
    st.tuples(st.just("pause"), st.integers(0, 2), st.integers(1, 40)),
    st.tuples(st.just("resume"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("rhythm"), st.integers(0, 2), st.integers(0, 3)),
    st.tuples(st.just("block"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("together"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("part"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("keep"), st.integers(0, 2), st.integers(1, 3)),
    st.tuples(st.just("show"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("days"), st.just(0), st.integers(1, 120)),
)


class FollowingTest(TestCase):
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(done=st.lists(steps, min_size=3, max_size=7))
    def test_what_is_held_is_what_a_rebuild_makes(self, done):
        index.forget()
        people = [settle(member(f"p{n}@example.org", f"Person {n}"), offers={}, needs={}) for n in range(3)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('peermentor.clock_offset', '0', false)")
        for what, who, value in done:
            self.do(what, people[who], value, people)
            for person in people:
                held = rank(User.objects.get(pk=person.pk), one_way=9)
                assert held == rank(User.objects.get(pk=person.pk), one_way=9, among=Index())
        refresh_hours()
        before = [rank(User.objects.get(pk=person.pk), one_way=9) for person in people]
        assert rebuild() == 0
        assert [rank(User.objects.get(pk=person.pk), one_way=9) for person in people] == before

    def do(self, what: str, person: User, value: int, people: list[User]) -> None:
        mine = Listing.objects.filter(member=person).order_by("pk")
        if what in {"offer", "need"}:
            if mine.standing().filter(side=what).count() < 4:
                worth = {"level": 1 + value % 3} if what == "offer" else {"importance": 1 + value % 3}
                if not mine.standing().filter(side=what, topic__label_en=f"Topic {value}").exists():
                    add_listing(by=person, side=what, kind="skill", phrase=f"Topic {value}", **worth)
        elif what == "remove" and value < mine.count():
            remove_listing(by=person, listing_id=mine[value].pk)
        elif what == "restore" and value < mine.count():
            gone = mine[value]
            if gone.removed_at and not mine.standing().filter(side=gone.side, topic=gone.topic).exists():
                restore_listing(by=person, listing_id=gone.pk)
        elif what == "pause":
            pause(by=person, until=(clock.now() + dt.timedelta(days=value + 1)).date())
        elif what == "resume":
            resume(by=person)
        elif what == "rhythm":
            save_rhythm(
                by=person, hours_per_week=2, free_hours=[8, 40 + value, 100], languages=["en"], media=["video"],
                time_zone=ZONES[value],
            )  # fmt: skip
        elif what == "block" and people[value] != person:
            block(by=person, member=people[value])
        elif what == "together" and people[value] != person:
            # Whoever pauses or has enough partners says no, which is right too.
            with suppress(Refused), transaction.atomic():
                in_force(person, people[value])
        elif what == "part":
            for contract in Contract.objects.of(person).filter(state="in_force"):
                ending.part(by=person, contract_id=contract.pk)
        elif what == "keep":
            Profile.objects.filter(pk=person.pk).update(partners_at_once=value)
        elif what == "show":
            shown_to = ["everyone", "introduced", "nobody"][value]
            show(
                by=person, about=shown_to, hours=shown_to, country=shown_to, goals={},
                listings=dict.fromkeys(mine.values_list("pk", flat=True)[:2], shown_to),
            )  # fmt: skip
        elif what == "days":
            advance(days=value)
            refresh_hours()
