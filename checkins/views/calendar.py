"""Meetings in a calendar of one's own: the page about it, the private address, and a file of one contract."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.clock import Now
from checkins import calendars
from checkins.actions import feeds
from checkins.models import CalendarFeed
from checkins.views import pages

TYPE = "text/calendar; charset=utf-8"


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """How to have one's meetings in one's own calendar."""
    found = CalendarFeed.objects.filter(member=request.user).first()
    address = f"{settings.SITE_URL}{reverse('calendar_feed', args=[found.token])}" if found else ""
    context = {
        "feed": found,
        "address": address,
        "webcal": f"webcal://{address.partition('://')[2]}",
        "pairs": pages.pairs_in_force(request.user),
    }
    return render(request, "checkins/calendar.html", context)


@require_POST
def calendar_renew(request: HttpRequest) -> HttpResponse:
    had_one = CalendarFeed.objects.filter(member=request.user).exists()
    feeds.renew(by=request.user)
    if had_one:
        messages.success(request, _("This is your new address. The old one has stopped: give your calendar this one."))
    else:
        messages.success(request, _("Your address is made. Now give it to your calendar."))
    return redirect("calendar")


@require_POST
def calendar_close(request: HttpRequest) -> HttpResponse:
    feeds.close(by=request.user)
    messages.success(request, _("The address has stopped. Your calendar gets nothing from us any more."))
    return redirect("calendar")


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar reads. Whoever has the address may read it; nobody is logged in."""
    wanted = CalendarFeed.objects.filter(token=token, member__is_active=True).select_related("member")
    found = wanted.annotate(now=Now()).first()
    if found is None:
        raise Http404
    content = calendars.feed(found.member, found.now)
    found = feeds.note(found, content, found.now)
    assert found.changed_at is not None
    etag, changed_at = quote_etag(found.content_sha256), int(found.changed_at.timestamp())
    response = HttpResponse(content, content_type=TYPE)
    response["ETag"], response["Last-Modified"] = etag, http_date(changed_at)
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, last_modified=changed_at, response=response)


@require_safe
def meetings_ics(request: HttpRequest, contract_id: int) -> HttpResponse:
    """The meetings of one contract as a file: as they stand now, and for good."""
    pair = pages.pair_seen_by(request, contract_id)
    content = calendars.file(request.user, pair.contract, clock.now())
    response = HttpResponse(content, content_type=f"{TYPE}; method=PUBLISH")
    response["Content-Disposition"] = f'attachment; filename="meetings-{contract_id}.ics"'
    return response
