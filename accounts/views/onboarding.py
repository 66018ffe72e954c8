"""The welcome: four steps, each of which can be skipped, and nothing typed is lost by that."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import clock
from accounts.actions.goals import set_goal
from accounts.actions.profiles import save_rhythm
from accounts.forms import FirstGoalForm, RhythmForm
from accounts.models import Goal
from accounts.models.listings import Side
from accounts.views import drafts
from accounts.views.listings import side_page
from accounts.views.refusals import is_done

STEPS = ["welcome_goal", "welcome_offers", "welcome_needs", "welcome_rhythm"]


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/welcome.html", {"first_step": STEPS[0]})


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_goal(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        if "skip" in request.POST:
            drafts.keep(request, "goal")
            return redirect("welcome_offers")
        long = _current_goals(request).get("long")
        form = FirstGoalForm(request.POST, today=clock.local().date())
        if form.is_valid() and is_done(form, lambda: _set_goals(request, form.cleaned_data, long), at="text"):
            drafts.forget(request, "goal")
            return redirect("welcome_offers")
    else:
        form = drafts.begin(request, "goal")
    return render(request, "accounts/welcome_goal.html", {"form": form, "step": 1, "steps": len(STEPS)})


@drafts.keeps("goal")
def unsent_first_goal(request: HttpRequest) -> drafts.Unsent:
    current = _current_goals(request)
    short, long = current.get("short"), current.get("long")
    initial = {"year": long.text if long else ""}
    if short:
        initial |= {"text": short.text, "indicator": short.indicator, "due_on": short.due_on}
    return partial(FirstGoalForm, today=clock.local().date()), initial


def _current_goals(request: HttpRequest) -> dict[str, Goal]:
    return {goal.horizon: goal for goal in Goal.objects.owned_by(request.user).current()}


def _set_goals(request: HttpRequest, cleaned: dict, long: Goal | None) -> None:
    if cleaned["year"] and (long is None or long.text != cleaned["year"]):
        indicator, due_on = (long.indicator, long.due_on) if long else ("", None)
        set_goal(by=request.user, horizon="long", text=cleaned["year"], indicator=indicator, due_on=due_on)
    set_goal(
        by=request.user,
        horizon="short",
        text=cleaned["text"],
        indicator=cleaned["indicator"],
        due_on=cleaned["due_on"],
        is_bite=bool(cleaned["year"]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_offers(request: HttpRequest) -> HttpResponse:
    return side_page(
        request, Side.OFFER, "accounts/welcome_offers.html", here="welcome_offers", onward="welcome_needs", step=2
    )


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_needs(request: HttpRequest) -> HttpResponse:
    return side_page(
        request, Side.NEED, "accounts/welcome_needs.html", here="welcome_needs", onward="welcome_rhythm", step=3
    )


@require_http_methods(["GET", "HEAD", "POST"])
def welcome_rhythm(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        if "skip" in request.POST:
            drafts.keep(request, "rhythm")
            return redirect("partners")
        form = RhythmForm(request.POST)
        if form.is_valid():
            save_rhythm(by=request.user, **form.cleaned_data)
            drafts.forget(request, "rhythm")
            return redirect("partners")
    else:
        form = drafts.begin(request, "rhythm")
    return render(request, "accounts/welcome_rhythm.html", {"form": form, "step": 4, "steps": len(STEPS)})
