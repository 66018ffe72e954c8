"""Sending what was claimed, one mail after the other over one connection, and marking each at once."""

import datetime as dt
import logging
import random
import smtplib
import time
import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts import clock, text, zones
from accounts.clock import Now
from accounts.letters import Letter, Mail
from accounts.models import MailChoices, Notice, User
from accounts.notices import claims
from accounts.notices.claims import MOST_FAULTS, Group
from accounts.notices.kinds import GATHERED, Preparer, Unwanted, _families, is_gathering, is_urgent, sort_of
from accounts.notices.messages import message, rendered
from accounts.notices.routing import DAY, END, GO, Route, Way, next_digest, route
from accounts.notices.rows import choices_of

log = logging.getLogger(__name__)

# What marking takes, beside the mail server's own time, which accounts.smtp holds to settings.EMAIL_TIMEOUT a mail.
MARGIN_SECONDS = 3
LONGEST_BACK_OFF_SECONDS = 30 * 60
# An unreachable server is nobody's fault: the rows wait a little, and one connection is tried at a time.
AWAY_SECONDS = 5
# What members have chosen is read for a whole batch at once, and again when that is longer ago than this.
FRESH_SECONDS = 0.5
GATHERED_LASTS = dt.timedelta(days=3)

# Written out, since the ORM takes as long to write it as PostgreSQL to do it, for every mail.
_SENT = """
UPDATE accounts_notice
SET state = 'sent', sent_at = peermentor_now(), context = '{}', faults = 0, last_error = '',
    claim = NULL, lease_until = NULL
WHERE id = ANY(%(ids)s) AND claim = %(claim)s
"""

State = Notice.State
Said = tuple[Notice, Mail | Letter]


@dataclass(frozen=True)
class Drained:
    """What one drain did: how many mails it claimed, how many went out, and whether the server was away."""

    claimed: int = 0
    sent: int = 0
    is_server_away: bool = False


def drain(limit: int = 20) -> Drained:
    """Claim up to `limit` mails that are due, and send them one by one."""
    started = time.monotonic()
    claim = uuid.uuid4()
    groups = claims.claim_abandoned(claim) or claims.claim_due(claim, limit)
    if not groups:
        return Drained()
    outgoing = Outgoing(claim, groups, started)
    try:
        return outgoing.run()
    finally:
        outgoing.hang_up()


