"""Home, the only page that reads every app, and the pages of faults."""

import sys

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.models import Goal
from accounts.views.settings import is_paused
from checkins import waiting as checkins_waiting
from checkins.views.pages import pairs_in_force
from contracts import waiting as contracts_waiting
from matching import waiting as matching_waiting
from matching.being_found import being_found
from matching.pricing import note_shown
from matching.ranking import Fit
from matching.suggestions import dismissed_by, introduced_to, suggest, what_is_missing


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the site is, for a stranger; for a member, what needs them today."""
    if not request.user.is_authenticated:
        return render(request, "pages/landing.html")
    now = clock.local()
    missing = what_is_missing(request.user)
    known = introduced_to(request.user) | contracts_waiting.partners_of(request.user)
    aside = dismissed_by(request.user)
    found = being_found(request.user)
    # Who has as many partners as they can keep needs nobody new.
    suggestions, totals = (
        ([], {})
        if found.is_full
        else suggest(request.user, mutual=3, one_way=0, without=known, aside=aside, mine=found.candidate)
    )
    if suggestions and request.method == "GET":
        note_shown([each.profile.pk for each in suggestions])
    goals = {goal.horizon: goal for goal in Goal.objects.owned_by(request.user).current().select_related("part_of")}
    pairs = pairs_in_force(request.user)
    waiting = [
        *matching_waiting.waiting(request.user),
        *contracts_waiting.waiting(request.user),
        *checkins_waiting.waiting(pairs),
    ]
    context = {
        "waiting": sorted(waiting, key=lambda thing: thing.since),
        "coming": checkins_waiting.coming(pairs),
        "missing": missing,
        "is_paused": is_paused(request.user),
        "found": found,
        "goals": [goals[horizon] for horizon in ("short", "long") if horizon in goals],
        "now": now,
        "today": now.date(),
        "hour": now.hour,
        "suggestions": suggestions,
        "knows_of_somebody": bool(known | aside),
        "total": totals.get(Fit.MUTUAL, 0),
        "has_listings": not {"offers", "needs"} <= set(missing),
    }
    return render(request, "home.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody was quicker than a rate limit. Who asks for another code too soon stays where they are."""
    asked_for_code = request.method == "POST" and request.POST.get("action") == "resend"
    if asked_for_code and request.resolver_match.url_name == "account_email_verification_sent":
        messages.error(request, _("We have just sent you a code. Give it ten seconds, then ask for another."))
        request.session["typed_code"] = request.POST.get("code", "").replace("\0", "")[:40]
        return redirect("account_email_verification_sent")
    return render(request, "429.html", status=429)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours (500), or a database that is away for a moment, which is none (503, come back soon).

    Called while the exception is handled, whether a view or a middleware raised it. Rendered without the request:
    whatever broke must not break this page as well.
    """
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        page = render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    return HttpResponseServerError(render_to_string("500.html"))
