"""Staff ask whether mail goes out, and hear the server's own words."""

import pytest
from django.core.management import CommandError, call_command

from tests.sink import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def remote(sink, settings):
    settings.LOCAL_INBOX = None
    return sink


def test_a_mail_that_was_taken_is_said_with_the_servers_answer(remote, capsys):
    call_command("check_mail", "ada@example.org")
    said = capsys.readouterr().out
    assert "took the mail and answered: 250 OK" in said
    assert [str(mail["To"]) for mail in remote.mails] == ["ada@example.org"]
    assert str(remote.mails[0]["Message-ID"]) in said


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (
            lambda server: server.rcpt.update({"ada@example.org": "550 no such person"}),
            "refuses the address .* 550 no",
        ),
        (lambda server: server.data.append("554 spam"), "refuses the mail: 554 spam"),
        (lambda server: server.data.append("451 later"), "refuses the mail: 451 later"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_failure(remote, prepare, words):
    prepare(remote)
    with pytest.raises(CommandError, match=words) as refusal:
        call_command("check_mail", "ada@example.org")
    assert refusal.value.returncode == 1


def test_nobody_there_is_a_sentence(remote, settings):
    settings.EMAIL_PORT = free_port()
    with pytest.raises(CommandError, match="Nobody answers at 127"):
        call_command("check_mail", "ada@example.org")


def test_no_such_host_is_a_sentence(remote, settings):
    settings.EMAIL_HOST = "nowhere.invalid"
    with pytest.raises(CommandError, match=r"There is no host nowhere\.invalid"):
        call_command("check_mail", "ada@example.org")


def test_a_server_that_hangs_is_a_sentence(remote, settings):
    settings.EMAIL_TIMEOUT = 1
    remote.hang_seconds = 3
    with pytest.raises(CommandError, match=r"broke: .*(too long|timed out)"):
        call_command("check_mail", "ada@example.org")


def test_one_that_asks_for_tls_where_there_is_none_hears_so(remote, settings):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(CommandError, match="cannot do what EMAIL_URL asks for"):
        call_command("check_mail", "ada@example.org")


def test_what_is_no_address_goes_nowhere(remote):
    with pytest.raises(CommandError, match="is no e-mail address"):
        call_command("check_mail", "ada")
    assert remote.mails == []


def test_without_a_mail_server_it_lands_in_the_local_inbox(settings, tmp_path, capsys):
    settings.EMAIL_BACKEND = "accounts.inbox.MaildirBackend"
    settings.LOCAL_INBOX = tmp_path / "inbox"
    call_command("check_mail", "ada@example.org")
    assert "the local inbox took the mail" in capsys.readouterr().out
