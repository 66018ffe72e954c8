"""The page of an introduction: before both said yes, and the conversation after that. Several views end on it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.models import Profile
from accounts.showing import profile_for_others
from accounts.views import drafts
from matching import words
from matching.actions import introductions as actions
from matching.actions.conversations import read
from matching.agenda import Item
from matching.forms import AnswerForm, AskForm, DeclineForm, MessageForm, ProposeForm
from matching.lifecycle import NOBODY, Move, State, moves_of
from matching.models import AgendaTick, Introduction, Message, Proposal
from matching.ranking import rank_of
from matching.suggestions import describe

A_PAGE = 50
LARGEST = 2**63 - 1
UNSENT_MESSAGE: drafts.Unsent = (partial(MessageForm, auto_id="message_%s"), {})

# The moves that one says something with: form, verb, the field at which a refusal stands, and what is said when done.
SAYING: dict[str, tuple[type[forms.Form], Callable[..., Any], str, Any]] = {
    "ask": (AskForm, actions.ask, "text", gettext_lazy("Your question is on its way.")),
    "answer": (AnswerForm, actions.answer, "text", gettext_lazy("Your answer is on its way.")),
    "propose": (ProposeForm, actions.propose, "text", gettext_lazy("Your proposal is on its way.")),
    "decline": (DeclineForm, actions.decline, "reason", gettext_lazy("You said: not now. That is fine.")),
}
MOVES = {"ask": Move.ASKED, "answer": Move.ANSWERED, "propose": Move.PROPOSED, "decline": Move.DECLINED}


def introduction_page(
    request: HttpRequest, introduction: Introduction, *, name: str = "", form: forms.Form | None = None
) -> HttpResponse:
    """Return the page of an introduction. A refused `form`, called `name`, comes back with what was typed."""
    now = clock.now()
    me, other = request.user, introduction.other(request.user)
    standing = introduction.standing_at(now)
    context = {
        "introduction": introduction,
        "standing": standing,
        "other": profile_for_others(other.profile, is_introduced=standing.state == State.ACCEPTED),
        "is_seen": Profile.objects.others_for(me).filter(pk=other.pk).exists(),
        "story": _story(introduction, request, has_lapsed=introduction.has_run_out(now)),
        "form": form,
    }
    if standing.state in (State.ACCEPTED, State.CLOSED):
        return _conversation(request, introduction, context, form)
    allowed = moves_of(standing, introduction.side_of(me))
    [suggestion] = describe(me, [rank_of(me, other.pk)])
    context |= {
        "is_mine": introduction.inviter_id == me.pk,
        "is_my_turn": standing.turn_of == introduction.side_of(me),
        "can": {str(move) for move in allowed},
        "forms": _forms(introduction, allowed, name, form),
        "suggestion": suggestion,
        "rhythm": words.rhythm(*introduction.rhythm),
    }
    return render(request, "matching/introduction.html", context)


def _forms(
    introduction: Introduction, allowed: frozenset[Move], name: str, refused: forms.Form | None
) -> dict[str, forms.Form]:
    """Return the forms of the moves that may be made, and the refused one, whether or not it still may."""
    every_weeks, minutes, weeks = introduction.rhythm
    initial = {"every_weeks": every_weeks, "minutes": minutes, "weeks": weeks}
    shown = {
        called: form_class(auto_id=f"{called}_%s", initial=initial)
        for called, (form_class, *_rest) in SAYING.items()
        if MOVES[called] in allowed
    }
    return {**shown, name: refused} if refused else shown


def _story(introduction: Introduction, request: HttpRequest, *, has_lapsed: bool) -> list[dict[str, Any]]:
    """Return the moves as sentences, each with its words and, where it brought one, its rhythm."""
    name = introduction.other(request.user).profile.first_name
    lines, table = [], None
    for move in introduction.story.all():
        rhythm = (move.every_weeks, move.minutes, move.weeks)
        is_mine = move.author_id == request.user.pk
        lines.append(
            {
                "sentence": _by_somebody(introduction, request)
                if move.kind == Move.INTRODUCED
                else words.told(move.kind, by=move.by, is_mine=is_mine, name=name),
                "text": move.text,
                "rhythm": words.rhythm(*rhythm) if rhythm != table else "",
                "at": move.at,
            }
        )
        if move.kind != Move.ACCEPTED:
            table = rhythm
    if has_lapsed:
        sentence = words.told(Move.LAPSED, by=NOBODY, is_mine=False, name=name)
        lines.append({"sentence": sentence, "text": "", "rhythm": "", "at": introduction.lapses_at})
    return lines


def _by_somebody(introduction: Introduction, request: HttpRequest) -> str:
    """Return who introduced the two, as long as the reader sees that member."""
    proposals = Proposal.objects.visible_to(request.user).filter(introduction=introduction)
    proposal = proposals.select_related("proposer__profile").first()
    if proposal is None:
        return words.told(Move.INTRODUCED, by=NOBODY, is_mine=False, name="")
    return words.introduced_by(proposal.proposer.profile.name)


def _conversation(
    request: HttpRequest, introduction: Introduction, context: dict[str, Any], form: forms.Form | None
) -> HttpResponse:
    """Return the page of two who talk or have talked: messages, the agenda, and while it is open the contact."""
    is_open = introduction.state == State.ACCEPTED
    if form and not isinstance(form, MessageForm):
        # Written for an invitation that has become a conversation meanwhile: what was typed can be sent there.
        for errors in form.errors.values():
            messages.error(request, " ".join(errors))
        typed = form.data.get("text") or form.data.get("reason", "")
        form = context["form"] = None
    else:
        typed = ""
    before = request.GET.get("before", "")
    until = min(int(before), LARGEST) if before.isascii() and before.isdigit() and len(before) < 20 else LARGEST
    newest = Message.objects.filter(introduction=introduction, pk__lt=until).order_by("-pk")[: A_PAGE + 1]
    found = list(newest)
    shown = found[:A_PAGE][::-1]
    if is_open and shown and request.method != "HEAD":
        read(by=request.user, introduction_id=introduction.pk, up_to=shown[-1].pk)
    context |= {
        "is_open": is_open,
        "shown": [(message, message.author_id == request.user.pk) for message in shown],
        "earlier": shown[0].pk if len(found) > A_PAGE else None,
        "is_newest": until == LARGEST,
        "agenda": _agenda(request, introduction),
        "contact": introduction.other(request.user).profile.contact if is_open else "",
        "message_form": form or _message_form(request, introduction, typed),
        "draft": f"message-{introduction.pk}",
    }
    return render(request, "matching/conversation.html", context)


def _message_form(request: HttpRequest, introduction: Introduction, typed: str) -> forms.Form:
    if typed or introduction.state != State.ACCEPTED:
        return MessageForm(auto_id="message_%s", initial={"text": typed})
    return drafts.begin(request, f"message-{introduction.pk}", UNSENT_MESSAGE)


@drafts.keeps("message-#")
def unsent_message(request: HttpRequest, introduction_id: int) -> drafts.Unsent:
    mine = Introduction.objects.visible_to(request.user).filter(state=State.ACCEPTED)
    get_object_or_404(mine, pk=introduction_id)
    return UNSENT_MESSAGE


def _agenda(request: HttpRequest, introduction: Introduction) -> list[dict[str, Any]]:
    ticks = set(AgendaTick.objects.filter(introduction=introduction).values_list("item", "member_id"))
    other = introduction.other(request.user).pk
    return [
        {"item": item, "is_mine": (item, request.user.pk) in ticks, "is_theirs": (item, other) in ticks}
        for item in Item
    ]


def seen_move(request: HttpRequest) -> int:
    """Return the number of the last move that the person's page showed; one that never was, if it does not say."""
    said = request.POST.get("seen_move", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else -1
