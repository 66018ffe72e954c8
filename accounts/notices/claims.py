"""Taking notices that are due, under a lease: those that go out as one mail together."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts import zones
from accounts.clock import Now
from accounts.models import Notice
from accounts.notices.routing import Way, route
from accounts.notices.rows import choices_of

LEASE = dt.timedelta(seconds=30)
# Reminders due within this time of each other go out as one mail: the earlier ones wait, none goes before it is due.
TOGETHER_WITHIN = dt.timedelta(hours=2)
# What is left of its time when one has waited for another.
LEFT_AFTER_WAITING = dt.timedelta(minutes=15)
# After so many attempts in a row that ended without an answer of the mail server, a row is parked for staff to see. A
# row is given more patience when it was the process that ended: that may have been chance.
MOST_FAULTS = 3
MOST_DEATHS = 5

State = Notice.State


@dataclass
class Group:
    """Notices that go out as one mail; mostly one alone."""

    leader: Notice
    followers: list[Notice] = field(default_factory=list)

    @property
    def rows(self) -> list[Notice]:
        return [self.leader, *self.followers]


def claim_due(claim: uuid.UUID, limit: int) -> list[Group]:
    """Claim up to `limit` mails that are due."""
    with transaction.atomic():
        earlier = Notice.objects.filter(
            Q(next_attempt_at__lt=OuterRef("next_attempt_at"))
            | Q(next_attempt_at=OuterRef("next_attempt_at"), pk__lt=OuterRef("pk")),
            member=OuterRef("member"),
            state=State.PENDING,
            leader__isnull=True,
            joins=True,
        )
        # Of those of one member that join, the earliest alone is there to be claimed, and brings the others along: no
        # two drains can take one each.
        leaders = _locked(
            Notice.objects.filter(
                Q(joins=False) | ~Exists(earlier),
                state=State.PENDING,
                next_attempt_at__lte=Now(),
                leader__isnull=True,
            ).order_by("next_attempt_at", "id")[:limit]
        )
        groups = _with_followers(leaders)
        groups = _joined(groups)
        return _taken(claim, groups)


def claim_abandoned(claim: uuid.UUID) -> list[Group]:
    """Claim one mail whose sender died. One at a time, lest a row that kills its process takes its neighbours along."""
    abandoned = Q(state=State.SENDING, lease_until__lte=Now())
    if not Notice.objects.filter(abandoned).exists():
        return []
    Notice.objects.filter(abandoned, faults__gte=MOST_DEATHS).update(
        state=State.FAILED,
        claim=None,
        lease_until=None,
        last_error="The process ended each time while it sent this notice.",
    )
    # A group that dies again and again is taken apart: who of them does it shows then.
    Notice.objects.filter(abandoned, leader__isnull=False, faults__gte=MOST_FAULTS).update(
        state=State.PENDING, claim=None, lease_until=None, leader=None, joins=False, next_attempt_at=Now()
    )
    with transaction.atomic():
        leaders = _locked(
            Notice.objects.filter(abandoned, leader__isnull=True).order_by("lease_until", "id")[:1],
        )
        return _taken(claim, _with_followers(leaders))


def _locked(notices: Iterable[Notice]) -> list[Notice]:
    return list(
        notices.select_for_update(skip_locked=True, of=("self",)).annotate(claimed_at=Now())  # type: ignore[attr-defined]
    )


def _with_followers(leaders: list[Notice]) -> list[Group]:
    """Return the groups that were made when they were claimed before, or gathered."""
    groups = {leader.pk: Group(leader) for leader in leaders}
    waiting = Notice.objects.filter(leader__in=groups, state__in=[State.PENDING, State.SENDING])
    for follower in waiting.select_for_update(of=("self",)).annotate(claimed_at=Now()).order_by("due_at", "id"):
        if follower.leader_id:
            groups[follower.leader_id].followers.append(follower)
    return list(groups.values())


def _joined(groups: list[Group]) -> list[Group]:
    """Return the groups, each that joins with the others of its member; without those that wait for another."""
    joining = {group.leader.member_id: group for group in groups if group.leader.joins and not group.leader.attempts}
    if not joining:
        return groups
    others: dict[int | None, list[Notice]] = {}
    soon = _locked(
        Notice.objects.filter(
            member__in=joining, state=State.PENDING, leader__isnull=True, joins=True, attempts=0,
            next_attempt_at__lte=Now() + TOGETHER_WITHIN,
        )
        .exclude(pk__in=[group.leader.pk for group in joining.values()])
        .order_by("next_attempt_at", "id")
    )  # fmt: skip
    for notice in soon:
        others.setdefault(notice.member_id, []).append(notice)
    waiting = []
    for member_id, found in others.items():
        group = joining[member_id]
        now = group.leader.claimed_at  # type: ignore[attr-defined]
        due = [notice for notice in found if notice.next_attempt_at <= now]
        if moment := _worth_waiting_for(group.leader, due, [notice for notice in found if notice not in due]):
            Notice.objects.filter(pk__in=[notice.pk for notice in [group.leader, *due]]).update(next_attempt_at=moment)
            waiting.append(group)
        else:
            Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(leader=group.leader)
            group.followers += due
    return [group for group in groups if group not in waiting]


def _worth_waiting_for(leader: Notice, due: list[Notice], coming: list[Notice]) -> dt.datetime | None:
    """Return when the last comes that is near enough to go along, or None when nobody is to wait."""
    here = [leader, *due]
    near = min(notice.due_at for notice in here) + TOGETHER_WITHIN
    moments = [notice.next_attempt_at for notice in coming if notice.next_attempt_at <= near]
    if not moments:
        return None
    moment: dt.datetime = max(moments)
    if any(notice.expires_at < moment + LEFT_AFTER_WAITING for notice in here) or leader.member is None:
        return None
    choices, zone = choices_of(leader.member), zones.known_or_utc(leader.member.time_zone)
    there = route(choices, zone=zone, now=moment, sort=None, expires_at=leader.expires_at)
    return moment if there.way is Way.GO else None


def _taken(claim: uuid.UUID, groups: list[Group]) -> list[Group]:
    # Attempts count here, before anything is tried: a row that ends the process is counted too.
    rows = [notice for group in groups for notice in group.rows]
    Notice.objects.filter(pk__in=[notice.pk for notice in rows]).update(
        state=State.SENDING,
        claim=claim,
        lease_until=Now() + LEASE,
        attempts=F("attempts") + 1,
        faults=F("faults") + 1,
    )
    for notice in rows:
        notice.attempts += 1
        notice.faults += 1
    return groups
