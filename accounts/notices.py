"""What the application tells people by mail: kept as rows, sent once.

`queue` writes a row in the transaction of the fact that it tells. `drain` claims some that are due under a lease,
renders each at that moment, sends it outside of any transaction and marks it at once, with the claim as fence. Any
number of drains may run together, and any of them may die at any point: a row whose lease has run out is claimed again.
A mail goes out twice only if a process or a connection dies between the mail server's acceptance and our mark; both
then carry the same Message-ID, which is made from the row's key.
"""

import datetime as dt
import hashlib
import logging
import random
import smtplib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from accounts import languages, text, zones
from accounts.clock import Now
from accounts.models import Notice, User

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=30)
# What marking takes, beside the mail server's own time, which accounts.smtp holds to settings.EMAIL_TIMEOUT a mail.
MARGIN_SECONDS = 3
LONGEST_BACK_OFF_SECONDS = 30 * 60
# An unreachable server is nobody's fault: the rows wait a little, and one connection is tried at a time.
AWAY_SECONDS = 5
# After so many attempts in a row that ended without an answer of the mail server, a row is parked for staff to see. A
# row is given more patience when it was the process that ended: that may have been chance.
MOST_FAULTS = 3
MOST_DEATHS = 5

State = Notice.State


class Unwanted(Exception):
    """Raised by a renderer: what the notice would tell is not so any more. It is cancelled."""


@dataclass(frozen=True)
class Mail:
    """A rendered mail. `text` is a whole mail of its own; `html` may be empty."""

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Renderer = Callable[[Notice], Mail]


@dataclass(frozen=True)
class Drained:
    """What one drain did: how many rows it claimed, how many mails went out, and whether the server was away."""

    claimed: int = 0
    sent: int = 0
    is_server_away: bool = False


_renderers: dict[str, Renderer] = {}


