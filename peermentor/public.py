"""The pages that anyone may read: no account needed, nothing fetched, the same words for everybody."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from peermentor.method import TOPICS

A_FEW_MINUTES = 300


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers and others ask for without looking at a page."""
    return redirect(static("favicon.svg"))


@login_not_required
@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/how_it_works.html")


@login_not_required
@require_safe
def sample_contract(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/sample_contract.html")


@login_not_required
@require_safe
def principles(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/principles.html")


@login_not_required
@require_safe
def help(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/help.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _page(request, "pages/privacy.html")


@login_not_required
@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return _page(request, "method/index.html", topics=TOPICS.values())


@login_not_required
@require_safe
def method_page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in TOPICS:
        raise Http404
    slugs = [*TOPICS]
    following = TOPICS.get(next(iter(slugs[slugs.index(slug) + 1 :]), ""))
    return _page(request, "method/topic.html", topic=TOPICS[slug], following=following)


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render a page that its reader's browser may keep for a little while.

    Only for those who are logged out: a member's page names them and says what waits for them.
    """
    contact_address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    response = render(request, template, {"contact_address": contact_address, **context})
    if not request.user.is_authenticated:
        patch_cache_control(response, private=True, max_age=A_FEW_MINUTES)
    return response
