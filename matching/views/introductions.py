import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.clock import Now
from accounts.models import User
from accounts.rules import Refused
from accounts.showing import profile_for_others
from accounts.views.refusals import is_done
from matching import proposing, waiting
from matching.actions import introductions as actions
from matching.lifecycle import State
from matching.models import Introduction, Proposal
from matching.views.pages import SAYING, introduction_page, seen_move

A_PAGE = 20
GROUPS = ("for_me", "conversations", "for_them", "past")


@require_safe
def introductions(request: HttpRequest) -> HttpResponse:
    """What waits for me, the conversations, what waits for them, and what has been: in this order, a page at a time."""
    mine = Introduction.objects.visible_to(request.user).with_people().annotate(group=_group(request.user))
    fresh = waiting.unread(request.user)
    page = Paginator(mine.order_by("group", "-moved_at", "-id"), A_PAGE).get_page(request.GET.get("page"))
    rows = [(each.group, _row(each, request, fresh)) for each in page.object_list]
    context = {name: [row for group, row in rows if group == number] for number, name in enumerate(GROUPS)}
    context |= {"page": page, "rows": rows, "asked": _questions(request) if page.number == 1 else []}
    return render(request, "matching/introductions.html", context)


@require_safe
def introduction(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return introduction_page(request, _find(request, introduction_id))


@require_POST
def introduction_accept(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say(request, introduction_id, actions.accept, _("You can talk now. Say hello."))


@require_POST
def introduction_withdraw(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say(request, introduction_id, actions.withdraw, _("You took your invitation back."))


@require_POST
def introduction_close(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say(request, introduction_id, actions.close, _("The conversation is closed. You can both still read it."))


@require_POST
def introduction_ask(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say_more(request, introduction_id, "ask")


@require_POST
def introduction_answer(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say_more(request, introduction_id, "answer")


@require_POST
def introduction_propose(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say_more(request, introduction_id, "propose")


@require_POST
def introduction_decline(request: HttpRequest, introduction_id: int) -> HttpResponse:
    return _say_more(request, introduction_id, "decline")


def _group(member: User) -> Case:
    """Return the place of an introduction among GROUPS, as an expression."""
    return Case(
        When(waiting.my_turn(member), then=0),
        When(state=State.ACCEPTED, then=1),
        When(state=State.SENT, lapses_at__gt=Now(), then=2),
        default=3,
        output_field=IntegerField(),
    )


def _find(request: HttpRequest, introduction_id: int) -> Introduction:
    return get_object_or_404(Introduction.objects.visible_to(request.user).with_people(), pk=introduction_id)


def _say(request: HttpRequest, introduction_id: int, verb: Callable[..., Any], said: str) -> HttpResponse:
    """Make a move that needs no words; what is refused is said on the page."""
    introduction = _find(request, introduction_id)
    try:
        verb(by=request.user, introduction_id=introduction.pk, seen_move=seen_move(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(introduction)


def _say_more(request: HttpRequest, introduction_id: int, name: str) -> HttpResponse:
    """Make a move that says something; what is refused stands at its field, with what was typed."""
    introduction = _find(request, introduction_id)
    form_class, verb, field, said = SAYING[name]
    form = form_class(request.POST, auto_id=f"{name}_%s")
    what = {"by": request.user, "introduction_id": introduction.pk, "seen_move": seen_move(request)}
    if form.is_valid() and is_done(form, lambda: verb(**what, **form.cleaned_data), at=field):
        messages.success(request, str(said))
        return redirect(introduction)
    # As it is now: the page says what came in between.
    return introduction_page(request, _find(request, introduction_id), name=name, form=form)


def _questions(request: HttpRequest) -> list[dict[str, Any]]:
    """Return whom one is asked to meet, the newest first. One query where nobody asks."""
    found = list(Proposal.objects.shown_to(request.user).with_people()[:A_PAGE])
    if not found:
        return []
    now = clock.now()
    return [_question(each, request, now) for each in found]


def _question(proposal: Proposal, request: HttpRequest, now: dt.datetime) -> dict[str, Any]:
    """Return what one who is asked reads: of their own answer, and of the other's no more than two yeses would say."""
    other, answer = proposal.other(request.user).profile, proposal.answer_of(request.user)
    state = proposal.standing_at(now).state
    if state is not proposing.State.ASKED:
        says = (
            _("%(proposer)s took the proposal back.") % {"proposer": proposal.proposer.profile.first_name}
            if state is proposing.State.WITHDRAWN
            else _("You said yes. Nothing came of it this time.")
        )
    elif answer is proposing.Answer.NONE:
        says = _("%(proposer)s asks whether you would like to meet.") % {"proposer": proposal.proposer.profile.name}
    elif answer is proposing.Answer.YES:
        says = _("You said yes. There is no yes from %(name)s yet.") % {"name": other.first_name}
    else:
        says = _("You said: not now. You may still change your mind.")
    is_open = state is proposing.State.ASKED
    is_new = is_open and answer is proposing.Answer.NONE
    return {"proposal": proposal, "profile": other, "says": says, "is_open": is_open, "is_new": is_new}


def _row(introduction: Introduction, request: HttpRequest, fresh: dict[int, waiting.Unread]) -> dict[str, Any]:
    me = request.user
    unread = fresh.get(introduction.pk)
    return {
        "introduction": introduction,
        "profile": profile_for_others(
            introduction.other(me).profile, is_introduced=introduction.state == State.ACCEPTED
        ),
        "is_my_turn": introduction.turn_of == introduction.side_of(me),
        "is_mine": introduction.inviter_id == me.pk,
        "says": waiting.says(introduction, me),
        "unread": unread.count if unread else 0,
    }
