"""Writing notices down, and taking them back."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from accounts.clock import Now
from accounts.models import MailChoices, Notice, User
from accounts.notices.kinds import _families

State = Notice.State


def queue(
    *,
    key: str,
    kind: str,
    address: str,
    member: User | None = None,
    context: dict[str, Any] | None = None,
    due_at: dt.datetime | None = None,
    lasts: dt.timedelta,
) -> None:
    """Write down that a mail is due, in the caller's transaction. The same `key` again changes nothing, for ever.

    `due_at`: at once, unless given. `lasts`: how long after that it is still worth sending. `context` is for the
    renderer, plain JSON, and is emptied once the mail is sent.
    """
    queue_all(
        [row(key=key, kind=kind, address=address, member=member, context=context, due_at=due_at, lasts=lasts)],
    )


def row(
    *,
    key: str,
    kind: str,
    address: str,
    member: User | None = None,
    context: dict[str, Any] | None = None,
    due_at: dt.datetime | None = None,
    lasts: dt.timedelta,
) -> Notice:
    """Return the row that `queue` would write, for a planner that writes many (see queue_all)."""
    due = due_at or Now()
    family, _colon, name = kind.partition(":")
    return Notice(
        key=key,
        kind=kind,
        address=address,
        member=member,
        context=context or {},
        due_at=due,
        next_attempt_at=due,
        expires_at=due + lasts,
        # What tells of something that has just happened goes at once, by itself.
        joins=due_at is not None and family in _families and _families[family].does_join(name),
    )


def queue_all(rows: Iterable[Notice]) -> None:
    """Write rows of `row`, those whose keys are known already left out."""
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def cancel(*, key: str) -> None:
    """Take back a notice that has not gone out. One that is just being sent may still arrive."""
    Notice.objects.filter(key=key, state=State.PENDING).update(state=State.CANCELLED, context={}, leader=None)
    release_stranded(of=key)


def release_stranded(*, of: str = "") -> int:
    """Let those go by themselves that wait for a leader which will not go any more; return how many those are."""
    stranded = Notice.objects.filter(state=State.PENDING, leader__isnull=False)
    if of:
        stranded = stranded.filter(leader__key=of)
    return stranded.exclude(leader__state__in=[State.PENDING, State.SENDING]).update(leader=None)


def message_id(key: str) -> str:
    """Return the Message-ID of the notice with this key: always the same one."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.MAIL_DOMAIN}>"


def choices_of(member: User) -> MailChoices | None:
    """Return what the member chose, or None when all is as in the beginning."""
    try:
        return member.mail_choices
    except MailChoices.DoesNotExist:
        return None
