"""Who has as many partners as they can keep is not found; who lets invitations lapse is shown less, and asked."""

import datetime as dt
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import clock
from accounts.actions.erasing import erase
from accounts.actions.profiles import save_rhythm
from accounts.models import Profile, User
from accounts.rules import Refused
from contracts.actions import drafting, ending
from matching import pricing
from matching.actions.candidates import rebuild
from matching.actions.introductions import ask, decline, lapse_all
from matching.being_found import being_found
from matching.models import Candidate, Presence
from matching.ranking import Fit, rank
from tests.days import advance
from tests.matching.conftest import invitation
from tests.pairs import amend, fill, in_force, introduce, put_name
from tests.people import member, settle
from tests.together import at_once

pytestmark = pytest.mark.django_db


def found_by(viewer) -> list[str]:
    names = dict(Profile.objects.values_list("pk", "name"))
    return [names[place.member_id] for place in rank(viewer) if place.fit is Fit.MUTUAL]


def keep(person, *, partners: int) -> None:
    mine = Profile.objects.get(pk=person.pk)
    save_rhythm(
        by=person,
        hours_per_week=mine.hours_per_week,
        free_hours=mine.free_hours,
        languages=mine.languages,
        media=mine.media,
        time_zone=person.time_zone,
        partners_at_once=partners,
    )


class TestWhoHasAsManyPartnersAsTheyCanKeep:
    @pytest.fixture(autouse=True)
    def one_each(self, ada, ben):
        keep(ada, partners=1)
        keep(ben, partners=1)

    @pytest.fixture
    def kim(self, db):
        return settle(member("kim@example.org", "Kim Lake"), offers={"Writing": 2}, needs={"Bookkeeping": 2})

    def test_is_not_suggested_while_the_contract_is_in_force(self, ada, ben, kim):
        assert found_by(kim) == ["Ben Carter"]
        contract = in_force(ada, ben)
        assert found_by(kim) == []
        amend(contract, time="19:00")
        assert found_by(kim) == []
        assert rebuild() == 0
        ending.part(by=ada, contract_id=contract.pk)
        assert found_by(kim) == ["Ben Carter"]
        assert rebuild() == 0

    def test_is_suggested_when_they_can_keep_one_more(self, ada, ben, kim):
        in_force(ada, ben)
        keep(ben, partners=2)
        assert found_by(kim) == ["Ben Carter"]
        keep(ben, partners=1)
        assert found_by(kim) == []
        assert rebuild() == 0

    def test_is_found_again_when_the_partner_leaves(self, ada, ben, kim):
        in_force(ada, ben)
        ada.delete()
        assert found_by(kim) == ["Ben Carter"]
        assert rebuild() == 0

    def test_cannot_be_invited_by_somebody_new_and_their_page_says_why(self, ada, ben, kim, client_of):
        in_force(ada, ben)
        sentence = "Ben has as many partners as they can keep now."
        with pytest.raises(Refused, match=sentence):
            invitation(kim, ben)
        visit = client_of(kim)
        page = visit.get(reverse("partner", args=[ben.pk])).content.decode()
        assert sentence in page
        assert reverse("introduction_invite", args=[ben.pk]) not in page
        answer = visit.get(reverse("introduction_invite", args=[ben.pk]), follow=True)
        assert answer.redirect_chain == [(reverse("partner", args=[ben.pk]), 302)]
        assert sentence in answer.content.decode()

    def test_can_still_say_yes_to_who_invited_them_before(self, ada, ben, kim):
        asked = invitation(kim, ben)
        in_force(ada, ben)
        assert invitation(ben, kim) == asked

    def test_reads_it_on_home_and_invites_nobody_new(self, ada, ben, kim, client_of):
        in_force(ada, ben)
        home = client_of(ben).get(reverse("home"))
        assert "You have as many partners as you said you can keep" in home.content.decode()
        assert home.context["suggestions"] == []
        with pytest.raises(Refused, match="You have as many partners as you said you can keep"):
            invitation(ben, kim)
        page = client_of(ben).get(reverse("partner", args=[kim.pk])).content.decode()
        assert "Say under “My rhythm” that you could have one more" in page

    def test_says_with_their_rhythm_how_many_they_can_keep(self, ada, client_of):
        visit = client_of(ada)
        said = {"time_zone": "Europe/London", "partners_at_once": "3"}
        visit.post(reverse("rhythm_edit"), said)
        assert Profile.objects.get(pk=ada.pk).partners_at_once == 3
        refused = visit.post(reverse("rhythm_edit"), said | {"partners_at_once": "9"})
        assert "Choose one, two or three." in refused.content.decode()
        with pytest.raises(IntegrityError), transaction.atomic():
            Profile.objects.filter(pk=ada.pk).update(partners_at_once=4)


