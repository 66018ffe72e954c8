"""A person becomes a member: a name, an address that is theirs, a password."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import Notice, Profile, User
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


def answers(**changes) -> dict[str, str]:
    return {
        "name": "Eve Adams",
        "email": "eve@example.org",
        "password1": "a long walk by the river",
        "time_zone": "Asia/Kathmandu",
        "language": "fr-CA",
        **changes,
    }


def sign_up(client: Client, **changes):
    return client.post(reverse("account_signup"), answers(**changes))


def code_in(mail) -> str:
    return re.search(r"^ +(\S+)$", mail.body, re.MULTILINE)[1]


def test_a_new_member_has_a_profile_a_zone_and_a_language(client):
    sign_up(client)
    eve = User.objects.get(email="eve@example.org")
    assert (eve.time_zone, eve.language, eve.profile.name) == ("Asia/Kathmandu", "fr", "Eve Adams")
    assert eve.check_password("a long walk by the river")


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [
        ("", "", ("UTC", "en")),
        ("Mars/Olympus", "tlh", ("UTC", "en")),
        ("../../etc/passwd", "<script>", ("UTC", "en")),
        ("Europe/Paris", "FR", ("Europe/Paris", "fr")),
    ],
)
def test_what_the_browser_says_of_zone_and_language_is_believed_only_if_it_is_one(client, zone, language, expected):
    sign_up(client, time_zone=zone, language=language)
    eve = User.objects.get(email="eve@example.org")
    assert (eve.time_zone, eve.language) == expected


def test_nothing_is_open_before_the_address_is_confirmed(client, delivered):
    response = sign_up(client)
    assert response.url == reverse("account_email_verification_sent")
    assert client.get(reverse("settings")).status_code == 302
    assert not EmailAddress.objects.get(email="eve@example.org").verified
    [mail] = delivered()
    assert mail.to == ["eve@example.org"]
    response = client.post(response.url, {"code": code_in(mail)})
    assert response.status_code == 302
    assert EmailAddress.objects.get(email="eve@example.org").verified
    assert client.get(reverse("settings")).status_code == 200


def test_the_page_leads_on_to_the_welcome(client, delivered):
    response = sign_up(client)
    response = client.post(response.url, {"code": code_in(delivered()[0])})
    assert response.url == reverse("welcome")


def test_a_wrong_code_opens_nothing_and_five_end_it(client, delivered):
    response = sign_up(client)
    code = code_in(delivered()[0])
    for _ in range(5):
        last = client.post(response.url, {"code": "WRONG1"})
    assert last.status_code == 302
    client.post(response.url, {"code": code})
    assert not EmailAddress.objects.get(email="eve@example.org").verified


def test_the_code_and_its_mail_last_ten_minutes(client):
    sign_up(client)
    row = Notice.objects.get()
    assert (row.expires_at - row.due_at).total_seconds() == pytest.approx(600, abs=1)


def test_a_known_and_an_unknown_address_get_the_same_answer(ada, delivered):
    known, unknown = Client(), Client()
    first, second = sign_up(known, email="Ada@example.org"), sign_up(unknown)
    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert first.cookies.keys() == second.cookies.keys()
    asked = [
        (client.get(response.url).content.decode(), client.post(response.url, {"code": "WRONG1"}).content.decode())
        for client, response in ((known, first), (unknown, second))
    ]
    assert [bare(page, "ada@example.org") for page in asked[0]] == [bare(page, "eve@example.org") for page in asked[1]]
    assert sorted((mail.to, mail.subject.split(":")[0]) for mail in delivered()) == [
        (["ada@example.org"], "You already have an account"),
        (["eve@example.org"], "Your code for Peermentor"),
    ]
    assert User.objects.get(email="ada@example.org").check_password(PASSWORD)


def bare(page: str, address: str) -> str:
    """The page without what differs for everybody."""
    page = page.replace(address, "ADDRESS")
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_who_mistyped_their_address_can_begin_again(client):
    response = sign_up(client, email="eev@example.org")
    client.post(reverse("account_logout"))
    assert sign_up(client).url == response.url
    assert Notice.objects.filter(address="eve@example.org").count() == 1


def test_no_name_of_odd_characters_gets_in(client):
    sign_up(client, name="Eve\x0b\x1c\u202e \r\n Bcc: x\x85\u2028 Adams")
    assert User.objects.get(email="eve@example.org").profile.name == "Eve Bcc: x Adams"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " \u2028 "),
        ("name", "Eve\0"),
        ("name", "x" * 81),
        ("email", "no address"),
        ("password1", "short"),
        ("password1", "1234567890"),
        ("password1", "eve@example.org"),
    ],
)
def test_what_is_missing_or_weak_is_said_beside_the_field(client, field, value):
    response = sign_up(client, **{field: value})
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.exists()


def test_who_signs_up_twice_at_once_becomes_one_member(client, ada, monkeypatch):
    """The second of two requests that both saw a free address gets the answer for a known one."""
    from allauth.account import forms

    monkeypatch.setattr(forms.BaseSignupForm, "validate_unique_email", lambda self, value: value)
    response = sign_up(client, email="ada@example.org")
    assert response.url == reverse("account_email_verification_sent")
    assert User.objects.count() == Profile.objects.count() == 1
    assert Notice.objects.get().kind == "account:account/email/account_already_exists"


def test_a_member_without_a_profile_cannot_come_about(client, monkeypatch):
    def fail(**_):
        raise IntegrityError

    monkeypatch.setattr(Profile.objects, "create", fail)
    sign_up(client)
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u0958" * 80, "\ufb2c" * 80])
def test_a_name_that_grows_when_it_is_made_canonical_is_too_long(client, name):
    answer = client.post(
        reverse("account_signup"), {"name": name, "email": "grows@example.org", "password1": "a-password-for-tests"}
    )
    assert answer.status_code == 200
    assert "Shorten it a little" in answer.content.decode()
    assert not User.objects.exists()


def test_another_code_asked_for_too_soon_is_answered_on_the_page_with_the_code_kept(client):
    response = sign_up(client)
    asked = client.post(response.url, {"action": "resend", "code": "ABCD-12"})
    assert (asked.status_code, asked.url) == (302, response.url)
    page = client.get(asked.url).content.decode()
    assert "We have just sent you a code. Give it ten seconds, then ask for another." in page
    assert 'value="ABCD-12"' in page
    assert 'value="ABCD-12"' not in client.get(asked.url).content.decode()
    assert Notice.objects.count() == 1


def test_five_more_codes_can_be_asked_for_and_then_the_page_says_so(client):
    response = sign_up(client)
    for _more in range(5):
        assert "Send a new code" in client.get(response.url).content.decode()
        cache.clear()  # ten seconds later
        client.post(response.url, {"action": "resend"})
    assert Notice.objects.count() == 6
    page = client.get(response.url).content.decode()
    assert "Send a new code" not in page
    assert "We send no more codes from this page." in page


def test_who_logs_in_a_moment_after_signing_up_hears_why_not_yet(client):
    sign_up(client)
    another = Client()
    typed = {"login": "eve@example.org", "password": "a long walk by the river"}
    page = another.post(reverse("account_login"), typed).content.decode()
    assert "We have just sent you a code." in page
    assert "did not work several times" not in page
    wrong = another.post(reverse("account_login"), typed | {"password": "a guess"}).content.decode()
    assert "We have just sent you a code." not in wrong
    cache.clear()
    assert another.post(reverse("account_login"), typed).url == reverse("account_email_verification_sent")
