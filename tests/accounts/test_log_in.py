"""A member comes back."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Notice
from tests.people import PASSWORD, member

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str, password: str = PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_e_mail_and_password_let_in_whatever_the_case_of_the_address(client, ada):
    assert log_in(client, "ADA@Example.org").url == reverse("home")
    assert client.get(reverse("settings")).status_code == 200


def test_the_session_has_a_new_name_after_logging_in(client, ada):
    client.get(reverse("account_login"))
    client.session["seen"] = True
    client.session.save()
    before = client.session.session_key
    log_in(client, "ada@example.org")
    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ada):
    known, unknown = Client(), Client()
    pages = [
        (response.status_code, response.content.decode().replace(email, "ADDRESS"))
        for client, email in ((known, "ada@example.org"), (unknown, "eve@example.org"))
        for response in [log_in(client, email, "not the password")]
    ]
    assert "That e-mail and password do not match." in pages[0][1]
    assert without_tokens(pages[0][1]) == without_tokens(pages[1][1])
    assert pages[0][0] == pages[1][0] == 200
    assert not Notice.objects.exists()


def without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_the_sixth_wrong_password_in_five_minutes_is_not_even_tried(client, ada):
    for _ in range(5):
        assert "do not match" in log_in(client, "ada@example.org", "wrong").content.decode()
    refused = log_in(client, "ada@example.org")
    assert refused.status_code == 429 or "Wait five minutes" in refused.content.decode()
    assert client.get(reverse("settings")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_guessing_in_parallel_helps_nobody(ada):
    """Thirty guesses at the same moment: five are tried, at most."""
    start, answers = threading.Barrier(15), []

    def guess():
        try:
            start.wait()
            for _ in range(2):
                answers.append(log_in(Client(), "ada@example.org", "wrong"))
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert len(answers) == 30
    tried = [answer for answer in answers if "do not match" in answer.content.decode()]
    assert 1 <= len(tried) <= 5


def test_who_has_not_confirmed_their_address_is_asked_to(client, delivered):
    member("eve@example.org", "Eve Adams", is_confirmed=False)
    assert log_in(client, "eve@example.org").url == reverse("account_email_verification_sent")
    assert [mail.to for mail in delivered()] == [["eve@example.org"]]
    assert client.get(reverse("settings")).status_code == 302


def test_one_who_was_switched_off_is_not_let_in_and_is_out_at_once(client, ada):
    inside = Client()
    log_in(inside, "ada@example.org")
    ada.is_active = False
    ada.save()
    log_in(client, "ada@example.org")
    assert client.get(reverse("settings")).status_code == 302
    assert inside.get(reverse("settings")).status_code == 302


def test_logging_out_makes_the_old_cookie_worthless(client, ada):
    log_in(client, "ada@example.org")
    cookie = client.cookies["sessionid"].value
    client.post(reverse("account_logout"))
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get(reverse("settings")).status_code == 302


def test_no_cache_keeps_what_a_member_sees(client, ada):
    log_in(client, "ada@example.org")
    assert client.get(reverse("settings"))["Cache-Control"] == "private, no-store"