def register(family: str, renderer: Renderer) -> None:
    """Name the renderer of a family of kinds. `account:mfa/email/totp_activated` is a kind of the family `account`.

    It is called under the member's language and time zone, outside of any transaction, and may raise Unwanted.
    """
    _renderers[family] = renderer


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
    due = due_at or Now()
    notice = Notice(
        key=key,
        kind=kind,
        address=address,
        member=member,
        context=context or {},
        due_at=due,
        next_attempt_at=due,
        expires_at=due + lasts,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def cancel(*, key: str) -> None:
    """Take back a notice that has not gone out. One that is just being sent may still arrive."""
    Notice.objects.filter(key=key, state=State.PENDING).update(state=State.CANCELLED, context={})


def message_id(key: str) -> str:
    """Return the Message-ID of the notice with this key: always the same one."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.MAIL_DOMAIN}>"


def drain(limit: int = 20) -> Drained:
    """Claim up to `limit` notices that are due, and send them one by one."""
    started = time.monotonic()
    claim = uuid.uuid4()
    notices = _claim_abandoned(claim) or _claim_due(claim, limit)
    if not notices:
        return Drained()
    outgoing = _Outgoing(claim, notices, started)
    try:
        return outgoing.run()
    finally:
        outgoing.hang_up()


def _claim_due(claim: uuid.UUID, limit: int) -> list[Notice]:
    due = Q(state=State.PENDING, next_attempt_at__lte=Now())
    return _claim(claim, due, order=("next_attempt_at", "id"), limit=limit)


def _claim_abandoned(claim: uuid.UUID) -> list[Notice]:
    """Claim one row whose sender died. One at a time, lest a row that kills its process takes its neighbours along."""
    abandoned = Q(state=State.SENDING, lease_until__lte=Now())
    Notice.objects.filter(abandoned, faults__gte=MOST_DEATHS).update(
        state=State.FAILED,
        claim=None,
        lease_until=None,
        last_error="The process ended each time while it sent this notice.",
    )
    return _claim(claim, abandoned, order=("lease_until", "id"), limit=1)


def _claim(claim: uuid.UUID, which: Q, *, order: tuple[str, ...], limit: int) -> list[Notice]:
    with transaction.atomic():
        notices: list[Notice] = list(
            Notice.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(which)
            .select_related("member__profile")
            .annotate(claimed_at=Now())
            .order_by(*order)[:limit]
        )
        # Attempts count here, before anything is tried: a row that ends the process is counted too.
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(
            state=State.SENDING,
            claim=claim,
            lease_until=Now() + LEASE,
            attempts=F("attempts") + 1,
            faults=F("faults") + 1,
        )
    for notice in notices:
        notice.attempts += 1
        notice.faults += 1
    return notices


class _Outgoing:
    """One claimed batch on its way out, over one connection."""

    def __init__(self, claim: uuid.UUID, notices: list[Notice], started: float) -> None:
        self.claim = claim
        self.waiting = notices
        self.started = started
        self.connection = get_connection()
        self.claimed = len(notices)
        self.sent = 0

    def run(self) -> Drained:
        is_away = False
        while self.waiting:
            if not self._lease_outlasts_a_mail():
                self._give_back(self.waiting)
                break
            if not self._reach_the_server():
                is_away = True
                self._give_back(self.waiting, after=_jittered(AWAY_SECONDS))
                break
            if not self._lease_outlasts_a_mail():
                continue
            self._deliver(self.waiting.pop(0))
        return Drained(claimed=self.claimed, sent=self.sent, is_server_away=is_away)

    def _lease_outlasts_a_mail(self) -> bool:
        left = LEASE.total_seconds() - (time.monotonic() - self.started)
        return left > settings.EMAIL_TIMEOUT + MARGIN_SECONDS

    def _reach_the_server(self) -> bool:
        try:
            self.connection.open()
        except OSError as error:
            log.warning("The mail server cannot be reached: %s", text.one_line(str(error)))
            return False
        return True

    def _deliver(self, notice: Notice) -> None:
        """Send one, or say why not. Whatever goes wrong concerns this row alone."""
        now = notice.claimed_at + dt.timedelta(seconds=time.monotonic() - self.started)  # type: ignore[attr-defined]
        if notice.expires_at <= now:
            self._mark(notice, state=State.EXPIRED, context={})
            return
        try:
            message = _message(notice)
        except Unwanted:
            self._mark(notice, state=State.CANCELLED, context={})
        except Exception as error:
            self._fault(notice, error)
        else:
            self._send(notice, message)

    def _send(self, notice: Notice, message: EmailMultiAlternatives) -> None:
        try:
            self.connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as refusal:
            self._refused(notice, *next(iter(refusal.recipients.values())))
        except smtplib.SMTPResponseException as refusal:
            self._refused(notice, refusal.smtp_code, refusal.smtp_error)
        except Exception as error:
            self.hang_up()
            if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPNotSupportedError):
                # Whether it was accepted nobody knows. It goes again, with the same Message-ID.
                self._later(notice, f"{type(error).__name__}: {error}")
            else:
                self._fault(notice, error)
        else:
            self.sent += 1
            self._mark(notice, state=State.SENT, sent_at=Now(), context={}, faults=0, last_error="")

    def _refused(self, notice: Notice, code: int, answer: bytes | str) -> None:
        said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        if code == 421:
            self.hang_up()
        if 400 <= code < 500:
            self._later(notice, f"{code} {said}")
        else:
            log.warning("The mail server refused notice %s (%s): %s", notice.pk, notice.kind, code)
            self._mark(notice, state=State.FAILED, last_error=_short(f"{code} {said}"))

    def _later(self, notice: Notice, reason: str) -> None:
        """The server said, or the wire suggests, to try again: after a pause that doubles, until it expires."""
        self._mark(
            notice,
            state=State.PENDING,
            faults=0,
            next_attempt_at=Now() + _back_off(notice.attempts),
            last_error=_short(reason),
        )

    def _fault(self, notice: Notice, error: Exception) -> None:
        """Something is wrong with this notice itself, or with what renders it."""
        log.error("Notice %s (%s) cannot be sent", notice.pk, notice.kind, exc_info=error)
        reason = _short(f"{type(error).__name__}: {error}")
        if notice.faults >= MOST_FAULTS:
            self._mark(notice, state=State.FAILED, last_error=reason)
        else:
            pause = _back_off(notice.attempts)
            self._mark(notice, state=State.PENDING, next_attempt_at=Now() + pause, last_error=reason)

    def _give_back(self, notices: list[Notice], *, after: dt.timedelta = dt.timedelta()) -> None:
        """Return rows that were not tried, as if they had not been claimed."""
        Notice.objects.filter(pk__in=[notice.pk for notice in notices], claim=self.claim).update(
            state=State.PENDING,
            claim=None,
            lease_until=None,
            attempts=F("attempts") - 1,
            faults=F("faults") - 1,
            next_attempt_at=Now() + after,
        )

    def _mark(self, notice: Notice, **fields: Any) -> None:
        held = Notice.objects.filter(pk=notice.pk, claim=self.claim)
        if not held.update(claim=None, lease_until=None, **fields):
            log.warning("Notice %s (%s) was claimed by another, or is gone", notice.pk, notice.kind)

    def hang_up(self) -> None:
        """Leave the connection: what it would say next belongs to a mail that is past. The next mail opens another."""
        try:
            self.connection.close()
        except OSError as error:
            log.info("The connection to the mail server did not end well: %s", text.one_line(str(error)))
        self.connection = get_connection()


def _message(notice: Notice) -> EmailMultiAlternatives:
    """Render a notice now, in its reader's language and zone."""
    member = notice.member
    if member and not member.is_active:
        raise Unwanted
    language = languages.of_pages(member.language if member else notice.context.get("language", ""))
    with translation.override(language), timezone.override(zones.known_or_utc(member.time_zone if member else "UTC")):
        mail = _renderers[notice.kind.partition(":")[0]](notice)
    message = EmailMultiAlternatives(
        # Names of people stand in subjects: no line break or control character of theirs reaches a header.
        subject=text.one_line(mail.subject),
        body=mail.text,
        to=[notice.address],
        headers={
            **{name: text.one_line(value) for name, value in mail.headers.items()},
            "Message-ID": message_id(notice.key),
            "Auto-Submitted": "auto-generated",
        },
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _back_off(attempts: int) -> dt.timedelta:
    """Return the pause after this many attempts: 0.5·2^n s, half an hour at most, give or take a quarter."""
    seconds = min(0.5 * 2 ** min(attempts, 20), LONGEST_BACK_OFF_SECONDS)
    return _jittered(seconds)


def _jittered(seconds: float) -> dt.timedelta:
    """Return about `seconds`, give or take a quarter, so that those who failed together do not come back together."""
    return dt.timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def _short(reason: str) -> str:
    return text.one_line(reason)[:500]
