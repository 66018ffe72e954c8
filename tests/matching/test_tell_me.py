"""A member asks to be told when somebody fits."""

import pytest
from django.urls import reverse

from accounts.actions import mail
from accounts.actions.blocks import block
from accounts.actions.listings import add_listing, remove_listing
from accounts.actions.pausing import pause
from accounts.models import Listing, Notice, Profile
from matching.actions.marks import mark
from matching.actions.watches import stop_watching, tell_all, watch
from matching.index import index
from matching.models import Shown, Watch
from tests.days import advance
from tests.matching.conftest import invitation
from tests.people import member, settle
from tests.together import at_once

pytestmark = pytest.mark.django_db


def newcomer(name: str, **listings):
    address = f"{name.lower().replace(' ', '.')}@example.org"
    said = {"offers": {"Bookkeeping": 3}, "needs": {"Writing": 3}} | listings
    return settle(member(address, name), **said)


def about_fits(mails) -> list:
    return [each for each in mails if "for you" in each.subject]


def choose_mail(person, **choices) -> None:
    mail.choose(
        by=person, choices=choices, digest_weekday=0, digest_hour=8, quiet_from=None, quiet_until=None, resumes_on=None
    )


class TestAsking:
    def test_the_list_offers_it_where_few_fit_and_one_button_is_enough(self, ada, ben, client_of):
        visit = client_of(ada)
        page = visit.get(reverse("partners")).content.decode()
        assert "Tell me by mail" in page
        answer = visit.post(reverse("watch"), {"often": "week", "from_partners": "1"}, follow=True)
        assert answer.redirect_chain == [(reverse("partners"), 302)]
        assert "We will tell you by mail" in answer.content.decode()
        assert "Tell me by mail" not in answer.content.decode()
        assert Watch.objects.get(member=ada).often == "week"

    def test_where_several_fit_or_something_is_missing_it_does_not(self, ada, dan, client_of):
        for number in range(4):
            newcomer(f"New {number}")
        assert "Tell me by mail" not in client_of(ada).get(reverse("partners")).content.decode()
        assert "Tell me by mail" not in client_of(dan).get(reverse("partners")).content.decode()

    def test_settings_lead_to_it_and_it_can_be_changed_and_stopped(self, ada, client_of):
        visit = client_of(ada)
        assert reverse("watch") in visit.get(reverse("settings")).content.decode()
        visit.post(reverse("watch"), {"often": "day"})
        assert Watch.objects.get(member=ada).often == "day"
        day = visit.get(reverse("watch")).content.decode().split('value="day"')[1].split(">")[0]
        assert "checked" in day
        visit.post(reverse("watch"), {"often": "never"})
        assert not Watch.objects.exists()
        assert not Shown.objects.exists()

    @pytest.mark.parametrize("often", ["", "hour", "x" * 500])
    def test_nonsense_is_refused_with_a_sentence(self, ada, client_of, often):
        answer = client_of(ada).post(reverse("watch"), {"often": often})
        assert "Choose" in answer.content.decode()
        assert not Watch.objects.exists()

    def test_asking_twice_at_once_is_asking_once(self, transactional_db):
        ada = settle(member("ada@example.org", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
        at_once(*[lambda: watch(by=ada, often="week")] * 2)
        assert Watch.objects.count() == 1


class TestBeingTold:
    def test_of_who_newly_fits_well_in_one_mail(self, ada, ben, client_of, delivered):
        watch(by=ada, often="week")
        assert tell_all() == 0  # Ben was there before
        newcomer("Carla New")
        newcomer("Dora New")
        newcomer("Weak Fit", offers={"Bookkeeping": 1}, needs={"Writing": 1, "A": 3, "B": 3, "C": 3, "D": 3, "E": 3})
        assert tell_all() == 1
        [told] = about_fits(delivered())
        assert told.subject == "2 people could be partners for you"
        assert told.to == ["ada@example.org"]
        for words in ("Carla New", "Dora New", "Strong fit. Gives you: Bookkeeping. Learns from you: Writing."):
            assert words in told.body
        for words in ("Ben Carter", "Weak Fit"):
            assert words not in told.body
        assert "List-Unsubscribe" in told.extra_headers

    def test_once_and_not_again(self, ada, delivered):
        watch(by=ada, often="week")
        newcomer("Carla New")
        assert [tell_all(), tell_all()] == [1, 0]
        [told] = about_fits(delivered())
        assert told.subject == "Carla New could be a partner for you"
        advance(days=30)
        assert tell_all() == 0

    @pytest.mark.parametrize(("often", "days"), [("week", 7), ("day", 1)])
    def test_as_often_as_was_chosen_and_no_more(self, ada, delivered, often, days):
        watch(by=ada, often=often)
        newcomer("Carla New")
        assert tell_all() == 1
        newcomer("Dora New")
        advance(days=days - 0.5)
        assert tell_all() == 0
        advance(days=0.5)
        assert tell_all() == 1
        assert [each.subject for each in about_fits(delivered())] == [
            "Carla New could be a partner for you",
            "Dora New could be a partner for you",
        ]

    def test_of_who_begins_to_fit_by_changing_a_list(self, ada, delivered):
        carla = newcomer("Carla New", offers={"Chess": 3})
        watch(by=ada, often="week")
        add_listing(by=carla, side="offer", kind="skill", phrase="Bookkeeping", level=3)
        assert tell_all() == 1
        assert "Carla New" in about_fits(delivered())[0].subject

    def test_nobody_is_told_of_who_was_on_their_screen(self, ada, client_of):
        watch(by=ada, often="week")
        newcomer("Carla New")
        client_of(ada).get(reverse("partners"))
        assert tell_all() == 0

    def test_who_was_seen_as_a_weak_fit_is_news_when_they_fit_well(self, ada, client_of, delivered):
        watch(by=ada, often="week")
        carla = newcomer("Carla New", needs={"Writing": 1, "Chess": 3, "Sailing": 3, "Knitting": 3})
        page = client_of(ada).get(reverse("partners")).content.decode()
        assert "Carla New" in page
        assert "Worth a chat" in page
        for phrase in ("Chess", "Sailing", "Knitting"):
            remove_listing(by=carla, listing_id=Listing.objects.get(member=carla, phrase=phrase).pk)
        assert tell_all() == 1
        assert "Carla New" in about_fits(delivered())[0].subject

    def test_nobody_who_did_not_ask_is_told_or_remembered(self, ada, client_of):
        newcomer("Carla New")
        client_of(ada).get(reverse("partners"))
        assert tell_all() == 0
        assert not Shown.objects.exists()
        assert not Notice.objects.filter(kind__startswith="fits").exists()

    @pytest.mark.parametrize("known", ["invited", "set aside", "blocked"])
    def test_nobody_is_told_of_whom_they_know_or_do_not_want(self, ada, known):
        watch(by=ada, often="week")
        carla = newcomer("Carla New")
        if known == "invited":
            invitation(carla, ada)
        elif known == "set aside":
            mark(by=ada, member_id=carla.pk, kind="dismissed")
        else:
            block(by=carla, member=ada)
        assert tell_all() == 0

    def test_who_pauses_is_not_told(self, ada):
        watch(by=ada, often="week")
        newcomer("Carla New")
        pause(by=ada, until=None)
        assert tell_all() == 0

    def test_two_tasks_at_once_write_one_mail(self, transactional_db):
        ada = settle(member("ada@example.org", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
        watch(by=ada, often="week")
        newcomer("Carla New")
        index.segments()
        assert sorted(at_once(tell_all, tell_all)) == [0, 1]
        assert Notice.objects.filter(kind="fits:new").count() == 1


class TestTheTruthWhenItIsSent:
    @pytest.fixture
    def carla(self, ada):
        watch(by=ada, often="week")
        carla = newcomer("Carla New")
        assert tell_all() == 1
        return carla

    @pytest.mark.parametrize(
        "change",
        [
            lambda ada, carla: pause(by=carla, until=None),
            lambda ada, carla: block(by=carla, member=ada),
            lambda ada, carla: remove_listing(by=carla, listing_id=Listing.objects.get(member=carla, side="offer").pk),
            lambda ada, carla: carla.delete(),
            lambda ada, carla: Profile.objects.filter(pk=carla.pk).update(name=""),
            lambda ada, carla: mark(by=ada, member_id=carla.pk, kind="dismissed"),
            lambda ada, carla: stop_watching(by=ada),
            lambda ada, carla: pause(by=ada, until=None),
            lambda ada, carla: choose_mail(ada, fits="off"),
        ],
        ids=[
            "paused", "blocked", "does not fit", "gone", "nameless", "set aside", "no more wanted", "pausing",
            "mails off",
        ],
    )  # fmt: skip
    def test_what_is_not_so_any_more_is_not_told(self, ada, carla, delivered, change):
        change(ada, carla)
        assert about_fits(delivered()) == []

    def test_with_the_weekly_mail_where_that_was_chosen(self, ada, carla, delivered):
        choose_mail(ada, fits="digest")
        assert about_fits(delivered()) == []
        advance(days=7.1)
        assert any("Carla New could be a partner for you" in each.body for each in delivered())

    def test_the_link_of_the_mail_stops_it_and_asking_again_begins_it(self, ada, carla, client, client_of, delivered):
        [told] = about_fits(delivered())
        link = told.extra_headers["List-Unsubscribe"].strip("<>")
        client.post(link[link.index("/emails/") :])
        ada.refresh_from_db()
        assert ada.mail_choices.fits == "off"
        assert ada.mail_choices.introductions == "now"
        assert "You have stopped mails of this sort" in client_of(ada).get(reverse("watch")).content.decode()
        advance(days=8)
        newcomer("Dora New")
        tell_all()
        assert about_fits(delivered()) == []
        client_of(ada).post(reverse("watch"), {"often": "week"})
        advance(days=8)
        newcomer("Elif New")
        assert tell_all() == 1
        assert "Elif New" in about_fits(delivered())[0].subject


def test_it_leaves_with_the_member(ada, ben):
    watch(by=ada, often="week")
    assert Shown.objects.filter(member=ada, other=ben).exists()
    ben.delete()
    assert not Shown.objects.exists()
    ada.delete()
    assert not Watch.objects.exists()
