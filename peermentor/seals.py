"""The staff's page about seals: the certificate, and what was signed and is not sealed."""

import datetime as dt

from django.contrib import admin
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from contracts.actions import sealing
from contracts.models import SealedFile
from contracts.sealing import keys

SHOWN = 50
# The sweep has been there twice by then.
LATE = dt.timedelta(minutes=5)


@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """How the seals stand now. Staff see numbers, and no name or word of a contract."""
    late = sealing.unsealed().annotate(signed_at=Max("signatures__signed_at")).filter(signed_at__lt=clock.now() - LATE)
    context = {
        **admin.site.each_context(request),
        "title": _("Seals"),
        "faults": keys.faults(),
        "certificate": _certificate(),
        "sealed": SealedFile.objects.count(),
        "late": late.values("contract_id", "number", "signed_at")[:SHOWN],
        "count": late.count(),
    }
    return render(request, "admin/seals.html", context)


def _certificate() -> dict[str, object] | None:
    try:
        [present, *earlier] = keys.certificates()
    except keys.NoSeal:
        return None
    return {
        "name": present.subject.rfc4514_string(),
        "until": present.not_valid_after_utc,
        "fingerprint": keys.fingerprint(present),
        "earlier": len(earlier),
    }
