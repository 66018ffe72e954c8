"""What apps to the right do with somebody who has just signed up, or come in: they may have kept something for them."""

from collections.abc import Callable

from django.http import HttpRequest

from accounts.models import User

_signed_up: list[Callable[[HttpRequest, User], None]] = []
_logged_in: list[Callable[[HttpRequest, User], str]] = []


def register(*, signed_up: Callable[[HttpRequest, User], None], logged_in: Callable[[HttpRequest, User], str]) -> None:
    """Name what is called with a new member, in the transaction that makes them and before their address is confirmed;
    and what is called with a member who has logged in and is confirmed, which may return the address to lead them to.
    """
    _signed_up.append(signed_up)
    _logged_in.append(logged_in)


def signed_up(request: HttpRequest, member: User) -> None:
    """Tell all that there is a new member."""
    for each in _signed_up:
        each(request, member)


def logged_in(request: HttpRequest, member: User) -> str:
    """Tell all that a member has come in; return where to lead them, or ""."""
    return next(filter(None, [each(request, member) for each in _logged_in]), "")
