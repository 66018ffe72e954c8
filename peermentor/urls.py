"""The site map: one include per app."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView

from peermentor import health, public, views

urlpatterns = [
    path("", views.home, name="home"),
    path("how-it-works/", public.how_it_works, name="how_it_works"),
    path("sample-contract/", public.sample_contract, name="sample_contract"),
    path("principles/", public.principles, name="principles"),
    path("help/", public.help, name="help"),
    path("privacy/", public.privacy, name="privacy"),
    path("method/", public.method, name="method"),
    path("method/<slug:slug>/", public.method_page, name="method_page"),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("checkins.urls")),
    path("", include("contracts.urls")),
    path("", include("matching.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("favicon.ico", public.favicon, name="favicon"),
    path(
        "robots.txt",
        login_not_required(
            cache_control(max_age=86400)(TemplateView.as_view(template_name="robots.txt", content_type="text/plain"))
        ),
        name="robots",
    ),
]
if settings.LOCAL_INBOX:
    urlpatterns.append(path("dev/inbox/", include("accounts.urls_inbox")))

handler400 = "peermentor.views.bad_request"
handler429 = "peermentor.views.too_many"
handler403 = "peermentor.views.forbidden"
handler404 = "peermentor.views.not_found"
handler500 = "peermentor.views.server_error"
