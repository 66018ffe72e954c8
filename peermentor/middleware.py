from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.rules import Refused


class HealthMiddleware:
    """Answers /healthz before anything else: no host check, no redirect to https, no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
        return self.get_response(request)


class Utf8Middleware:
    """Text is UTF-8, as our pages ask for. Another charset may hold what is no text, or be none at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (request.encoding or "utf-8").lower() not in {"utf-8", "utf8"}:
            raise BadRequest("The request is not in UTF-8.")
        return self.get_response(request)


class RefusedMiddleware:
    """Says a refusal as a sentence, on the page that the person came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        messages.error(request, str(exception))
        came_from = exception.leads_to or request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
        here = {request.get_host()}
        if not url_has_allowed_host_and_scheme(came_from, here, require_https=request.is_secure()):
            came_from = reverse("home")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": came_from})
        return HttpResponseRedirect(came_from)
