"""Who sees what of a member: one page for all of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions.showing import show
from accounts.models import Goal, Listing
from accounts.showing_forms import ShowingForm


@require_http_methods(["GET", "HEAD", "POST"])
def showing(request: HttpRequest) -> HttpResponse:
    goals = sorted(Goal.objects.owned_by(request.user).current(), key=lambda goal: goal.horizon, reverse=True)
    listings = list(Listing.objects.owned_by(request.user).standing())
    form = ShowingForm(request.POST or None, profile=request.user.profile, goals=goals, listings=listings)
    if request.method == "POST" and form.is_valid():
        show(by=request.user, **form.chosen)
        messages.success(request, _("Saved. It holds from now on."))
        return redirect("profile")
    return render(request, "accounts/settings/showing.html", {"form": form})
