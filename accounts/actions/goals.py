"""What a member does with their goals."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Goal, User
from accounts.rules import Refused, constraints_speak

MOST_GOALS = 500


def set_goal(
    *, by: User, horizon: str, text: str, indicator: str, due_on: dt.date | None, is_bite: bool = False
) -> Goal:
    """Write the member's current goal of this horizon, the first time or anew.

    `is_bite`: a goal of about a month that is part of the current goal of about a year, if there is one.
    """
    with constraints_speak(), transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        current = {goal.horizon: goal for goal in Goal.objects.owned_by(by).current()}
        goal = current.get(horizon) or Goal(member=by, horizon=horizon)
        if goal.pk is None and Goal.objects.owned_by(by).count() >= MOST_GOALS:
            raise Refused(_("That is a great many goals. Bring back one that you have let go, and change it."))
        goal.text, goal.indicator, goal.due_on = text, indicator, due_on
        goal.part_of = current.get("long") if is_bite and horizon == "short" else None
        goal.save()
    return goal


def end_goal(*, by: User, goal_id: int, outcome: str) -> Goal:
    """Say that a goal was reached, or let it go. Saying it twice changes nothing."""
    now = clock.now()
    with constraints_speak(), transaction.atomic():
        goal = Goal.objects.select_for_update().owned_by(by).get(pk=goal_id)
        if goal.ended_at is None:
            goal.ended_at, goal.outcome = now, outcome
            goal.save(update_fields=["ended_at", "outcome"])
    return goal


def reopen_goal(*, by: User, goal_id: int) -> Goal:
    """Take back that a goal has ended, unless a new one stands in its place."""
    with constraints_speak(), transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        goal = Goal.objects.select_for_update().owned_by(by).get(pk=goal_id)
        if Goal.objects.owned_by(by).current().filter(horizon=goal.horizon).exclude(pk=goal.pk).exists():
            raise Refused(_("You have set a new goal meanwhile. Finish that one first, then bring this one back."))
        goal.ended_at, goal.outcome = None, ""
        goal.save(update_fields=["ended_at", "outcome"])
    return goal
