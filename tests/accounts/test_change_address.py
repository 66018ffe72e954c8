"""A member gets another e-mail address, and with it another login."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.models import User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "countess@example.org"


@pytest.fixture
def insider(client, ada):
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def ask(insider, email=NEW):
    return insider.post(reverse("account_email"), {"email": email, "action_add": ""})


def confirm(insider, mail):
    code = re.search(r"^ +(\S+)$", mail.body, re.MULTILINE)[1]
    return insider.post(reverse("account_email_verification_sent"), {"code": code})


def addresses() -> list[tuple[str, bool, bool]]:
    return list(EmailAddress.objects.values_list("email", "verified", "primary"))


def test_the_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(insider, ada, delivered):
    ask(insider)
    [mail] = delivered()
    assert mail.to == [NEW]
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    confirm(insider, mail)
    ada.refresh_from_db()
    assert (ada.email, addresses()) == (NEW, [(NEW, True, True)])
    told = delivered()
    assert ["ada@example.org"] in [mail.to for mail in told]
    assert any("ada@example.org" in mail.body and NEW in mail.body for mail in told)


def test_the_old_address_opens_nothing_any_more(insider, delivered, client):
    ask(insider)
    confirm(insider, delivered()[0])
    insider.post(reverse("account_logout"))
    login = reverse("account_login")
    assert client.post(login, {"login": "ada@example.org", "password": PASSWORD}).status_code == 200
    assert client.post(login, {"login": NEW, "password": PASSWORD}).status_code == 302


def test_a_wrong_code_changes_nothing(insider, ada, delivered):
    ask(insider)
    insider.post(reverse("account_email_verification_sent"), {"code": "WRONG1"})
    ada.refresh_from_db()
    assert (ada.email, addresses()) == ("ada@example.org", [("ada@example.org", True, True)])


def test_an_address_of_somebody_else_gets_the_same_answer_and_changes_nothing(insider, ada, ben, delivered):
    answers = [
        (answer.status_code, answer.get("Location")) for answer in (ask(insider), ask(insider, "ben@example.org"))
    ]
    assert answers[0] == answers[1]
    assert sorted(mail.to for mail in delivered()) == [["ben@example.org"], [NEW]]
    assert set(User.objects.values_list("email", flat=True)) == {"ada@example.org", "ben@example.org"}


def test_the_password_is_asked_for_first(client_of, ada):
    response = ask(client_of(ada))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_reauthenticate"))
    assert addresses() == [("ada@example.org", True, True)]
