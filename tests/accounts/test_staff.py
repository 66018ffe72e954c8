"""Staff look after the place, with a second step."""

import datetime as dt

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.actions.listings import add_listing
from accounts.models import Listing, Notice, TopicAlias, User
from accounts.notices import queue
from tests.people import PASSWORD, member

pytestmark = pytest.mark.django_db
PAGES = ["user", "profile", "topic", "listing", "notice"]


def listed(model: str) -> str:
    return reverse(f"admin:accounts_{model}_changelist")


@pytest.fixture
def insider(olga, client_of) -> Client:
    TOTP.activate(olga, pyotp.random_base32())
    return client_of(olga)


def test_staff_without_a_second_step_hear_how_to_set_it_up(client_of, olga):
    client = client_of(olga)
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403
    assert reverse("mfa_index") in response.content.decode()
    for model in PAGES:
        assert client.get(listed(model)).status_code == 302


def test_a_password_alone_does_not_get_staff_in(client, olga):
    TOTP.activate(olga, pyotp.random_base32())
    client.post(reverse("account_login"), {"login": "olga@example.org", "password": PASSWORD})
    assert client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0].startswith("/accounts/")


def test_members_are_not_let_in(client_of, ada):
    assert client_of(ada).get(reverse("admin:index"), follow=True).status_code == 403


def test_nobody_logs_in_by_the_admins_own_form(client, olga):
    response = client.post(reverse("admin:login"), {"username": "olga@example.org", "password": PASSWORD})
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("model", PAGES)
def test_a_list_makes_no_more_queries_with_more_rows(insider, ada, model):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert insider.get(listed(model)).status_code == 200
        return len(queries)

    queue(key="one", kind="trial:x", address="ada@example.org", member=ada, lasts=dt.timedelta(days=1))
    count()
    few = count()
    for number in range(3):
        other = member(f"m{number}@example.org", f"M {number}")
        add_listing(by=other, side="offer", kind="skill", phrase=f"Skill {number}", level=1)
        queue(key=f"m{number}", kind="trial:x", address=other.email, member=other, lasts=dt.timedelta(days=1))
    assert count() == few


def test_each_row_can_be_looked_at(insider, ada):
    queue(key="one", kind="trial:x", address="ada@example.org", member=ada, lasts=dt.timedelta(days=1))
    listing = Listing.objects.filter(member=ada).first()
    for model, pk in (
        ("user", ada.pk),
        ("profile", ada.pk),
        ("topic", listing.topic_id),
        ("listing", listing.pk),
        ("notice", Notice.objects.get().pk),
    ):
        assert insider.get(reverse(f"admin:accounts_{model}_change", args=[pk])).status_code == 200


def test_a_link_in_a_notice_is_not_shown_to_staff(insider, ada):
    Client().post(reverse("account_reset_password"), {"email": "ada@example.org"})
    notice = Notice.objects.get()
    page = insider.get(reverse("admin:accounts_notice_change", args=[notice.pk])).content.decode()
    assert "password_reset_url" in page
    assert notice.context["password_reset_url"] not in page


def test_no_secret_of_two_step_login_is_shown_to_staff(insider, ada):
    secret = pyotp.random_base32()
    authenticator = TOTP.activate(ada, secret).instance
    for page in (
        reverse("admin:mfa_authenticator_changelist"),
        reverse("admin:mfa_authenticator_change", args=[authenticator.pk]),
    ):
        response = insider.get(page)
        assert response.status_code == 200
        assert secret not in response.content.decode()


def test_what_failed_can_be_tried_again(insider):
    for key, state in (("failed", "failed"), ("cancelled", "cancelled")):
        queue(key=key, kind="trial:x", address="ada@example.org", lasts=dt.timedelta(days=1))
        Notice.objects.filter(key=key).update(state=state, attempts=3, faults=3)
    chosen = {"action": "try_again", "_selected_action": [row.pk for row in Notice.objects.all()]}
    insider.post(listed("notice"), chosen)
    assert dict(Notice.objects.values_list("key", "state")) == {"failed": "pending", "cancelled": "cancelled"}


def test_a_member_whom_staff_delete_leaves_as_one_who_goes(insider, ada, delivered):
    insider.post(reverse("admin:accounts_user_delete", args=[ada.pk]), {"post": "yes"})
    assert not User.objects.filter(pk=ada.pk).exists()
    assert [(mail.to, mail.subject) for mail in delivered()] == [(["ada@example.org"], "Your account is deleted")]


