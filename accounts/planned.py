"""Notices that are planned ahead, many at a time, and again: what a periodic task writes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Notice

State = Notice.State


@dataclass(frozen=True)
class Planned:
    """One notice that will be due: see `accounts.notices.queue`, whose fields these are."""

    key: str
    kind: str
    address: str
    member_id: int
    due_at: dt.datetime
    expires_at: dt.datetime
    context: dict[str, Any] = field(default_factory=dict)


def plan(planned: Iterable[Planned]) -> None:
    """Write these down, in the caller's transaction. Those that are there already are left as they are.

    One that was cancelled is due again: a meeting that was moved away and back has its own old key. What has gone out
    does not go out again.
    """
    # In one order everywhere, so that two planners that meet wait for one another instead of locking each other out.
    by_key = {each.key: each for each in sorted(planned, key=lambda each: each.key)}
    known = dict(Notice.objects.filter(key__in=by_key).values_list("key", "state"))
    new = [
        Notice(
            key=each.key,
            kind=each.kind,
            address=each.address,
            member_id=each.member_id,
            context=each.context,
            due_at=each.due_at,
            next_attempt_at=each.due_at,
            expires_at=each.expires_at,
        )
        for each in by_key.values()
        if each.key not in known
    ]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    for key in sorted(key for key, state in known.items() if state == State.CANCELLED):
        each = by_key[key]
        Notice.objects.filter(key=key, state=State.CANCELLED).update(
            state=State.PENDING,
            address=each.address,
            context=each.context,
            due_at=each.due_at,
            next_attempt_at=each.due_at,
            expires_at=each.expires_at,
        )


def unplan(keys: Iterable[str]) -> int:
    """Take back those of these that have not gone out; return how many. One just being sent may still arrive."""
    waiting = Notice.objects.filter(key__in=sorted(keys), state=State.PENDING)
    return waiting.update(state=State.CANCELLED, context={})
