"""The local inbox: mail without a mail server, on a machine of one's own."""

import os
import subprocess
import sys
import threading

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from accounts import inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def maildir(settings, tmp_path):
    settings.LOCAL_INBOX = tmp_path / "deep" / "inbox"
    settings.EMAIL_BACKEND = "accounts.inbox.MaildirBackend"
    return settings.LOCAL_INBOX


def send(subject="Hello", text="See https://example.org/a?b=c&d=e now.", html="<p>Hello <b>you</b></p>"):
    message = EmailMultiAlternatives(subject, text, to=["ada@example.org"])
    message.attach_alternative(html, "text/html")
    message.send()


def test_it_begins_empty(client, maildir):
    assert "No mail yet" in client.get(reverse("inbox")).content.decode()


def test_mails_are_listed_newest_first(client, maildir):
    for number in range(3):
        send(f"Number {number}")
    assert [mail.subject for mail in client.get(reverse("inbox")).context["mails"]] == [
        "Number 2",
        "Number 1",
        "Number 0",
    ]


def test_a_mail_shows_its_text_with_links_and_its_html_in_a_frame_that_may_do_nothing(client, maildir):
    send(text="Go to https://example.org/a?b=c <script>alert(1)</script>")
    [mail] = inbox.mails()
    page = client.get(reverse("inbox_mail", args=[mail.key])).content.decode()
    assert '<a href="https://example.org/a?b=c"' in page
    assert "&lt;script&gt;" in page
    assert 'sandbox=""' in page
    frame = client.get(reverse("inbox_mail_html", args=[mail.key]))
    assert "<b>you</b>" in frame.content.decode()
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.strip().split(" ", 1) for part in frame["Content-Security-Policy"].split(";"))
    assert policy == {"default-src": "'none'", "style-src": "'unsafe-inline'", "frame-ancestors": "'self'"}


def test_all_can_be_deleted(client, maildir):
    send()
    send()
    client.post(reverse("inbox_empty"))
    assert inbox.mails() == []


@pytest.mark.parametrize("key", ["nothing", "..", "...", "a,b", "tmp", "new", "."])
def test_what_is_no_mail_is_not_found(client, maildir, key):
    send()
    assert client.get(f"/dev/inbox/{key}/").status_code == 404
    assert inbox.mail(key) is None
    assert inbox.mail("../" + key) is None


def test_several_processes_may_write_at_once(maildir):
    start = threading.Barrier(8)

    def deliver():
        start.wait()
        for _ in range(5):
            get_connection().send_messages([EmailMultiAlternatives("Hello", "Hello", to=["ada@example.org"])])

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inbox.mails()) == 40


def test_with_a_mail_server_it_has_no_address(settings):
    """In production EMAIL_URL is required, so that this is what production looks like."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\n"
            "from django.urls import resolve, NoReverseMatch, reverse, Resolver404\n"
            "for ask in (lambda: resolve('/dev/inbox/'), lambda: reverse('inbox')):\n"
            "    try: print(ask())\n"
            "    except (Resolver404, NoReverseMatch) as error: print('no')\n",
        ],
        env={**os.environ, "EMAIL_URL": "smtp://127.0.0.1:25", "DJANGO_SETTINGS_MODULE": "peermentor.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == ["no", "no"]
