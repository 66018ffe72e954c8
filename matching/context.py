"""What the header of every page may ask for."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from matching.waiting import count


def introductions(request: HttpRequest) -> dict[str, object]:
    """Return `introductions_waiting`: how many introductions wait for who is logged in. Read when a page uses it."""

    def read() -> int:
        user = getattr(request, "user", None)
        return count(user) if user is not None and user.is_authenticated else 0

    return {"introductions_waiting": SimpleLazyObject(read)}
