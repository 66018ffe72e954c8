"""Settings: how I log in, what I am told, and what is held about me."""

import datetime as dt

from allauth.account.decorators import reauthentication_required
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock, export, mail_words, zones
from accounts.actions import erasing, pausing, profiles
from accounts.held import Erasure, Held, holdings
from accounts.models import Block, User
from accounts.notices.rows import choices_of
from accounts.settings_forms import MEMBER_LANGUAGES, DeleteAccountForm, PauseForm, PreferencesForm


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be set, each with how it is now."""
    devices = UserSession.objects.filter(user=request.user).count()
    blocked_count = Block.objects.filter(blocker=request.user).count()
    context = {
        "two_step": two_step_in_words(request.user),
        "devices": ngettext("Logged in on %(count)d device", "Logged in on %(count)d devices", devices)
        % {"count": devices},
        "zone": zones.city(request.user.time_zone),
        "language": dict(MEMBER_LANGUAGES).get(request.user.language, request.user.language),
        "emails": mail_words.in_short(choices_of(request.user), today=own_today(request.user)),
        "profile": request.user.profile,
        "is_paused": is_paused(request.user),
        "blocked_count": blocked_count,
    }
    return render(request, "accounts/settings/settings.html", context)


def two_step_in_words(member: User) -> str:
    """Say how the member's second step is done."""
    types = set(Authenticator.objects.filter(user=member).values_list("type", flat=True))
    ways = [
        word
        for kind, word in ((Authenticator.Type.TOTP, _("an app code")), (Authenticator.Type.WEBAUTHN, _("a passkey")))
        if kind in types
    ]
    if not ways:
        return _("Two-step login is off")
    return _("Two-step login is on: %(ways)s") % {"ways": _(" or ").join(ways)}


def _titles(held: list[tuple[Held, int]], erasure: Erasure) -> list[str]:
    """Return what people call the rows that there are, each name once."""
    return list(dict.fromkeys(str(each.title) for each, count in held if count and each.erasure is erasure))


def is_paused(member: User) -> bool:
    """Say whether the member's profile is hidden at present."""
    profile = member.profile
    return not profile.is_looking or (profile.paused_until is not None and profile.paused_until > clock.now())


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    if request.method == "POST":
        form = PreferencesForm(request.POST, now=now)
        if form.is_valid():
            profiles.save_preferences(by=request.user, **form.cleaned_data)
            messages.success(request, _("Saved. All times are on your clock now."))
            return redirect("settings")
    else:
        initial = {"time_zone": request.user.time_zone, "language": request.user.language}
        form = PreferencesForm(initial=initial, now=now)
    return render(request, "accounts/settings/preferences.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest) -> HttpResponse:
    today = own_today(request.user)
    if request.method == "POST":
        form = PauseForm(request.POST, today=today)
        if form.is_valid():
            pausing.pause(by=request.user, until=form.cleaned_data["until"])
            messages.success(request, _("You are paused. Nobody finds you as a partner meanwhile."))
            return redirect("settings")
    else:
        form = PauseForm(today=today)
    context = {"form": form, "is_paused": is_paused(request.user), "profile": request.user.profile}
    return render(request, "accounts/settings/pause.html", context)


@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    pausing.resume(by=request.user)
    messages.success(request, _("Welcome back. Partners can find you again."))
    return redirect("settings")


def own_today(member: User) -> dt.date:
    """Return today's date where the member is."""
    return zones.local_time(zones.known_or_utc(member.time_zone), clock.now()).date()


@require_safe
def blocked(request: HttpRequest) -> HttpResponse:
    """Whom I have blocked, with a way to lift it."""
    blocks = Block.objects.filter(blocker=request.user).select_related("blocked__profile")
    return render(request, "accounts/settings/blocked.html", {"blocks": blocks})


@require_safe
@reauthentication_required(app="allauth.mfa")
def totp_qr(request: HttpRequest) -> HttpResponse:
    """The QR code that an app scans while two-step login is being turned on; there is none at any other time."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    mfa = get_mfa_adapter()
    svg = mfa.build_totp_svg(mfa.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@require_safe
@reauthentication_required
def download(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings/download.html")


@require_safe
@reauthentication_required
def download_zip(request: HttpRequest) -> HttpResponse:
    """Everything held about me, in one file."""
    return HttpResponse(
        export.zip_of(request.user),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="peermentor.zip"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)
def delete_account(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; then, with the password and the word, do it."""
    form = DeleteAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        erasing.erase(by=request.user, site_url=request.build_absolute_uri("/").rstrip("/"))
        logout(request)
        messages.success(request, _("Your account is deleted. Thank you for the time you were here; go well."))
        return redirect("home")
    held = [(each, each.count(request.user.pk)) for each in holdings() if each.title]
    context = {
        "form": form,
        "goes": _titles(held, Erasure.GOES),
        "stays": _titles(held, Erasure.STAYS),
    }
    return render(request, "accounts/settings/delete_account.html", context)