class Outgoing:
    """One claimed batch on its way out, over one connection."""

    def __init__(self, claim: uuid.UUID, groups: list[Group], started: float) -> None:
        self.claim = claim
        self.waiting = groups
        self.started = started
        self.connection = get_connection()
        self.claimed = len(groups)
        self.sent = 0
        self.members: dict[int, User | None] = {}
        self.read_at = 0.0

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
        left = claims.LEASE.total_seconds() - (time.monotonic() - self.started)
        return left > settings.EMAIL_TIMEOUT + MARGIN_SECONDS

    def _reach_the_server(self) -> bool:
        try:
            self.connection.open()
        except OSError as error:
            log.warning("The mail server cannot be reached: %s", text.one_line(str(error)))
            return False
        return True

    # --- What is to be said, and whether --------------------------------------------------------------------------

    def _deliver(self, group: Group) -> None:
        """Send one mail, or say why not. Whatever goes wrong concerns its rows alone."""
        now = group.leader.claimed_at + dt.timedelta(seconds=time.monotonic() - self.started)  # type: ignore[attr-defined]
        if time.monotonic() - self.read_at > FRESH_SECONDS:
            self._read_ahead([group, *self.waiting])
        if not self._has_reader(group):
            self._end(group, said=[], expired=[])
            return
        way = self._way(group, now)
        if way.until:
            self._put_off(group, now)
        elif way is GO:
            with clock.standing_at(now):
                self._say(group, now)
        else:
            self._dissolve(group)

    def _read_ahead(self, groups: list[Group]) -> None:
        """Read for all of these at once who their readers are, what they have chosen, and what the mails will need."""
        ids = {group.leader.member_id for group in groups if group.leader.member_id}
        found = User.objects.select_related("profile", "mail_choices").filter(pk__in=ids)
        self.members = {**self.members, **dict.fromkeys(ids), **{each.pk: each for each in found}}
        self.read_at = time.monotonic()
        for prepare, notices in _by_preparer(groups).items():
            try:
                prepare(notices)
            except Exception as error:
                # Whose fault it is shows when each is rendered by itself.
                log.warning("A batch could not be prepared: %s", text.one_line(str(error)))
                for notice in notices:
                    notice.prepared = None

    def _has_reader(self, group: Group) -> bool:
        """Say whether there is still somebody to tell; give the rows their member as last read."""
        if group.leader.member_id is None:
            return True
        member = self.members[group.leader.member_id]
        if member is None or not member.is_active:
            return False
        for notice in group.rows:
            notice.member = member
        return True

    def _way(self, group: Group, now: dt.datetime) -> Route:
        """Return the way of the whole mail: go, wait, or (END) go each by itself, since their ways part."""
        ways = {_way(notice, now) for notice in ([group.leader] if is_gathering(group.leader) else group.rows)}
        if ways <= {GO, END}:
            return GO
        return ways.pop() if len(ways) == 1 else END

    def _say(self, group: Group, now: dt.datetime) -> None:
        said: list[Said] = []
        expired = []
        for notice in group.rows:
            if notice.expires_at <= now:
                expired.append(notice)
            elif not is_gathering(notice):
                try:
                    if _way(notice, now).way is Way.END:
                        raise Unwanted
                    said.append((notice, rendered(notice)))
                except Unwanted:
                    continue
                except Exception as error:
                    self._fault(notice, error)
                    if notice is group.leader:
                        self._free(group.followers)
                        return
                    group.followers.remove(notice)
        if not said:
            self._end(group, said=[], expired=expired)
            return
        try:
            mail = message(group.leader, said)
        except Exception as error:
            self._fault(group.leader, error)
            self._free(group.followers, alone=True)
        else:
            self._send(group, mail, said, expired)

    # --- Sending --------------------------------------------------------------------------------------------------

    def _send(self, group: Group, mail: EmailMultiAlternatives, said: list[Said], expired: list[Notice]) -> None:
        if not self._lease_outlasts_a_mail():
            self._give_back([group])
            return
        try:
            self.connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as refusal:
            self._refused(group, *next(iter(refusal.recipients.values())))
        except smtplib.SMTPResponseException as refusal:
            self._refused(group, refusal.smtp_code, refusal.smtp_error)
        except Exception as error:
            self.hang_up()
            if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPNotSupportedError):
                # Whether it was accepted nobody knows. It goes again, with the same Message-ID.
                self._later(group, f"{type(error).__name__}: {error}")
            else:
                self._fault(group.leader, error)
                self._free(group.followers, alone=True)
        else:
            self.sent += 1
            self._end(group, said=said, expired=expired)

    def _refused(self, group: Group, code: int, answer: bytes | str) -> None:
        said = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        if code == 421:
            self.hang_up()
        if 400 <= code < 500:
            self._later(group, f"{code} {said}")
        else:
            notice = group.leader
            log.warning("The mail server refused notice %s (%s): %s", notice.pk, notice.kind, code)
            self._mark(group.rows, state=State.FAILED, last_error=_short(f"{code} {said}"))

    # --- Marking --------------------------------------------------------------------------------------------------

    def _end(self, group: Group, *, said: list[Said], expired: list[Notice]) -> None:
        """Mark what was said as sent, in one transaction with what was not worth saying any more."""
        sent = [notice for notice, _letter in said]
        if said and is_gathering(group.leader):
            sent.append(group.leader)
        sent_ids, expired_ids = {notice.pk for notice in sent}, {notice.pk for notice in expired}
        unwanted = [notice for notice in group.rows if notice.pk not in sent_ids | expired_ids]
        expired = [notice for notice in expired if notice.pk not in sent_ids]
        with transaction.atomic() if len(group.rows) > 1 else nullcontext():
            self._mark_sent(sent)
            self._mark(expired, state=State.EXPIRED, context={})
            self._mark(unwanted, state=State.CANCELLED, context={})

    def _later(self, group: Group, reason: str) -> None:
        """The server said, or the wire suggests, to try again: after a pause that doubles, until it expires."""
        self._mark(
            group.rows,
            state=State.PENDING,
            faults=0,
            next_attempt_at=Now() + _back_off(group.leader.attempts),
            last_error=_short(reason),
        )

    def _fault(self, notice: Notice, error: Exception) -> None:
        """Something is wrong with this notice itself, or with what renders it. It is tried again by itself."""
        log.error("Notice %s (%s) cannot be sent", notice.pk, notice.kind, exc_info=error)
        reason = _short(f"{type(error).__name__}: {error}")
        if notice.faults >= MOST_FAULTS:
            self._mark([notice], state=State.FAILED, last_error=reason, leader=None)
        else:
            pause = _back_off(notice.attempts)
            self._mark([notice], state=State.PENDING, next_attempt_at=Now() + pause, last_error=reason, leader=None)

    def _put_off(self, group: Group, now: dt.datetime) -> None:
        """Let it wait as its member's choices say, which nobody changes meanwhile."""
        leader = group.leader
        with transaction.atomic():
            # Whoever changes the choices, or the clock that they are read on, holds this row.
            MailChoices.objects.select_for_update().filter(member=leader.member_id).first()
            self._read_ahead([group])
            if not self._has_reader(group) or leader.member is None or (way := self._way(group, now)).until is None:
                self._give_back([group])
                return
            if way.way is Way.GATHER:
                carrier = _carrier(leader.member, way.until)
                self._give_back([group], leader=carrier, next_attempt_at=carrier.next_attempt_at)
                until = carrier.next_attempt_at
            else:
                self._give_back([group], next_attempt_at=way.until)
                until = way.until
            keeping = [notice.pk for notice in group.rows if is_gathering(notice) or not is_urgent(notice)]
            Notice.objects.filter(pk__in=keeping).update(expires_at=Greatest(F("expires_at"), until + DAY))

    def _dissolve(self, group: Group) -> None:
        """Each goes its own way: one in a weekly mail perhaps, the other at once."""
        self._give_back([group], leader=None, joins=False)

    def _free(self, notices: list[Notice], *, alone: bool = False) -> None:
        """Let those go without their leader, together or each alone."""
        fields: dict[str, Any] = {"joins": False} if alone else {}
        self._give_back([Group(notice) for notice in notices], leader=None, **fields)

    def _give_back(self, groups: list[Group], *, after: dt.timedelta = dt.timedelta(), **fields: Any) -> None:
        """Return rows that were not tried, as if they had not been claimed."""
        rows = [notice.pk for group in groups for notice in group.rows]
        Notice.objects.filter(pk__in=rows, claim=self.claim).update(
            **{
                "state": State.PENDING,
                "claim": None,
                "lease_until": None,
                "attempts": F("attempts") - 1,
                "faults": F("faults") - 1,
                "next_attempt_at": Now() + after,
                **fields,
            }
        )

    def _mark(self, notices: list[Notice], **fields: Any) -> None:
        if not notices:
            return
        held = Notice.objects.filter(pk__in=[notice.pk for notice in notices], claim=self.claim)
        self._check_marked(notices, held.update(claim=None, lease_until=None, **fields))

    def _mark_sent(self, notices: list[Notice]) -> None:
        if not notices:
            return
        with connection.cursor() as cursor:
            cursor.execute(_SENT, {"ids": [notice.pk for notice in notices], "claim": self.claim})
            self._check_marked(notices, cursor.rowcount)

    def _check_marked(self, notices: list[Notice], marked: int) -> None:
        if marked < len(notices):
            kinds = ", ".join(f"{notice.pk} ({notice.kind})" for notice in notices)
            log.warning("Of these notices some were claimed by another, or are gone: %s", kinds)

    def hang_up(self) -> None:
        """Leave the connection: what it would say next belongs to a mail that is past. The next mail opens another."""
        try:
            self.connection.close()
        except OSError as error:
            log.info("The connection to the mail server did not end well: %s", text.one_line(str(error)))
        self.connection = get_connection()


