"""Each member sees their own clock and language, and no cache keeps what they see."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts import languages, zones


class MemberMiddleware:
    """Activates the zone and the language of who is logged in, for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        language = languages.of_pages(request.user.language)
        with timezone.override(zones.known_or_utc(request.user.time_zone)), translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
