"""Notices that are planned ahead, many at a time, and again: what a periodic task writes."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Notice, User
from accounts.notices import rows

State = Notice.State


@dataclass(frozen=True)
class Planned:
    """One notice that will be due: see `accounts.notices.queue`, whose fields these are."""

    key: str
    kind: str
    member: User
    due_at: dt.datetime
    expires_at: dt.datetime
    context: dict[str, Any] = field(default_factory=dict)


def plan(planned: Iterable[Planned]) -> None:
    """Write these down, in the caller's transaction. One that is there already, and waits, follows what is said now.

    One that was cancelled is due again: a meeting that was moved away and back has its own old key. What has gone out,
    or is just going out, is left as it is.
    """
    # In one order everywhere, so that two planners that meet wait for one another instead of locking each other out.
    by_key = {each.key: each for each in sorted(planned, key=lambda each: each.key)}
    there = Notice.objects.filter(key__in=by_key).values_list("key", "state", "address", "due_at", "expires_at")
    known = {key: (state, (address, due_at, expires_at)) for key, state, address, due_at, expires_at in there}
    rows.queue_all([_row(each) for key, each in by_key.items() if key not in known])
    for key in sorted(known):
        state, said = known[key]
        each = by_key[key]
        is_other = said != (each.member.email, each.due_at, each.expires_at)
        if state == State.CANCELLED or (state == State.PENDING and is_other):
            _write_again(each, state)


def unplan(keys: Iterable[str]) -> int:
    """Take back those of these that have not gone out; return how many. One just being sent may still arrive."""
    waiting = Notice.objects.filter(key__in=sorted(keys), state=State.PENDING)
    taken_back = waiting.update(state=State.CANCELLED, context={}, leader=None)
    if taken_back:
        rows.release_stranded()
    return taken_back


def _row(each: Planned) -> Notice:
    return rows.row(
        key=each.key,
        kind=each.kind,
        address=each.member.email,
        member=each.member,
        context=each.context,
        due_at=each.due_at,
        lasts=each.expires_at - each.due_at,
    )


def _write_again(each: Planned, state: str) -> None:
    # Whom it was to go with may be due at another time now.
    Notice.objects.filter(leader__key=each.key, state=State.PENDING).update(leader=None)
    Notice.objects.filter(key=each.key, state=state).update(
        state=State.PENDING,
        address=each.member.email,
        context=each.context,
        due_at=each.due_at,
        next_attempt_at=each.due_at,
        expires_at=each.expires_at,
        leader=None,
    )
