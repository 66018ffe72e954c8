"""The staff's page about mail: whether what is due goes out, what did not, and another try."""

import asyncio

import redis
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import sending
from accounts.models import Notice
from accounts.notices import watching
from peermentor import health
from peermentor.heartbeats import BEAT, DRAIN, WORKER

SHOWN = 50


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """How the mails stand now."""
    standing = watching.standing()
    failed = Notice.objects.filter(state=Notice.State.FAILED).order_by("-due_at", "-pk")
    context = {
        **admin.site.each_context(request),
        "title": _("Mail"),
        "standing": standing,
        "oldest": health.in_time_words(standing.oldest_due_seconds or 0),
        "counts": watching.counts(),
        "ticks": _ticks(),
        "failed": failed[:SHOWN],
        "more": max(0, standing.failed - SHOWN),
    }
    return render(request, "admin/mail.html", context)


@require_POST
def mail_again(request: HttpRequest) -> HttpResponse:
    """Let one failed notice go again, or all of them."""
    chosen = Notice.objects.filter(state=Notice.State.FAILED)
    if pk := request.POST.get("notice", ""):
        chosen = chosen.filter(pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
    count = sending.try_again(notices=chosen)
    said = ngettext("%(count)d notice will be tried again.", "%(count)d notices will be tried again.", count)
    late = _("What is too late to be worth sending is not.")
    messages.success(request, said % {"count": count} if count else late)
    return redirect("admin:mail")


def _ticks() -> list[tuple[str, str]]:
    """When beat, worker and drain last showed themselves, in words."""
    try:
        ages = asyncio.run(health.ask_redis())
    except (OSError, redis.RedisError):
        return [(_("Redis"), _("does not answer"))]
    names = ((_("Beat"), BEAT), (_("Worker"), WORKER), (_("Looking for what is due"), DRAIN))
    return [(name, health.ago(ages[key])) for name, key in names]