def test_signing_and_leaving_at_once_leave_the_rows_right(transactional_db):
    for turn in range(3):
        one = settle(member(f"a{turn}@example.org", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
        two = settle(member(f"b{turn}@example.org", "Ben Carter"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
        contract = fill(drafting.start(by=one, introduction_id=introduce(one, two).pk), one)
        put_name(contract, one)
        at_once(partial(put_name, contract, two), partial(erase, by=one, site_url="https://example.org"))
        assert not User.objects.filter(pk=one.pk).exists()
        assert rebuild() == 0
        assert Candidate.objects.get(pk=two.pk).is_full is False


class TestWhoLetsInvitationsLapse:
    @pytest.fixture
    def askers(self, db):
        return [
            settle(member(f"asker{number}@example.org", f"Asker {number}"), offers={"Tea": 1}, needs={"Cake": 1})
            for number in range(3)
        ]

    def let_lapse(self, person, *by) -> None:
        for asker in by:
            invitation(asker, person)
        advance(days=15)
        lapse_all()

    def test_is_asked_after_the_second_and_shown_less(self, ben, askers, client_of):
        self.let_lapse(ben, askers[0])
        assert being_found(ben).unanswered == 1
        assert "Is this a busy time?" not in client_of(ben).get(reverse("home")).content.decode()
        self.let_lapse(ben, askers[1])
        assert being_found(ben).unanswered == 2
        assert "2 invitations to you ran out" in client_of(ben).get(reverse("home")).content.decode()
        for _time in range(12):
            pricing.settle({})
        price = Candidate.objects.get(pk=ben.pk).price
        assert 495 <= price <= 505
        assert Candidate.objects.get(pk=askers[0].pk).price == 1000

    def test_the_price_moves_half_the_way_each_time(self, ben, askers):
        self.let_lapse(ben, *askers[:2])
        pricing.settle({})
        assert Candidate.objects.get(pk=ben.pk).price == 750
        pricing.settle({})
        assert Candidate.objects.get(pk=ben.pk).price == 625

    @pytest.mark.parametrize("answered", ["question", "no"])
    def test_any_answer_counts_anew(self, ben, askers, answered):
        self.let_lapse(ben, *askers[:2])
        introduction = invitation(askers[2], ben)
        if answered == "question":
            ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What for?")
        else:
            decline(by=ben, introduction_id=introduction.pk, seen_move=1)
        assert being_found(ben).unanswered == 0
        for _time in range(12):
            pricing.settle({})
        assert Candidate.objects.get(pk=ben.pk).price >= 995

    def test_a_question_that_the_inviter_left_open_is_no_silence(self, ben, askers):
        for asker in askers[:2]:
            ask(by=ben, introduction_id=invitation(asker, ben).pk, seen_move=1, text="What for?")
        advance(days=15)
        lapse_all()
        assert being_found(ben).unanswered == 0

    def test_what_is_long_ago_does_not_count(self, ben, askers):
        self.let_lapse(ben, *askers[:2])
        advance(days=60)
        assert being_found(ben).unanswered == 0

    def test_saying_that_one_is_here_counts_anew(self, ben, askers, client_of):
        self.let_lapse(ben, *askers[:2])
        visit = client_of(ben)
        answer = visit.post(reverse("presence_say"), {"weeks": "0"}, follow=True).content.decode()
        assert "Good that you are here" in answer
        assert "Is this a busy time?" not in answer
        assert being_found(ben).unanswered == 0
        assert Presence.objects.owned_by(ben).count() == 1
        advance(days=31)  # so long a no stands
        self.let_lapse(ben, askers[0])
        assert being_found(ben).unanswered == 1

    @pytest.mark.parametrize("weeks", [4, 8])
    def test_a_pause_is_one_button_and_can_be_undone(self, ben, askers, client_of, weeks):
        self.let_lapse(ben, *askers[:2])
        visit = client_of(ben)
        visit.post(reverse("presence_say"), {"weeks": str(weeks)})
        back = Profile.objects.get(pk=ben.pk).paused_until
        assert dt.timedelta(weeks=weeks, days=-2) < back - clock.now() <= dt.timedelta(weeks=weeks)
        assert "Is this a busy time?" not in visit.get(reverse("home")).content.decode()
        visit.post(reverse("resume"))
        assert Profile.objects.get(pk=ben.pk).paused_until is None
        assert being_found(ben).unanswered == 0

    def test_nothing_else_can_be_said(self, ben, client_of):
        assert client_of(ben).post(reverse("presence_say"), {"weeks": "52"}).status_code == 404
        assert not Presence.objects.exists()
