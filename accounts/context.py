"""What every template may ask for."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Profile


def member(request: HttpRequest) -> dict[str, object]:
    """Return `member_profile`: the profile of who is logged in, or nothing. Read when a page first uses it."""

    def read() -> Profile | None:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        return getattr(user, "profile", None)

    return {"member_profile": SimpleLazyObject(read)}
