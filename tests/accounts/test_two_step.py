"""A second step beside the password: a code from an app, or a recovery code."""

import re
import time

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from django.test import Client
from django.urls import reverse

from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def insider(client, ada):
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


@pytest.fixture
def secret(ada) -> str:
    secret = pyotp.random_base32()
    TOTP.activate(ada, secret)
    RecoveryCodes.activate(ada)
    return secret


def first_step(client: Client) -> str:
    return client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD}).url


def is_inside(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_it_is_turned_on_with_a_code_from_the_app(insider, ada, delivered):
    insider.get(reverse("mfa_activate_totp"))
    secret = insider.session[SECRET_SESSION_KEY]
    insider.post(reverse("mfa_activate_totp"), {"code": pyotp.TOTP(secret).now()})
    assert set(Authenticator.objects.filter(user=ada).values_list("type", flat=True)) == {"totp", "recovery_codes"}
    assert "an app code" in insider.get(reverse("settings")).content.decode()
    assert {tuple(mail.to) for mail in delivered()} == {("ada@example.org",)}


def test_a_wrong_code_does_not_turn_it_on(insider, ada):
    insider.get(reverse("mfa_activate_totp"))
    insider.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert not Authenticator.objects.exists()


def test_the_qr_code_is_an_image_of_the_secret_that_is_being_set_up(insider):
    assert insider.get(reverse("totp_qr")).status_code == 404
    insider.get(reverse("mfa_activate_totp"))
    response = insider.get(reverse("totp_qr"))
    assert response["Content-Type"] == "image/svg+xml"
    assert "no-store" in response["Cache-Control"]
    assert re.match(rb"(<\?xml[^>]*>\s*)?<svg", response.content)
    assert b"script" not in response.content


def test_the_qr_code_asks_for_the_password_as_its_page_does(client_of, ada):
    for page in ("totp_qr", "mfa_activate_totp"):
        assert client_of(ada).get(reverse(page)).url.startswith(reverse("account_reauthenticate"))


def test_without_the_second_step_nothing_opens(client, secret):
    assert first_step(client) == reverse("mfa_authenticate")
    assert not is_inside(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_inside(client)
    client.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(secret).now()})
    assert is_inside(client)


def test_a_code_of_the_app_works_once(client, secret):
    code = pyotp.TOTP(secret).at(time.time())
    for browser, expected in ((Client(), True), (client, False)):
        first_step(browser)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert is_inside(browser) is expected


def test_a_recovery_code_works_once(client, ada, secret):
    codes = RecoveryCodes(Authenticator.objects.get(user=ada, type="recovery_codes")).get_unused_codes()
    for browser, code, expected in ((Client(), codes[0], True), (client, codes[0], False), (Client(), codes[1], True)):
        first_step(browser)
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert is_inside(browser) is expected


def test_guessing_is_stopped(client, secret):
    first_step(client)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(secret).now()})
    assert not is_inside(client)
