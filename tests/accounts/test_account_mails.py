"""The mails about an account say what happened, what to do, and why they came."""

import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.urls import reverse

from accounts import emails

# Of the mails that allauth knows, those that our settings never send.
NEVER_SENT = {"account/email/login_code", "account/email/password_reset_code", "account/email/email_confirm"}
ALLAUTH = Path(allauth.__file__).parent / "templates"
SENT = sorted(
    {
        str(path.relative_to(ALLAUTH)).removesuffix("_subject.txt")
        for app in ("account", "mfa")
        for path in ALLAUTH.glob(f"{app}/email/*_subject.txt")
    }
    - NEVER_SENT
)
SITE = "https://peermentor.example.org"
RESET = f"{SITE}/accounts/password/reset/key/1-abc-0123456789abcdef/"
ABOUT = {
    "email": "ada@example.org",
    "site_name": "Peermentor",
    "site_url": SITE,
    "name": "Ada",
    "code": "7KQ-4TM",
    "password_reset_url": RESET,
    "signup_url": f"{SITE}/accounts/signup/",
    "timestamp": "2027-01-08T09:14:00Z",
    "ip": "2001:db8::17",
    "user_agent": "Firefox/140.0",
    "from_email": "old@example.org",
    "to_email": "new@example.org",
    "deleted_email": "gone@example.org",
}


def links(body: str) -> set[str]:
    return set(re.findall(r"https?://[^\s\"<>]+", body))


@pytest.mark.parametrize("template", SENT)
def test_each_mail_is_ours_in_text_and_html(template):
    mail = emails.render(template, ABOUT, member=None)
    assert "{" not in mail.subject + mail.text
    assert 10 < len(mail.subject) < 60
    assert mail.subject.rstrip("!") == mail.subject
    assert mail.text.startswith("Hello Ada,\n")
    assert "You get this because" in " ".join(mail.text.split())
    assert max(len(line) for line in mail.text.splitlines() if "://" not in line) <= 72
    assert len(mail.html.encode()) <= 30_000
    assert not re.search(r"<(img|svg|script|link|form|iframe)\b|url\(", mail.html)
    assert 'class="button"' in mail.html or ABOUT["code"] in mail.html
    assert mail.html.count('class="button"') <= 1


@pytest.mark.parametrize("template", SENT)
def test_text_and_html_lead_to_the_same_places_and_all_are_ours(template):
    mail = emails.render(template, ABOUT, member=None)
    in_text, in_html = links(mail.text), links(mail.html)
    assert {link.rstrip("/") for link in in_text} == {link.rstrip("/") for link in in_html}
    assert all(link.startswith(SITE) for link in in_text)


@pytest.mark.parametrize("template", SENT)
def test_what_people_typed_is_text(template):
    hostile = "<b>Ada & Co</b>"
    typed = dict.fromkeys(("name", "user_agent", "from_email", "to_email", "deleted_email"), hostile)
    mail = emails.render(template, {**ABOUT, **typed}, member=None)
    assert f"Hello {hostile}," in mail.text
    assert "<b>" not in mail.html
    assert "&lt;b&gt;Ada &amp; Co&lt;/b&gt;" in mail.html


def test_a_mail_to_somebody_without_a_name_greets_them_all_the_same():
    mail = emails.render("account/email/unknown_account", {**ABOUT, "name": ""}, member=None)
    assert mail.text.startswith("Hello,\n")
    assert "<p" in mail.html
    assert "Hello," in mail.html


@pytest.mark.django_db
def test_a_code_for_an_address_that_may_be_a_strangers_carries_nobodys_words(client, delivered):
    somebody = {
        "name": "https://evil.example/prize",
        "email": "victim@example.org",
        "password1": "a-password-for-tests",
    }
    client.post(reverse("account_signup"), somebody)
    [mail] = delivered()
    assert mail.body.startswith("Hello,\n")
    assert "evil" not in mail.message().as_string()


def test_a_code_stands_alone_on_its_line_and_in_the_subject():
    mail = emails.render("account/email/email_confirmation_signup", ABOUT, member=None)
    assert "\n    7KQ-4TM\n" in mail.text
    assert mail.subject == "Your code for Peermentor: 7KQ-4TM"
    assert settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT == 600
    assert "ten minutes" in mail.text


def test_who_lost_their_address_is_told_where_help_is():
    mail = emails.render("account/email/email_changed", ABOUT, member=None)
    assert f"{SITE}{reverse('help')}#not-me" in mail.text
    assert "from old@example.org to new@example.org" in " ".join(mail.text.split())


def test_a_new_password_is_chosen_with_the_link_of_the_mail():
    mail = emails.render("account/email/password_reset_key", ABOUT, member=None)
    assert links(mail.text) == {RESET, SITE}
    assert settings.PASSWORD_RESET_TIMEOUT == 3 * 24 * 3600
    assert "three days" in mail.text
