"""A member leaves."""

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.actions.blocks import block
from accounts.actions.erasing import erase
from accounts.actions.listings import add_listing
from accounts.models import Block, Goal, Listing, Notice, Profile, Topic, User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


def logged_in() -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    client.get(reverse("settings"))
    return client


@pytest.fixture
def insider(ada) -> Client:
    return logged_in()


def leave(client: Client, word: str = "delete"):
    return client.post(reverse("delete_account"), {"word": word})


def confirm(client: Client, word: str = "delete"):
    """Ask to leave, and give the password that is then asked for."""
    asked = leave(client, word)
    return client.post(asked.url, {"password": PASSWORD, "next": reverse("delete_account")})


def test_the_page_says_first_what_goes_and_what_stays(insider):
    page = insider.get(reverse("delete_account")).content.decode()
    for words in ("your goals", "your offers and needs", "What stays with your partners", "ada@example.org"):
        assert words in page


def test_everything_goes(insider, ada, ben, delivered):
    add_listing(by=ada, side="offer", kind="skill", phrase="Ada’s very own words", level=2)
    block(by=ada, member=ben)
    block(by=ben, member=ada)
    response = confirm(insider)
    assert response.status_code == 302, response.content.decode()
    assert list(User.objects.values_list("email", flat=True)) == ["ben@example.org"]
    for model, of in (
        (Profile, "member"),
        (Goal, "member"),
        (Listing, "member"),
        (EmailAddress, "user"),
        (UserSession, "user"),
    ):
        assert not model.objects.exclude(**{of: ben}).exists()
    assert not Block.objects.exists()
    assert not Topic.objects.filter(label_en="Ada’s very own words").exists()
    assert Topic.objects.filter(label_en="Writing").exists()


def test_who_left_is_logged_out_everywhere_and_told_once(insider, delivered):
    other = logged_in()
    delivered()
    response = confirm(insider)
    assert "Your account is deleted" in insider.get(response.url).content.decode()
    for client in (insider, other):
        assert client.get(reverse("settings")).status_code == 302
    assert not Session.objects.filter(session_key=other.cookies["sessionid"].value).exists()
    [mail] = delivered()
    assert (mail.to, mail.subject) == (["ada@example.org"], "Your account is deleted")
    assert "Hello Ada," in mail.body
    assert list(Notice.objects.values_list("member", "context")) == [(None, {})]


def test_what_others_wrote_down_about_them_goes_too(insider, ada, olga, delivered):
    User.objects.filter(pk=olga.pk).update(is_staff=True)
    for content_type, object_id, told in (
        (ContentType.objects.get_for_model(User), ada.pk, "ada@example.org"),
        (ContentType.objects.get_for_model(EmailAddress), 4711, "ada@example.org (primary)"),
    ):
        LogEntry.objects.create(
            user=olga, content_type=content_type, object_id=object_id, object_repr=told, action_flag=CHANGE
        )
    Client().post(reverse("account_reset_password"), {"email": "ada@example.org"})
    delivered()
    confirm(insider)
    assert not LogEntry.objects.exists()
    assert not Notice.objects.exclude(kind="account:emails/account_deleted").exists()


def test_nothing_happens_without_the_password(insider, ada):
    asked = leave(insider)
    assert asked.url.startswith(reverse("account_reauthenticate"))
    insider.post(asked.url, {"password": "not the password"})
    assert User.objects.filter(pk=ada.pk).exists()


@pytest.mark.parametrize("word", ["", "yes", "delete everything", "dele te"])
def test_nothing_happens_without_the_word(insider, ada, word):
    response = confirm(insider, word)
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["word"])
    assert User.objects.filter(pk=ada.pk).exists()


@pytest.mark.parametrize("word", ["Delete", " DELETE ", "“delete”"])
def test_the_word_is_taken_as_people_type_it(insider, ada, word):
    confirm(insider, word)
    assert not User.objects.filter(pk=ada.pk).exists()


def test_a_link_deletes_nothing(insider, ada):
    insider.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    insider.get(reverse("delete_account"), {"word": "delete"})
    assert User.objects.filter(pk=ada.pk).exists()


def test_the_address_is_free_again(insider, client):
    confirm(insider)
    client.post(
        reverse("account_signup"), {"name": "Ada", "email": "ada@example.org", "password1": "a long walk by the river"}
    )
    assert User.objects.filter(email="ada@example.org").exists()


def test_what_is_said_of_a_longer_address_stays(insider, olga, delivered):
    for told in ("joada@example.org", "ada@example.org.uk", "x.ada@example.org", "ADA@example.org (primary)"):
        LogEntry.objects.create(
            user=olga,
            content_type=ContentType.objects.get_for_model(EmailAddress),
            object_id=4711,
            object_repr=told,
            action_flag=CHANGE,
        )
    confirm(insider)
    left = LogEntry.objects.order_by("pk").values_list("object_repr", flat=True)
    assert list(left) == ["joada@example.org", "ada@example.org.uk", "x.ada@example.org"]


def test_an_address_that_nobody_confirmed_is_not_told_the_name(ada, delivered):
    EmailAddress.objects.filter(user=ada).update(verified=False)
    erase(by=ada, site_url="https://peermentor.example")
    [mail] = delivered()
    assert mail.to == ["ada@example.org"]
    assert "Ada" not in mail.body
