"""A guest has made an account, or logged in to one: what they answered to a card becomes theirs (accounts.arrivals)."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Goal, User
from accounts.models.goals import Horizon
from matching.actions import guests as actions
from matching.models import Card, GuestSide
from matching.views import answering


def signed_up(request: HttpRequest, member: User) -> None:
    """Tie the answer to the new account: the address may be confirmed in another browser."""
    actions.tie(member=member, side_ids=answering.going(request))


def logged_in(request: HttpRequest, member: User) -> str:
    """Let the member meet whom they answered; return the address of the conversation, or "" where nothing waited."""
    actions.tie(member=member, side_ids=answering.going(request))
    waiting = list(GuestSide.objects.filter(member=member).select_related("card").order_by("-pk"))
    if not waiting:
        return ""
    goals = Goal.objects.owned_by(member).current().filter(horizon=Horizon.SHORT)
    keeps_goal = goals.exists() and any(side.goal for side in waiting)
    met = [found for found in [actions.join(by=member, side_id=side.pk) for side in waiting] if found]
    answering.forget(request)
    if not met:
        shown = Card.objects.shown_to(member).filter(pk=waiting[0].card_id, seed=waiting[0].seed).first()
        if shown:  # something is missing on their side, which the card's button says
            return reverse("card_open", args=[shown.token])
        messages.info(
            request,
            _("The card that you answered is not valid any more. What you typed is on your lists, for others to find."),
        )
        return ""
    name = {"name": met[0].other(member).profile.first_name}
    said = (
        _("You and %(name)s can talk now. What you typed is on your lists; your goal stays the one that you had.")
        if keeps_goal
        else _("You and %(name)s can talk now. What you typed is your goal and your lists, to change as you like.")
    )
    messages.success(request, said % name)
    return met[0].get_absolute_url()
