"""A member has forgotten their password."""

import re

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse

from accounts.models import Notice
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "another walk by the sea"


def ask(client: Client, email: str):
    return client.post(reverse("account_reset_password"), {"email": email})


def link_in(mail) -> str:
    return re.search(r"https?://testserver(\S+)", mail.body)[1]


def choose(client: Client, link: str, password: str = NEW):
    page = client.get(link)
    return client.post(page.url, {"password1": password, "password2": password}) if page.status_code == 302 else page


def log_in(client: Client, password: str):
    return client.post(reverse("account_login"), {"login": "ada@example.org", "password": password})


def test_the_link_in_the_mail_leads_to_a_new_password(client, ada, delivered):
    ask(client, "ada@example.org")
    [mail] = delivered()
    choose(client, link_in(mail))
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert [sent.subject for sent in delivered()] == ["You have a new password"]
    assert log_in(client, NEW).url == reverse("home")


def test_the_link_works_once(client, ada, delivered):
    ask(client, "ada@example.org")
    link = link_in(delivered()[0])
    choose(client, link)
    choose(Client(), link, "yet another walk")
    ada.refresh_from_db()
    assert ada.check_password(NEW)


def test_a_changed_link_changes_nothing(client, ada, delivered):
    ask(client, "ada@example.org")
    choose(client, link_in(delivered()[0]).replace("-", "-a", 1))
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_a_known_and_an_unknown_address_get_the_same_answer(ada, delivered):
    answers = [ask(Client(), email) for email in ("ada@example.org", "eve@example.org")]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, answers[0].url)] * 2
    pages = [Client().get(answer.url).content for answer in answers]
    assert pages[0] == pages[1]
    assert sorted((mail.to, mail.subject) for mail in delivered()) == [
        (["ada@example.org"], "Choose a new password"),
        (["eve@example.org"], "There is no account with this address"),
    ]


def test_the_mail_forgets_its_link_once_it_is_sent(client, ada, delivered):
    ask(client, "ada@example.org")
    assert "password_reset_url" in Notice.objects.get().context
    delivered()
    assert Notice.objects.get().context == {}


def test_a_new_password_does_not_do_away_with_the_second_step(client, ada, delivered):
    secret = pyotp.random_base32()
    TOTP.activate(ada, secret)
    ask(client, "ada@example.org")
    choose(client, link_in(delivered()[0]))
    assert client.get(reverse("settings")).status_code == 302
    response = log_in(client, NEW)
    assert response.url == reverse("mfa_authenticate")
    assert client.get(reverse("settings")).status_code == 302
    client.post(response.url, {"code": pyotp.TOTP(secret).now()})
    assert client.get(reverse("settings")).status_code == 200
