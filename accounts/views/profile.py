from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import countries, languages, week
from accounts.actions.profiles import save_profile, save_rhythm
from accounts.forms import ProfileForm, RhythmForm
from accounts.models import Goal, Listing, Profile
from accounts.models.profiles import Medium
from accounts.views import drafts
from accounts.views.settings import is_paused


@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """My profile as partners see it, with a way to change each part."""
    mine = get_object_or_404(Profile.objects.visible_to(request.user), member=request.user)
    listings = list(Listing.objects.owned_by(request.user).standing().select_related("topic"))
    context = {
        "profile": mine,
        "is_paused": is_paused(request.user),
        "offers": [listing for listing in listings if listing.is_offer],
        "needs": [listing for listing in listings if not listing.is_offer],
        "goals": sorted(Goal.objects.owned_by(request.user).current(), key=lambda goal: goal.horizon, reverse=True),
        **rhythm_words(mine),
        "free": week.common_spans(range(week.HOURS), mine.free_hours, my_offset=0, their_offset=0),
    }
    return render(request, "accounts/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.is_valid():
            save_profile(by=request.user, **form.cleaned_data)
            drafts.forget(request, "profile")
            messages.success(request, _("Your profile is saved."))
            return redirect("profile")
    else:
        form = drafts.begin(request, "profile")
    return render(request, "accounts/profile_edit.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def rhythm_edit(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = RhythmForm(request.POST)
        if form.is_valid():
            save_rhythm(by=request.user, **form.cleaned_data)
            drafts.forget(request, "rhythm")
            messages.success(request, _("Your rhythm is saved."))
            return redirect("profile")
    else:
        form = drafts.begin(request, "rhythm")
    return render(request, "accounts/rhythm_edit.html", {"form": form})


@drafts.keeps("profile")
def unsent_profile(request: HttpRequest) -> drafts.Unsent:
    mine = request.user.profile
    return ProfileForm, {"name": mine.name, "headline": mine.headline, "about": mine.about, "contact": mine.contact}


@drafts.keeps("rhythm")
def unsent_rhythm(request: HttpRequest) -> drafts.Unsent:
    """Return the form of the rhythm with what is saved, and before that with what the browser says."""
    mine = request.user.profile
    initial = {
        "hours_per_week": mine.hours_per_week,
        "partners_at_once": mine.partners_at_once,
        "time_zone": request.user.time_zone,
        # A guess is a proposal in the form of somebody new: it is kept when they save it.
        "country": mine.country or ("" if mine.has_rhythm else countries.of_zone(request.user.time_zone)),
        "free_hours": [str(hour) for hour in mine.free_hours],
        "languages": mine.languages or languages.spoken_in(request.headers.get("Accept-Language", "")),
        "media": mine.media or ["video"],
    }
    return RhythmForm, initial


def rhythm_words(profile: Profile) -> dict:
    """Return a profile's rhythm as its page says it: names of languages and media."""
    return {
        "country": countries.name(profile.country),
        "languages": languages.names(profile.languages),
        "media": [Medium(medium).label for medium in profile.media],
    }
