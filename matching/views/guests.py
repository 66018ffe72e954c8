"""Cards from the other end: what somebody with the link sees, and how they answer without an account.

The address of a card is a key. Pages that stand under it have no form while nobody is logged in, since with the policy
"no-referrer" a browser does not say where a form comes from. The answer is written on pages whose addresses are no
keys, and belongs to the browser's session (matching.views.answering).
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models.listings import Side
from accounts.rules import Refused
from accounts.views.refusals import is_done
from matching import links, refusal
from matching.actions import guests as actions
from matching.actions.cards import refuse_address
from matching.cards import exchange, face_of
from matching.forms import GuestForm, GuestListingForm
from matching.models import Card, Introduction
from matching.views import answering
from matching.views.answering import Answer, for_guests


@for_guests
@require_safe
def card_open(request: HttpRequest, token: str) -> HttpResponse:
    """The card, for whoever has its link."""
    card = _card(request, token)
    if card is None:
        return _met(request, token) or answering.gone(request)
    is_mine = card.owner_id == request.user.pk
    if not is_mine and request.method == "GET":
        actions.open_card(card=card)
    answer = answering.of_card(request, card)
    context = {
        "face": face_of(card),
        "token": token,
        "is_mine": is_mine,
        "has_begun": bool(answer and answer.side),
    }
    return render(request, "matching/card_open.html", context)


@for_guests
@require_POST
def card_talk(request: HttpRequest, token: str) -> HttpResponse:
    """A member with the link says yes; what was typed in this browser before becomes theirs."""
    card = _card(request, token)
    if card is None or not request.user.is_authenticated or card.owner_id == request.user.pk:
        return _met(request, token) or answering.gone(request)
    answer = answering.of_card(request, card)
    try:
        introduction = actions.use_card(by=request.user, card_id=card.pk, seed=card.seed)
    except Refused as refused:
        if str(refused) == str(actions.NOT_VALID):
            return answering.gone(request)
        messages.error(request, str(refused))
        return redirect("card_open", token)
    if answer and answer.side:
        actions.tie(member=request.user, side_ids=[answer.side.pk])
        actions.join(by=request.user, side_id=answer.side.pk)
        answering.forget(request)
    messages.success(request, _("You can talk now. Say hello."))
    return redirect(introduction)


@for_guests
@require_safe
def card_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to the answer of this browser. The address that is a key stays behind."""
    card = _card(request, token)
    if card is None:
        return answering.gone(request)
    if request.user.is_authenticated:
        return redirect("card_open", token)
    answering.remember(request, card)
    return redirect("answer", card.pk)


@for_guests
@require_http_methods(["GET", "HEAD", "POST"])
@answering.with_answer
def answer(request: HttpRequest, found: Answer) -> HttpResponse:
    """Who the guest is, and what they want to get done."""
    side = found.side
    if request.method == "POST":
        form = GuestForm(request.POST)
        if form.is_valid() and is_done(form, lambda: answering.keep(request, found, form.cleaned_data), at="name"):
            return redirect("answer_side", found.card.pk, "offer")
    else:
        form = GuestForm(initial={"name": side.name, "goal": side.goal} if side else {})
    return render(request, "matching/answer.html", {"form": form, "face": face_of(found.card), "step": 1, "steps": 4})


@for_guests
@require_http_methods(["GET", "HEAD", "POST"])
@answering.with_answer
def answer_side(request: HttpRequest, found: Answer, side: str) -> HttpResponse:
    """What the guest has, or needs, one thing at a time."""
    if side not in Side.values:
        return answering.gone(request)
    if found.side is None:
        return redirect("answer", found.card.pk)
    face = face_of(found.card)
    theirs = face.needs if side == Side.OFFER else face.offers
    if request.method == "POST":
        form = GuestListingForm(request.POST, side=side)
        what = {"side_id": found.side.pk, "side": side}
        if form.is_valid() and is_done(form, lambda: actions.add_to_side(**what, **form.cleaned_data), at="phrase"):
            return redirect("answer_side", found.card.pk, side)
    else:
        # One of the card's own, that the guest has pressed.
        about = next((each for each in theirs if str(each.pk) == request.GET.get("about", "")), None)
        form = GuestListingForm(side=side, initial={"phrase": about.phrase, "kind": about.kind} if about else {})
    listed = found.side.listed(side)
    context = {
        "form": form,
        "face": face,
        "side": side,
        "listed": listed,
        "theirs": [each for each in theirs if each.phrase not in {entry["phrase"] for entry in listed}],
        "is_full": len(listed) >= actions.MOST_A_SIDE,
        "step": 2 if side == Side.OFFER else 3,
        "steps": 4,
    }
    return render(request, "matching/answer_side.html", context)


@for_guests
@require_POST
@answering.with_answer
def answer_remove(request: HttpRequest, found: Answer, side: str) -> HttpResponse:
    if side not in Side.values or found.side is None:
        return answering.gone(request)
    phrase = request.POST.get("phrase", "")
    actions.remove_from_side(side_id=found.side.pk, side=side, phrase=phrase)
    return redirect("answer_side", found.card.pk, side)


@for_guests
@require_http_methods(["GET", "HEAD", "POST"])
@answering.with_answer
def answer_meet(request: HttpRequest, found: Answer) -> HttpResponse:
    """How the two sides meet; from here on an account is needed."""
    if found.side is None:
        return redirect("answer", found.card.pk)
    if request.method == "POST":
        return answering.go(request, found)
    face = face_of(found.card)
    context = {"face": face, "answer": found.side, "exchange": exchange(face, found.side), "step": 4, "steps": 4}
    return render(request, "matching/answer_meet.html", context)


# The second view without a token against forgery, for the same reason as accounts.views.emails.emails_stop: mail
# programs post to it for their own "unsubscribe" (RFC 8058).
@csrf_exempt
@for_guests
@require_http_methods(["GET", "HEAD", "POST"])
def address_refuse(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, on GET, since programs open the links of mails; on POST no card is sent to the address again."""
    try:
        address_sha256 = refusal.read(token)
    except refusal.NoToken:
        return render(request, "accounts/emails_no_token.html", status=404)
    if request.method == "POST":
        refuse_address(address_sha256=address_sha256)
    return render(request, "matching/address_refuse.html", {"is_refused": request.method == "POST"})


def _card(request: HttpRequest, token: str) -> Card | None:
    """Return the card of a link, if whoever asks may see it. Of the rest nobody learns whether there ever was one."""
    seed = links.seed_of(token)
    if seed is None:
        return None
    shown = Card.objects.shown_to(request.user) if request.user.is_authenticated else Card.objects.shown()
    return shown.filter(seed=seed).select_related("owner__profile", "goal").first()


def _met(request: HttpRequest, token: str) -> HttpResponse | None:
    """Lead one of the two who have met through the card, as an old mail does, to where they talk."""
    seed = links.seed_of(token)
    if seed is None or not request.user.is_authenticated:
        return None
    found = Introduction.objects.visible_to(request.user).filter(cards__seed=seed).first()
    return redirect(found) if found else None
