"""The answer to a card that a browser holds: which card, by which link, and where what was typed is kept.

The session, which is kept by the server, remembers it. Only when the guest says that they go on to an account of theirs
is the answer tied to one, and only within the hour: the next person at this browser may be somebody else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import clock
from accounts.entrance_forms import GIVEN_NAME
from matching.actions import guests as actions
from matching.models import Card, GuestSide

RATES = {"card": "90/m/ip,900/h/ip"}
IN_SESSION = "answers"
GOING = "answer_going"
GOING_SECONDS = 3600
MOST_REMEMBERED = 10

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Answer:
    """A card that this browser is answering; the side is there once something was typed."""

    card: Card
    side: GuestSide | None


def for_guests(view: View) -> View:
    """Open a page to everybody with its address: not too often from one place, and for no robot, cache or other site.

    The address of a page for somebody who is not logged in is told to no page at all. Members have buttons on every
    page, for which a browser has to say that they come from here; to other sites it tells nothing either.
    """

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if ratelimit.consume(request, app="matching", action="card", config=RATES, limit_get=True):
            response = view(request, *args, **kwargs)
        else:
            response = ratelimit.respond_429(request)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store"
        is_key = bool(kwargs.get("token"))
        response["Referrer-Policy"] = "same-origin" if request.user.is_authenticated or not is_key else "no-referrer"
        return response

    return guarded


def with_answer(view: View) -> View:
    """Give the view the answer that this browser holds for the card in the address, while the card is valid."""

    @wraps(view)
    def found(request: HttpRequest, card_id: int, **kwargs: Any) -> HttpResponse:
        kept = request.session.get(IN_SESSION, {}).get(str(card_id))
        card = Card.objects.shown().filter(pk=card_id, seed=kept["seed"]).first() if kept else None
        if card is None:
            return gone(request)
        if request.user.is_authenticated:
            return redirect("card_open", card.token)
        return view(request, Answer(card, _side(kept)), **kwargs)

    return found


def gone(request: HttpRequest) -> HttpResponse:
    """Say the one sentence that whoever sees no card gets, whatever the reason."""
    return render(request, "matching/card_gone.html", status=404)


def of_card(request: HttpRequest, card: Card) -> Answer | None:
    """Return the answer that this browser holds for a card under its present link."""
    kept = request.session.get(IN_SESSION, {}).get(str(card.pk))
    return Answer(card, _side(kept)) if kept and kept["seed"] == card.seed else None


def remember(request: HttpRequest, card: Card) -> None:
    """Let this browser answer the card."""
    if of_card(request, card) is None:
        _put(request, card, None)


def keep(request: HttpRequest, found: Answer, said: dict[str, str]) -> None:
    """Keep the first page of an answer, and from now on the rest."""
    side = found.side
    if side is None:
        side = actions.begin_side(card_id=found.card.pk, seed=found.card.seed)
        _put(request, found.card, side.pk)
    actions.say_goal(side_id=side.pk, name=said["name"], goal=said["goal"])


def go(request: HttpRequest, found: Answer) -> HttpResponse:
    """Lead to the account that the answer will belong to: a new one, or one that there is."""
    assert found.side
    request.session[GIVEN_NAME] = found.side.name
    request.session[GOING] = [found.side.pk, clock.now().timestamp()]
    name = {"name": found.card.owner.profile.first_name}
    if request.POST.get("way") == "log-in":
        messages.info(request, _("Log in, and your conversation with %(name)s opens.") % name)
        back = urlencode({"next": reverse("card_open", args=[found.card.token])})
        return redirect(f"{reverse('account_login')}?{back}")
    messages.info(request, _("What you typed is kept. With an account your conversation with %(name)s opens.") % name)
    return redirect("account_signup")


def going(request: HttpRequest) -> list[int]:
    """Return the answer that this browser is on its way to an account with, if it has been under way for less than an
    hour."""
    side_id, at = request.session.get(GOING, (0, 0.0))
    return [side_id] if 0 <= clock.now().timestamp() - at < GOING_SECONDS else []


def forget(request: HttpRequest) -> None:
    """Let the browser hold nothing any more: it belongs to an account."""
    for key in (IN_SESSION, GOING, GIVEN_NAME):
        request.session.pop(key, None)


def _side(kept: dict[str, Any]) -> GuestSide | None:
    return GuestSide.objects.free().filter(pk=kept["side"], seed=kept["seed"]).first()


def _put(request: HttpRequest, card: Card, side_id: int | None) -> None:
    kept = {pk: held for pk, held in request.session.get(IN_SESSION, {}).items() if pk != str(card.pk)}
    latest = dict(list(kept.items())[-MOST_REMEMBERED + 1 :])
    request.session[IN_SESSION] = {**latest, str(card.pk): {"seed": card.seed, "side": side_id}}
