"""The staff's pages: for staff who log in with a second step."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from matching.models import Report
from peermentor.fits import fits
from peermentor.mail import mail, mail_again
from peermentor.seals import seals

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class StaffSite(AdminSite):
    """Logging in is allauth's, with its rate limits. A password alone opens nothing here."""

    site_header = _("Peermentor, for staff")
    site_title = _("Peermentor, for staff")
    index_title = _("What staff look after")
    enable_nav_sidebar = False
    index_template = "admin/staff_index.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("mail/", self.admin_view(mail), name="mail"),
            path("mail/again/", self.admin_view(mail_again), name="mail_again"),
            path("fits/", self.admin_view(fits), name="fits"),
            path("seals/", self.admin_view(seals), name="seals"),
            *super().get_urls(),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What staff look after, with how many reports wait for an answer."""
        return super().index(request, {"reports_waiting": Report.objects.waiting().count(), **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and is_mfa_enabled(request.user, SECOND_STEPS)

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Where the admin sends those whom it does not let in: staff who lack a second step hear how to set it up."""
        if self.has_permission(request):
            return super().login(request, extra_context)
        return render(request, "pages/second_step_needed.html", status=403)
