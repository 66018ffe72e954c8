"""The local inbox, for a machine without a mail server. Its addresses exist nowhere else."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts import inbox as local


@login_not_required
@never_cache
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """All mails, newest first."""
    return render(request, "accounts/inbox.html", {"mails": local.mails()})


@login_not_required
@require_POST
def inbox_empty(request: HttpRequest) -> HttpResponse:
    local.empty()
    return redirect("inbox")


@login_not_required
@never_cache
@require_safe
def inbox_mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail: its text, and its HTML in a frame that may do nothing."""
    return render(request, "accounts/inbox_mail.html", {"mail": _mail(key)})


@login_not_required
@never_cache
@require_safe
@xframe_options_sameorigin
@csp({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF]})
def inbox_mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of a mail, for the frame: it may have styles of its own, and nothing else."""
    return HttpResponse(_mail(key).html)


def _mail(key: str) -> local.Mail:
    mail = local.mail(key)
    if mail is None:
        raise Http404
    return mail
