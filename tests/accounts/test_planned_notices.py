"""Notices that are planned ahead, again and again."""

import datetime as dt
from dataclasses import replace

import pytest

from accounts import clock
from accounts.models import Notice
from accounts.notices import planned
from accounts.notices.planned import Planned
from tests.together import at_once

pytestmark = pytest.mark.django_db
State = Notice.State


def one_for(member, key: str = "test:1", **changes) -> Planned:
    due = clock.now().replace(microsecond=0) + dt.timedelta(days=1)
    made = Planned(key, "meeting:tomorrow", member, due, due + dt.timedelta(hours=3), {"contract": 1})
    return replace(made, **changes)


def test_planning_twice_is_planning_once(ada):
    planned.plan([one_for(ada)])
    first = Notice.objects.get()
    planned.plan([one_for(ada, due_at=first.due_at, expires_at=first.expires_at)])
    assert Notice.objects.get().pk == first.pk


def test_one_that_waits_follows_what_is_said_now(ada):
    one = one_for(ada)
    planned.plan([one])
    earlier = one.due_at - dt.timedelta(hours=5)
    ada.email = "new@example.org"
    planned.plan([replace(one, due_at=earlier)])
    notice = Notice.objects.get()
    assert (notice.due_at, notice.next_attempt_at, notice.address) == (earlier, earlier, "new@example.org")


@pytest.mark.parametrize("state", [State.SENT, State.FAILED, State.EXPIRED])
def test_what_is_over_stays_over(ada, state):
    one = one_for(ada)
    planned.plan([one])
    Notice.objects.update(state=state, sent_at=clock.now() if state == State.SENT else None)
    planned.plan([replace(one, due_at=one.due_at + dt.timedelta(hours=1))])
    notice = Notice.objects.get()
    assert (notice.state, notice.due_at) == (state, one.due_at)


def test_what_was_taken_back_is_due_again_when_it_is_planned_again(ada):
    one = one_for(ada)
    planned.plan([one])
    assert planned.unplan([one.key, "test:none"]) == 1
    assert planned.unplan([one.key]) == 0
    assert Notice.objects.get().state == State.CANCELLED
    planned.plan([one])
    notice = Notice.objects.get()
    assert (notice.state, notice.context) == (State.PENDING, {"contract": 1})


@pytest.mark.django_db(transaction=True)
def test_two_who_plan_the_same_at_one_moment_write_it_once(ada):
    many = [one_for(ada, key=f"test:{number}") for number in range(50)]
    outcomes = at_once(lambda: planned.plan(many), lambda: planned.plan(many[::-1]), lambda: planned.plan(many))
    assert outcomes == [None, None, None]
    assert Notice.objects.count() == 50
