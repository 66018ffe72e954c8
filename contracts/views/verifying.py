"""Verification for anyone: no account, nothing kept, nothing told but what the file itself says."""

from allauth.core.internal import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from contracts import verifying
from contracts.forms import VerifyForm
from contracts.sealing import keys

LIMIT = {"verify": "30/m/ip"}


def is_too_often(request: HttpRequest) -> bool:
    """Whether this address has asked too often. Every question counts, one by a fingerprint as well."""
    return not ratelimit.consume(request, app="contracts", action="verify", config=LIMIT, limit_get=True)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Take a PDF, and say what it is."""
    if request.method != "POST":
        return render(request, "contracts/verify.html", {"form": VerifyForm()})
    if is_too_often(request):
        return ratelimit.respond_429(request)
    form = VerifyForm(request.POST, request.FILES)
    if getattr(request, "is_too_large", False):
        form.errors.clear()
        form.add_error("file", _("This file is larger than 10 MB: a sealed copy never is."))
    answer = verifying.verify(form.cleaned_data["file"].read()) if form.is_valid() else None
    return render(request, "contracts/verify.html", {"form": form, "answer": answer})


@login_not_required
@never_cache
@require_safe
def verify_fingerprint(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Say of a fingerprint whether it is known, and whether it is in force. What the QR code leads to."""
    if is_too_often(request):
        return ratelimit.respond_429(request)
    standing = verifying.standing(fingerprint)
    context = {"fingerprint": fingerprint[:64], "standing": standing}
    return render(request, "contracts/verify_fingerprint.html", context)


@login_not_required
@require_safe
def verify_certificate(request: HttpRequest) -> HttpResponse:
    """Our certificates, for those who verify with tools of their own."""
    try:
        found = keys.certificates()
    except keys.NoSeal:
        return HttpResponse(_("There is no certificate now.") + "\n", status=404, content_type="text/plain")
    return HttpResponse(
        keys.pem(found),
        content_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="peermentor-seal.pem"'},
    )
