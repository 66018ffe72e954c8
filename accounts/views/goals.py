from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.actions.goals import end_goal, reopen_goal, set_goal
from accounts.forms import LongGoalForm, ShortGoalForm
from accounts.models import Goal
from accounts.views import drafts
from accounts.views.refusals import is_done

FORMS = {"short": ShortGoalForm, "long": LongGoalForm}


@require_safe
def goals(request: HttpRequest) -> HttpResponse:
    mine = list(Goal.objects.owned_by(request.user).select_related("part_of"))
    current = {goal.horizon: goal for goal in mine if goal.ended_at is None}
    context = {
        "short": current.get("short"),
        "long": current.get("long"),
        "past": [goal for goal in mine if goal.ended_at],
        "today": clock.local().date(),
    }
    return render(request, "accounts/goals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request: HttpRequest, horizon: str) -> HttpResponse:
    """Write the goal of this horizon, the first time or anew."""
    if horizon not in FORMS:
        raise Http404
    current = {goal.horizon: goal for goal in Goal.objects.owned_by(request.user).current()}
    goal, today, draft = current.get(horizon), clock.local().date(), f"goal-{horizon}"
    if request.method == "POST":
        form = FORMS[horizon](request.POST, today=today)
        if form.is_valid() and is_done(
            form, lambda: set_goal(by=request.user, horizon=horizon, **form.cleaned_data), at="text"
        ):
            drafts.forget(request, draft)
            messages.success(request, _("Your goal is saved."))
            return redirect("goals")
    else:
        form = drafts.begin(request, draft)
    if horizon == "short" and "long" not in current:
        del form.fields["is_bite"]
    context = {"form": form, "goal": goal, "horizon": horizon, "year": current.get("long"), "draft": draft}
    return render(request, "accounts/goal_edit.html", context)


@drafts.keeps("goal-short")
def unsent_short(request: HttpRequest) -> drafts.Unsent:
    return _unsent(request, "short")


@drafts.keeps("goal-long")
def unsent_long(request: HttpRequest) -> drafts.Unsent:
    return _unsent(request, "long")


def _unsent(request: HttpRequest, horizon: str) -> drafts.Unsent:
    goal = Goal.objects.owned_by(request.user).current().filter(horizon=horizon).first()
    initial = {}
    if goal:
        initial = {"text": goal.text, "indicator": goal.indicator, "due_on": goal.due_on}
        initial["is_bite"] = goal.part_of_id is not None
    return partial(FORMS[horizon], today=clock.local().date()), initial


@require_POST
def goal_end(request: HttpRequest, goal_id: int, outcome: str) -> HttpResponse:
    if outcome not in Goal.Outcome.values:
        raise Http404
    get_object_or_404(Goal.objects.owned_by(request.user), pk=goal_id)
    goal = end_goal(by=request.user, goal_id=goal_id, outcome=outcome)
    said = _("You reached it. Well done.") if goal.outcome == Goal.Outcome.REACHED else _("You let that goal go.")
    messages.success(request, said, extra_tags=reverse("goal_reopen", args=[goal_id]))
    return redirect("goals")


@require_POST
def goal_reopen(request: HttpRequest, goal_id: int) -> HttpResponse:
    get_object_or_404(Goal.objects.owned_by(request.user), pk=goal_id)
    reopen_goal(by=request.user, goal_id=goal_id)
    messages.success(request, _("Your goal is back."))
    return redirect("goals")
