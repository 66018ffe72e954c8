"""The contracts of a member, and one of them: as a draft, in force, or past."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import Refused
from contracts.actions import commenting, drafting, ending, noting
from contracts.lifecycle import Side, State
from contracts.models import Contract
from contracts.views import pages, threads
from contracts.views.looking_back import looking_back
from matching.lifecycle import State as IntroductionState
from matching.models import Introduction


def seen_by(request: HttpRequest, contract_id: int) -> Contract:
    """Return a contract of the one who asks; anybody else's is not there."""
    mine = Contract.objects.visible_to(request.user).select_related(
        "first__profile", "second__profile", "open_version", "version_in_force"
    )
    contract = get_object_or_404(mine, pk=contract_id)
    if contract.read_head < contract.head and contract.is_open:
        # Somebody has typed since: what the page says is all of it.
        drafting.catch_up(contract.pk)
        contract = get_object_or_404(mine, pk=contract_id)
    return contract


@require_safe
def contracts(request: HttpRequest) -> HttpResponse:
    mine = Contract.objects.visible_to(request.user).select_related("first__profile", "second__profile")
    rows = [pages.Row(contract, request.user) for contract in mine.order_by("-started_at", "-pk")]
    context = {
        "open": [row for row in rows if row.contract.is_open],
        "past": [row for row in rows if not row.contract.is_open],
    }
    return render(request, "contracts/contracts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def contract_with(request: HttpRequest, introduction_id: int) -> HttpResponse:
    """The contract that belongs to an introduction: the one there is, or a page to begin one."""
    mine = Introduction.objects.visible_to(request.user).select_related("inviter__profile", "invited__profile")
    introduction = get_object_or_404(mine, pk=introduction_id)
    if request.method == "POST":
        try:
            return redirect(drafting.start(by=request.user, introduction_id=introduction.pk))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("introduction", introduction.pk)
    between = Contract.objects.of(introduction.inviter).of(introduction.invited)
    if found := between.open().first():
        return redirect(found)
    if introduction.state != IntroductionState.ACCEPTED:
        messages.error(request, drafting.not_yet())
        return redirect("introduction", introduction.pk)
    return render(
        request, "contracts/begin.html", {"introduction": introduction, "other": introduction.other(request.user)}
    )


@require_safe
def contract(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    side = found.side_of(request.user)
    noting.opened(by=request.user, contract=found)
    if found.state in {State.IN_FORCE, State.DONE, State.PARTED}:
        return render(
            request,
            "contracts/held.html",
            pages.held(found, side) | looking_back(found, side) | _comments(request, found, side),
        )
    return render(request, "contracts/draft.html", pages.draft_page(found, side) | _comments(request, found, side))


def _comments(request: HttpRequest, contract: Contract, side: Side) -> dict[str, Any]:
    """The comments by part, for the page that shows them; it notes that they were looked at."""
    found = threads.threads(contract, side)
    if new := threads.new_in(found):
        commenting.look(by=request.user, contract=contract, comment_ids=new)
    return {"threads": found}


@require_safe
def contract_standing(request: HttpRequest, contract_id: int) -> HttpResponse:
    """A part of the draft's page: what is missing, who has signed. The editor asks for it after a change."""
    found = seen_by(request, contract_id)
    return render(request, "contracts/_draft_standing.html", pages.draft_standing(found, found.side_of(request.user)))


@require_safe
def contract_history(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    return render(request, "contracts/history.html", pages.history(found, found.side_of(request.user)))


@require_POST
def contract_seen(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    head = request.POST.get("head", "")
    drafting.look(by=request.user, contract_id=found.pk, head=int(head) if head.isdecimal() and len(head) < 9 else 0)
    return redirect(found)


@require_POST
def contract_take_back(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    ending.take_back(by=request.user, contract_id=found.pk)
    messages.success(request, _("The draft is taken back. Nothing in it was agreed."))
    return redirect(found)


@require_POST
def contract_amend(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    ending.amend(by=request.user, contract_id=found.pk)
    messages.success(
        request, _("Here is the text as a draft. What you both signed holds until you have both signed the next.")
    )
    return redirect(found)


@require_POST
def contract_done(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    if ending.say_done(by=request.user, contract_id=found.pk) is State.DONE:
        messages.success(request, _("You have both said so: the contract is done. Well done, both of you."))
    else:
        words = {"name": pages.other_name(found, request.user)}
        messages.success(request, _("Noted. When %(name)s says so too, the contract is done.") % words)
    return redirect(found)


@require_POST
def contract_not_done(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    ending.say_not_done(by=request.user, contract_id=found.pk)
    messages.success(request, _("Noted: there is still something to do."))
    return redirect(found)


@require_POST
def contract_part(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    ending.part(by=request.user, contract_id=found.pk)
    messages.success(request, _("The contract has ended. What you both signed stays here to read."))
    return redirect(found)