def _by_preparer(groups: list[Group]) -> dict[Preparer, list[Notice]]:
    found: dict[Preparer, list[Notice]] = {}
    for group in groups:
        for notice in group.rows:
            family = _families.get(notice.kind.partition(":")[0])
            if family and family.prepare:
                found.setdefault(family.prepare, []).append(notice)
    return found


def _way(notice: Notice, now: dt.datetime) -> Route:
    """Return the way of one notice by what its member has chosen."""
    member = notice.member
    if member is None or notice.expires_at <= now:
        return GO
    try:
        sort, urgent = (None, False) if is_gathering(notice) else (sort_of(notice), is_urgent(notice))
    except KeyError:
        return GO  # a kind that nobody renders any more: rendering says so
    way = route(
        choices_of(member),
        zone=zones.known_or_utc(member.time_zone),
        now=now,
        sort=sort,
        expires_at=_of_use_until(notice),
        is_urgent=urgent,
    )
    # One whose group died with its process goes by itself, so that the next one does not.
    return GO if way.way is Way.GATHER and notice.faults > MOST_FAULTS else way


def _of_use_until(notice: Notice) -> dt.datetime:
    """Return until when an urgent notice has to be read: what it tells of may come before it expires."""
    needed_by = notice.context.get("needed_by")
    return min(notice.expires_at, dt.datetime.fromisoformat(needed_by)) if needed_by else notice.expires_at


def _carrier(member: User, moment: dt.datetime) -> Notice:
    """Return the row, locked, of the mail that gathers what waits for `moment`, or for a week later if that is gone."""
    for _week in range(3):
        key = f"{GATHERED}:{member.pk}:{moment:%Y-%m-%dT%H:%MZ}"
        new = Notice(
            key=key,
            kind=GATHERED,
            member=member,
            address=member.email,
            due_at=moment,
            next_attempt_at=moment,
            expires_at=moment + GATHERED_LASTS,
        )
        Notice.objects.bulk_create([new], ignore_conflicts=True)
        carrier = Notice.objects.select_for_update().get(key=key)
        if carrier.state == State.PENDING:
            return carrier
        moment = next_digest(member.mail_choices, zone=zones.known_or_utc(member.time_zone), after=moment)
    raise RuntimeError("No weekly mail can be found for this notice.")


def _back_off(attempts: int) -> dt.timedelta:
    """Return the pause after this many attempts: 0.5·2^n s, half an hour at most, give or take a quarter."""
    seconds = min(0.5 * 2 ** min(attempts, 20), LONGEST_BACK_OFF_SECONDS)
    return _jittered(seconds)


def _jittered(seconds: float) -> dt.timedelta:
    """Return about `seconds`, give or take a quarter, so that those who failed together do not come back together."""
    return dt.timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - no secret


def _short(reason: str) -> str:
    return text.one_line(reason)[:500]
