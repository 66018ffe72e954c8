"""The links in a mail that stop it: for whoever has the mail, logged in or not."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts import stopping
from accounts.actions import mail
from accounts.models import MailChoices, Notice
from matching.actions.introductions import invite
from tests.together import at_once

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def strict() -> Client:
    """A mail program: nobody is logged in, no cookie, no token against forgery."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def invited(ada, ben, delivered):
    """The mail that Ben gets of Ada's invitation."""
    invite(by=ada, member_id=ben.pk, note="Hello", every_weeks=1, minutes=60, weeks=8)
    [received] = delivered()
    return received


def stop_url(sent) -> str:
    return sent.message()["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]


def chosen(member) -> str:
    return MailChoices.objects.filter(member=member).values_list("introductions", flat=True).first() or "now"


def undo(client: Client, response) -> object:
    page = response.context
    return client.post(page["undo_url"], {"csrfmiddlewaretoken": str(page["csrf_token"])})


def test_a_mail_program_stops_the_mails_with_one_post(invited, ben, strict):
    headers = invited.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<http")
    response = strict.post(f"/{stop_url(invited)}", ONE_CLICK)
    assert (response.status_code, chosen(ben)) == (200, "off")
    assert strict.post(f"/{stop_url(invited)}", ONE_CLICK).status_code == 200
    assert chosen(ben) == "off"


def test_the_link_stands_in_both_parts_with_the_one_to_the_settings(invited):
    [(html, _type)] = invited.alternatives
    for part in (invited.body, html):
        assert f"/{stop_url(invited)}" in part
        assert reverse("emails") in part
        assert "You get this because" in part


def test_who_only_looks_stops_nothing(invited, ben, strict):
    for method in (strict.get, strict.head):
        assert method(f"/{stop_url(invited)}").status_code == 200
    assert not MailChoices.objects.exists()
    assert b"invitations and messages" in strict.get(f"/{stop_url(invited)}").content


def test_it_is_undone_on_the_same_page(invited, ben):
    mail.choose(
        by=ben,
        choices={"introductions": "digest"},
        digest_weekday=0,
        digest_hour=8,
        quiet_from=None,
        quiet_until=None,
        resumes_on=None,
    )
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/{stop_url(invited)}")
    assert chosen(ben) == "off"
    assert undo(client, response).status_code == 200
    assert chosen(ben) == "digest"


def test_pressed_twice_and_undone_the_mails_come(invited, ben):
    client = Client(enforce_csrf_checks=True)
    client.post(f"/{stop_url(invited)}")
    undo(client, client.post(f"/{stop_url(invited)}"))
    assert chosen(ben) == "now"


def test_an_undo_takes_nothing_back_that_was_chosen_since(invited, ben):
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/{stop_url(invited)}")
    MailChoices.objects.filter(member=ben).update(introductions="digest")
    undo(client, response)
    assert chosen(ben) == "digest"


def test_the_undo_needs_a_page_of_ours(invited, ben):
    client = Client(enforce_csrf_checks=True)
    response = client.post(f"/{stop_url(invited)}")
    assert Client(enforce_csrf_checks=True).post(response.context["undo_url"]).status_code == 403
    assert chosen(ben) == "off"


def test_it_can_be_undone_in_the_settings(invited, ben, client_of):
    Client().post(f"/{stop_url(invited)}")
    page = client_of(ben).get(reverse("emails")).content.decode()
    assert "You get no mails about invitations and messages." in page


def test_of_somebody_who_has_left_it_says_the_same(ada, ben, strict):
    path = reverse("emails_stop", args=[stopping.token_for(ben.pk, ["introductions"])])
    there = (strict.get(path), strict.post(path))
    ben.delete()
    gone = (strict.get(path), strict.post(path))
    assert [one.status_code for one in gone] == [200, 200]
    assert gone[0].content == there[0].content
    assert strip(gone[1]) == strip(there[1])
    client = Client()
    assert undo(client, client.post(path)).status_code == 200


def strip(response) -> str:
    """The page without what differs each time."""
    import re

    return re.sub(r'value="[^"]*"|action="[^"]*"', "", response.content.decode())


def test_the_page_names_nobody(invited, ben, strict):
    for response in (strict.get(f"/{stop_url(invited)}"), strict.post(f"/{stop_url(invited)}")):
        assert b"ben@example.org" not in response.content
        assert b"Ben" not in response.content


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: "x" + token, lambda token: "nonsense"])
def test_a_link_that_is_not_whole_says_so(invited, strict, spoil):
    token = stop_url(invited).rstrip("/").rpartition("/")[2]
    path = reverse("emails_stop", args=[spoil(token)])
    for response in (strict.get(path), strict.post(path)):
        assert response.status_code == 404
        assert "This link is not whole" in response.content.decode()
    assert not MailChoices.objects.exists()


def test_the_token_of_an_undo_stops_nothing(ada, strict):
    token = stopping.undo_token_for(ada.pk, {"introductions": "now"})
    assert strict.post(reverse("emails_stop", args=[token])).status_code == 404


def test_the_weekly_mail_stops_whatever_comes_in_it(ada, strict):
    mail.choose(
        by=ada,
        choices={"contracts": "digest", "checkins": "digest"},
        digest_weekday=0,
        digest_hour=8,
        quiet_from=None,
        quiet_until=None,
        resumes_on=None,
    )
    client = Client()
    path = reverse("emails_stop", args=[stopping.token_for(ada.pk, ["contracts", stopping.WEEKLY])])
    response = client.post(path)
    held = MailChoices.objects.get(member=ada)
    assert (held.introductions, held.contracts, held.meetings, held.checkins) == ("now", "off", "now", "off")
    undo(client, response)
    held.refresh_from_db()
    assert (held.contracts, held.checkins) == ("digest", "digest")


def test_mails_about_the_account_have_no_such_link(client, ada, delivered):
    client.post(reverse("account_reset_password"), {"email": "ada@example.org"})
    [sent] = delivered()
    assert sent.message()["List-Unsubscribe"] is None
    assert "emails/stop" not in sent.body


def test_what_is_due_already_is_not_sent_any_more(ada, ben, delivered, strict):
    invite(by=ada, member_id=ben.pk, note="Hello", every_weeks=1, minutes=60, weeks=8)
    strict.post(reverse("emails_stop", args=[stopping.token_for(ben.pk, ["introductions"])]))
    assert delivered() == []
    assert set(Notice.objects.filter(due_at__lte=dt.datetime.now(dt.UTC)).values_list("state", flat=True)) == {
        "cancelled"
    }


@pytest.mark.django_db(transaction=True)
def test_pressed_many_times_at_once_it_stops_once(ada):
    path = reverse("emails_stop", args=[stopping.token_for(ada.pk, ["introductions"])])
    answers = at_once(*[lambda: Client().post(path).status_code] * 5)
    assert answers == [200] * 5
    assert chosen(ada) == "off"
