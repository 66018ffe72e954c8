"""Cards from the side of their owner: the list, one card with its link, and what can be done with it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.rules import Refused
from accounts.views.refusals import is_done
from matching.actions import cards as actions
from matching.card_lifecycle import State, verbs_of
from matching.cards import face_of
from matching.forms import AddressForm, CardForm
from matching.models import Card, GuestSide, Introduction


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """Invite someone you know: what that is, and one's cards as they stand."""
    now = clock.now()
    rows = [
        {"card": card, "state": card.state_at(now), "says": _says(card, card.state_at(now))} for card in _mine(request)
    ]
    context = {
        "open": [row for row in rows if row["state"] is State.OPEN],
        "past": [row for row in rows if row["state"] is not State.OPEN],
        "can_be_more": sum(row["state"] is State.OPEN for row in rows) < actions.MOST_OPEN,
    }
    return render(request, "matching/cards.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def card_new(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = CardForm(request.POST, member=request.user)
        made: list[Card] = []
        act = lambda: made.append(actions.make_card(by=request.user, **form.cleaned()))  # noqa: E731
        if form.is_valid() and is_done(form, act, at="note"):
            messages.success(request, _("Your card is made. Send its link to the one whom you have in mind."))
            return redirect(made[0])
    else:
        form = CardForm(initial=CardForm.proposed(request.user), member=request.user)
    return render(request, "matching/card_edit.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def card_edit(request: HttpRequest, card_id: int) -> HttpResponse:
    card = _find(request, card_id)
    if request.method == "POST":
        form = CardForm(request.POST, member=request.user)
        act = lambda: actions.change_card(by=request.user, card_id=card.pk, **form.cleaned())  # noqa: E731
        if form.is_valid() and is_done(form, act, at="note"):
            messages.success(request, _("Saved. Whoever has the link sees it like this from now on."))
            return redirect(card)
    else:
        form = CardForm(initial=CardForm.chosen(card), member=request.user)
    return render(request, "matching/card_edit.html", {"form": form, "card": card})


@require_safe
def card(request: HttpRequest, card_id: int) -> HttpResponse:
    return _card_page(request, _find(request, card_id), AddressForm())


@require_POST
def card_send(request: HttpRequest, card_id: int) -> HttpResponse:
    card = _find(request, card_id)
    form = AddressForm(request.POST)
    act = lambda: actions.send_card(by=request.user, card_id=card.pk, **form.cleaned_data)  # noqa: E731
    if form.is_valid() and is_done(form, act, at="address"):
        # The same words, whatever becomes of it: that somebody refuses such mails is theirs to know.
        messages.success(
            request, _("The mail goes out within a few minutes, unless mails like this are not wanted at that address.")
        )
        return redirect(card)
    return _card_page(request, card, form)


@require_POST
def card_renew(request: HttpRequest, card_id: int) -> HttpResponse:
    return _do(request, card_id, actions.renew_card, _("This is the new link, for thirty days. The old one has ended."))


@require_POST
def card_revoke(request: HttpRequest, card_id: int) -> HttpResponse:
    undo = reverse("card_restore", args=[card_id])
    return _do(request, card_id, actions.revoke_card, _("You took the card back. Its link shows nothing."), undo=undo)


@require_POST
def card_restore(request: HttpRequest, card_id: int) -> HttpResponse:
    return _do(request, card_id, actions.restore_card, _("The card is back, under the same link."))


def _do(request: HttpRequest, card_id: int, verb: Callable[..., Any], said: str, *, undo: str = "") -> HttpResponse:
    card = _find(request, card_id)
    try:
        verb(by=request.user, card_id=card.pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said, extra_tags=undo)
    return redirect(card)


def _mine(request: HttpRequest) -> QuerySet[Card]:
    """Return the member's cards, each with whether it is being answered, and whether they see whom they met by it."""
    answered = GuestSide.objects.filter(card=OuterRef("pk"), seed=OuterRef("seed"))
    met = Introduction.objects.visible_to(request.user).filter(pk=OuterRef("introduction"))
    mine = Card.objects.owned_by(request.user).annotate(is_being_answered=Exists(answered), is_met_seen=Exists(met))
    return mine.select_related(
        *("owner__profile", "goal", "introduction__inviter__profile", "introduction__invited__profile")
    )


def _find(request: HttpRequest, card_id: int) -> Card:
    return get_object_or_404(_mine(request), pk=card_id)


def _card_page(request: HttpRequest, card: Card, form: AddressForm) -> HttpResponse:
    state = card.state_at(clock.now())
    context = {
        "card": card,
        "state": state,
        "says": _says(card, state),
        "can": {str(verb) for verb in verbs_of(state)},
        "face": face_of(card),
        "link": f"{settings.SITE_URL}{reverse('card_open', args=[card.token])}",
        "form": form,
    }
    return render(request, "matching/card.html", context)


def _says(card: Card, state: State) -> str:
    """Say how a card stands, in a word or two. What a guest types is theirs until they have met."""
    if state is State.USED and card.introduction and card.is_met_seen:  # type: ignore[attr-defined]
        return _("%(name)s has answered") % {"name": card.introduction.other(card.owner).profile.first_name}
    if state is not State.OPEN:
        return str(state.label)
    if card.is_being_answered:  # type: ignore[attr-defined]
        return _("An answer is begun")
    return _("Opened") if card.opened_at else _("Not opened yet")