def test_a_phrase_that_means_another_topic_is_refused(insider, ada):
    writing, bookkeeping = (TopicAlias.objects.get(key=key) for key in ("writing", "bookkeeping"))
    answers = {
        "kind": "skill",
        "label_en": "Writing",
        "label_fr": "",
        "aliases-TOTAL_FORMS": "2",
        "aliases-INITIAL_FORMS": "1",
        "aliases-0-id": writing.pk,
        "aliases-0-topic": writing.topic_id,
        "aliases-0-phrase": "Writing",
        "aliases-1-topic": writing.topic_id,
        "aliases-1-phrase": " BOOKKEEPING ",
    }
    page = reverse("admin:accounts_topic_change", args=[writing.topic_id])
    assert insider.post(page, answers).status_code == 200
    assert insider.post(page, {**answers, "aliases-1-phrase": "Prose"}).status_code == 302
    assert TopicAlias.objects.get(key="prose").topic == writing.topic
    assert TopicAlias.objects.get(key="bookkeeping").topic == bookkeeping.topic


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"topic": "Editing"}, "This is on your list already."),
        ({"level": ""}, "An offer has a level, a need has an importance."),
        ({"importance": "2"}, "An offer has a level, a need has an importance."),
    ],
)
def test_what_the_database_refuses_staff_is_said_in_words(insider, ada, change, sentence):
    add_listing(by=ada, side="offer", kind="skill", phrase="Editing", level=1)
    listing = Listing.objects.get(member=ada, side="offer", topic__label_en="Writing")
    typed = {
        "kind": "skill",
        "topic": "Writing",
        "words": "",
        "level": "3",
        "importance": "",
        "difference": "",
    } | change
    typed["topic"] = TopicAlias.objects.get(phrase=typed["topic"]).topic_id
    page = reverse("admin:accounts_listing_change", args=[listing.pk])
    insider.raise_request_exception = False
    response = insider.post(page, typed, headers={"Referer": f"http://testserver{page}"}, follow=True)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert list(Listing.objects.filter(pk=listing.pk).values_list("topic", "level")) == [(listing.topic_id, 3)]


def test_one_phrase_given_twice_is_refused_in_words(insider):
    answers = {
        "kind": "skill",
        "label_en": "Juggling",
        "aliases-TOTAL_FORMS": "2",
        "aliases-INITIAL_FORMS": "0",
        "aliases-0-phrase": "Juggling",
        "aliases-1-phrase": "JUGGLING",
    }
    insider.raise_request_exception = False
    response = insider.post(reverse("admin:accounts_topic_add"), answers, follow=True)
    assert "This phrase already belongs to a topic." in response.content.decode()
    assert not TopicAlias.objects.filter(key="juggling").exists()


class TestMail:
    def fail(self, key="one", **fields):
        queue(key=key, kind="trial:x", address="ada@example.org", lasts=dt.timedelta(days=1))
        Notice.objects.filter(key=key).update(state="failed", last_error="550 <b>no</b> such person", **fields)

    def test_the_page_says_how_it_stands(self, insider):
        assert reverse("admin:mail") in insider.get(reverse("admin:index")).content.decode()
        shown = insider.get(reverse("admin:mail")).content.decode()
        assert "Nothing is due that has not gone out." in shown
        queue(key="late", kind="trial:x", address="ada@example.org", lasts=dt.timedelta(days=1))
        Notice.objects.update(next_attempt_at=clock.now() - dt.timedelta(minutes=7))
        self.fail()
        shown = insider.get(reverse("admin:mail")).content.decode()
        assert "The oldest that is due has waited for 7 minutes." in shown
        assert "550 &lt;b&gt;no&lt;/b&gt; such person" in shown

    def test_one_is_tried_again_or_all(self, insider):
        for key in ("one", "two", "three"):
            self.fail(key)
        self.fail("late", expires_at=clock.now())
        insider.post(reverse("admin:mail_again"), {"notice": Notice.objects.get(key="one").pk})
        states = dict(Notice.objects.values_list("key", "state"))
        assert states == {"one": "pending", "two": "failed", "three": "failed", "late": "failed"}
        insider.post(reverse("admin:mail_again"))
        states = dict(Notice.objects.values_list("key", "state"))
        assert states == {"one": "pending", "two": "pending", "three": "pending", "late": "failed"}

    @pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "1 or 1=1"])
    def test_what_is_no_notice_changes_nothing(self, insider, odd):
        self.fail()
        assert insider.post(reverse("admin:mail_again"), {"notice": odd}).status_code == 302
        assert Notice.objects.get().state == "failed"

    def test_looking_is_no_trying_and_others_may_do_neither(self, insider, client_of, ada):
        self.fail()
        assert insider.get(reverse("admin:mail_again")).status_code == 405
        for client in (client_of(ada), Client()):
            assert client.get(reverse("admin:mail")).status_code == 302
            assert client.post(reverse("admin:mail_again")).status_code == 302
        assert Notice.objects.get().state == "failed"

    def test_it_makes_no_more_queries_with_more_rows(self, insider):
        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                insider.get(reverse("admin:mail"))
            return len(queries)

        self.fail()
        few = count()
        for number in range(4):
            self.fail(f"n{number}")
        assert count() == few


def test_a_phrase_that_is_too_long_to_compare_is_refused_in_words(insider, ada):
    writing = TopicAlias.objects.get(key="writing")
    answers = {
        "kind": "skill",
        "label_en": "Writing",
        "aliases-TOTAL_FORMS": "1",
        "aliases-INITIAL_FORMS": "0",
        "aliases-0-topic": writing.topic_id,
        "aliases-0-phrase": "\ufdfa" * 80,
    }
    response = insider.post(reverse("admin:accounts_topic_change", args=[writing.topic_id]), answers)
    assert response.status_code == 200
    assert "That is too long. Say it in fewer words." in response.content.decode()


@pytest.mark.parametrize("topic", ["Editing", "", "-1", "٣", "9" * 30])
def test_a_topic_that_is_none_is_refused_in_words(insider, ada, topic):
    listing = Listing.objects.get(member=ada, side="offer", topic__label_en="Writing")
    typed = {"kind": "skill", "topic": topic, "words": "", "level": "3", "importance": "", "difference": ""}
    response = insider.post(reverse("admin:accounts_listing_change", args=[listing.pk]), typed)
    assert response.status_code == 200
    assert response.context["errors"]
