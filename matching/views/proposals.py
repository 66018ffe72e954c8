"""A member introduces two others: who asks, and who is asked."""

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.models import Profile
from accounts.rules import Refused
from accounts.views import drafts
from accounts.views.refusals import is_done
from matching.actions import proposals as actions
from matching.forms import ProposalChoiceForm, ProposalForm
from matching.models import Introduction, Proposal, ProposalChoice
from matching.proposing import Answer, Move, Party, State, moves_of
from matching.views.people import about

MOST_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_new(request: HttpRequest) -> HttpResponse:
    """Choose two whom one knows, and write to each; below, whom one has introduced."""
    people = actions.acquaintances(request.user)
    if request.method != "POST":
        form = drafts.begin(request, "proposal", _unsent(request, people))
    else:
        form = ProposalForm(request.POST, people=people)
        if form.is_valid() and is_done(form, partial(_propose, request, form), at="note"):
            drafts.forget(request, "proposal")
            messages.success(request, _("Both are asked now, each for themselves. You hear of it when both say yes."))
            return redirect("proposal_new")
    mine = Proposal.objects.visible_to(request.user).filter(proposer=request.user).with_people()[:MOST_SHOWN]
    now = clock.now()
    context = {"form": form, "people": people, "mine": [(each, _told(each, now)) for each in mine], "draft": "proposal"}
    return render(request, "matching/proposal_new.html", context)


@require_safe
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """What one of the three sees of it. For one who is asked and has not said yes, it can be answered or it is gone."""
    found = get_object_or_404(Proposal.objects.visible_to(request.user).with_people(), pk=proposal_id)
    if found.proposer_id == request.user.pk:
        return _made(request, found)
    if found.state == State.MET:
        return _to_conversation(request, found)
    is_open = Proposal.objects.open_to(request.user).filter(pk=found.pk).exists()
    answer = found.answer_of(request.user)
    if not is_open and answer is not Answer.YES:
        return _not_open(request)
    other = Profile.objects.others_for(request.user).filter(pk=found.other(request.user).pk).first()
    context: dict[str, Any] = about(request.user, other) if other and is_open else {}
    context |= {
        "proposal": found,
        "other": found.other(request.user).profile,
        "note": found.note_for(request.user),
        "answer": answer,
        "standing": found.standing_at(clock.now()),
        "can_answer": is_open,
    }
    return render(request, "matching/proposal.html", context)


@require_POST
def proposal_yes(request: HttpRequest, proposal_id: int) -> HttpResponse:
    return _answer(request, proposal_id, Answer.YES)


@require_POST
def proposal_no(request: HttpRequest, proposal_id: int) -> HttpResponse:
    return _answer(request, proposal_id, Answer.NO)


@require_POST
def proposal_withdraw(request: HttpRequest, proposal_id: int) -> HttpResponse:
    mine = Proposal.objects.visible_to(request.user).filter(proposer=request.user)
    found = get_object_or_404(mine, pk=proposal_id)
    try:
        actions.withdraw(by=request.user, proposal_id=found.pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You took it back. We send nobody a mail about it."))
    return redirect("proposal_new")


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_choice(request: HttpRequest) -> HttpResponse:
    """Whether others may introduce one."""
    said = ProposalChoice.objects.filter(member=request.user).values_list("may_be_proposed", flat=True).first()
    form = ProposalChoiceForm(initial={"may_be_proposed": "no" if said is False else "yes"})
    if request.method == "POST":
        form = ProposalChoiceForm(request.POST)
        if form.is_valid():
            actions.choose(by=request.user, **form.cleaned_data)
            is_on = form.cleaned_data["may_be_proposed"]
            messages.success(request, _("Others may introduce you.") if is_on else _("Nobody introduces you now."))
            return redirect("settings")
    return render(request, "matching/proposal_choice.html", {"form": form})


@drafts.keeps("proposal")
def unsent_proposal(request: HttpRequest) -> drafts.Unsent:
    return _unsent(request, actions.acquaintances(request.user))


def _unsent(request: HttpRequest, people: list[Profile]) -> drafts.Unsent:
    """Return the form before anything is typed; who comes from somebody's page has chosen that one."""
    return partial(ProposalForm, people=people), {"one": request.GET.get("with", "")}


def _propose(request: HttpRequest, form: ProposalForm) -> Proposal:
    said = form.cleaned_data
    return actions.propose(
        by=request.user,
        one_id=int(said["one"]),
        other_id=int(said["other"]),
        note=said["note"],
        other_note=said["other_note"],
    )


def _made(request: HttpRequest, found: Proposal) -> HttpResponse:
    now = clock.now()
    can_withdraw = Move.WITHDRAWN in moves_of(found.standing_at(now), Party.PROPOSER)
    context = {"proposal": found, "told": _told(found, now), "can_withdraw": can_withdraw}
    return render(request, "matching/proposal_made.html", context)


def _answer(request: HttpRequest, proposal_id: int, says: Answer) -> HttpResponse:
    found = get_object_or_404(Proposal.objects.asking(request.user), pk=proposal_id)
    try:
        found = actions.answer(by=request.user, proposal_id=found.pk, says=says)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(refusal.leads_to or "introductions")
    if found.state == State.MET:
        messages.success(request, _("You both said yes: you can talk now. Say hello."))
        return _to_conversation(request, found)
    if says is Answer.YES:
        messages.success(request, _("You said yes. If the answer is yes on both sides, your conversation opens."))
    else:
        messages.success(request, _("You said: not now. That is fine, and nobody is told."))
    return redirect(found)


def _to_conversation(request: HttpRequest, found: Proposal) -> HttpResponse:
    introduction = Introduction.objects.visible_to(request.user).filter(proposal=found).first()
    return redirect(introduction) if introduction else _not_open(request)


def _not_open(request: HttpRequest) -> HttpResponse:
    """One sentence, whatever the reason: taken back, lapsed, a pause, a block."""
    messages.info(request, _("This question is not open any more."))
    return redirect("introductions")


def _told(found: Proposal, now: dt.datetime) -> str:
    """Return what who asked may know: nothing until two have said yes, or the time is over."""
    state = found.standing_at(now).state
    if state is State.ASKED:
        return _("Waiting for two yeses")
    if state is State.MET:
        return _("Both said yes: they can talk now")
    return _("You took it back") if state is State.WITHDRAWN else _("Nothing came of it this time")
