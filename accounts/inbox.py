"""The local inbox: where mail lands on a machine without a mail server. `/dev/inbox/` shows it.

A Maildir, since any number of processes may write to one at once. Never in production: there EMAIL_URL is required.
"""

import datetime as dt
import email
import mailbox
import re
from collections.abc import Iterable
from email import policy
from email.message import EmailMessage as ParsedMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

# What Maildir calls its files; a key from an address bar is not let near the file system unless it looks like one.
KEY = re.compile(r"[\w.=,\-]{1,200}")


class MaildirBackend(BaseEmailBackend):
    """Delivers mail to the local inbox."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        inbox = _maildir()
        return len([inbox.add(message.message().as_bytes()) for message in email_messages])


class Mail:
    """One mail of the local inbox, as its reader sees it."""

    def __init__(self, key: str, message: ParsedMessage) -> None:
        self.key = key
        self.message = message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def sent_at(self) -> dt.datetime:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body(preferencelist=(subtype,))
        return part.get_content() if part else ""


def mails() -> list[Mail]:
    """Return all mails, newest first."""
    inbox = _maildir()
    found = [mail for key in inbox.iterkeys() if (mail := _read(inbox, key))]
    return sorted(found, key=lambda mail: (mail.sent_at, _arrival(mail.key)), reverse=True)


def mail(key: str) -> Mail | None:
    """Return the mail with this key, if there is one."""
    return _read(_maildir(), key) if KEY.fullmatch(key) else None


def empty() -> None:
    """Delete all mails."""
    inbox = _maildir()
    for key in inbox.iterkeys():
        inbox.discard(key)


def _maildir() -> mailbox.Maildir:
    folder = Path(settings.LOCAL_INBOX)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two processes may begin at once. `create` of the standard library fails for the second, and makes no parts of an
    # inbox whose folder is there already.
    for part in (folder, folder / "tmp", folder / "new", folder / "cur"):
        part.mkdir(mode=0o700, exist_ok=True)
    return mailbox.Maildir(folder, factory=None, create=False)


def _read(inbox: mailbox.Maildir, key: str) -> Mail | None:
    try:
        content = inbox.get_bytes(key)
    except (KeyError, FileNotFoundError):
        # Deleted meanwhile, in another window.
        return None
    return Mail(key, email.message_from_bytes(content, policy=policy.default))


def _arrival(key: str) -> tuple[int, ...]:
    """Order mails of one second as they came: Maildir's keys begin with seconds, microseconds, process and number."""
    return tuple(int(number) for number in re.findall(r"\d+", key)[:4])
