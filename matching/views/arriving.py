"""A guest has made an account, or logged in to one: what they answered to a card becomes theirs (accounts.arrivals)."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from matching.actions import guests as actions
from matching.models import GuestSide
from matching.views import answering


def signed_up(request: HttpRequest, member: User) -> None:
    """Tie the answer to the new account: the address may be confirmed in another browser."""
    actions.tie(member=member, side_ids=answering.going(request))


def logged_in(request: HttpRequest, member: User) -> str:
    """Let the member meet whom they answered; return the address of the conversation, or "" where nothing waited."""
    actions.tie(member=member, side_ids=answering.going(request))
    waiting = list(GuestSide.objects.filter(member=member).order_by("-pk").values_list("pk", flat=True))
    if not waiting:
        return ""
    met = [found for found in [actions.join(by=member, side_id=pk) for pk in waiting] if found]
    answering.forget(request)
    if not met:
        messages.info(
            request,
            _("The card that you answered is not valid any more. What you typed is on your lists, for others to find."),
        )
        return ""
    name = {"name": met[0].other(member).profile.first_name}
    messages.success(
        request,
        _("You and %(name)s can talk now. What you typed is your goal and your lists, to change as you like.") % name,
    )
    return met[0].get_absolute_url()
