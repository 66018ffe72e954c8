"""What the text was: at any change of it, and from one version to the next."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contracts.actions import holding
from contracts.canonical import canonical, document_in
from contracts.differences import differences
from contracts.document import document_of
from contracts.draft import contents
from contracts.lifecycle import EDITED, HALF_SIGNED, Side
from contracts.models import Contract, Edit, Version
from contracts.readable import blocks
from contracts.views import pages
from contracts.views.contracts import seen_by


@require_safe
def history_state(request: HttpRequest, contract_id: int, number: int) -> HttpResponse:
    """The text as it stood at a change, with what that change made of it, or with what has become of it since."""
    contract = seen_by(request, contract_id)
    context = _state(contract, contract.side_of(request.user), number, is_to_now=request.GET.get("to") == "now")
    return render(request, "contracts/state.html", context)


@require_safe
def version_changes(request: HttpRequest, contract_id: int, number: int) -> HttpResponse:
    """What a version says otherwise than the one that it took the place of."""
    contract = seen_by(request, contract_id)
    version = get_object_or_404(Version, contract=contract, number=number)
    before = get_object_or_404(Version, contract=contract, number=pages.number_before(version))
    context = {"version": version, "before": before, "changes": differences(_terms(before.text), _terms(version.text))}
    return render(
        request,
        "contracts/version_changes.html",
        pages.frame(contract, contract.side_of(request.user)) | context,
    )


def _state(contract: Contract, side: Side, number: int, *, is_to_now: bool) -> dict[str, Any]:
    edits = list(Edit.objects.filter(contract=contract).order_by("number").values_list("number", "by").distinct())
    stops = _stops(edits)
    if number not in stops:
        raise Http404
    place = stops.index(number)
    # What came in together bears one number; the page names the first of them.
    edit = Edit.objects.filter(contract=contract, number=number).order_by("pk")[0]
    text = text_at(contract, number)
    if is_to_now:
        changes = differences(_terms(text), _terms(_now(contract)))
    else:
        # What came in at once, from the profiles or from the version in force, is where it began.
        changes = differences(_terms(text_at(contract, number - 1)), _terms(text)) if edit.by else []
    return {
        **pages.frame(contract, side),
        "edit": edit,
        "name": pages.name_of(contract, Side(edit.by)) if edit.by else "",
        "title": pages.title(edit.key, contract, side),
        "blocks": blocks(text),
        "changes": changes,
        "is_to_now": is_to_now,
        "earlier": stops[place - 1] if place else None,
        "later": stops[place + 1] if place + 1 < len(stops) else None,
    }


def _stops(edits: list[tuple[int, str]]) -> list[int]:
    """The changes at which one can look: each that a party made, and the last of those that came in together."""
    following = [*(by for _number, by in edits[1:]), "end"]
    return [number for (number, by), next_by in zip(edits, following, strict=False) if by or next_by]


def text_at(contract: Contract, number: int) -> str:
    """Return the text of the draft as it stood at a change; it follows the version that was in force then."""
    held = [version for version in pages.agreed(contract) if version.head < number]
    amends = {"version": str(held[-1].number), "sha256": held[-1].sha256} if held else None
    return canonical(document_of(contents(contract, upto=number), holding.names(contract), amends=amends))


def _terms(text: str) -> str:
    """Return a text without the version that it follows, which the page says otherwise."""
    return canonical({**document_in(text), "amends": None})


def _now(contract: Contract) -> str:
    """Return what holds or is written now: the draft, and where none is open what was last agreed."""
    if contract.version_in_force and contract.state not in EDITED | HALF_SIGNED:
        return contract.version_in_force.text
    return canonical(holding.document(contract))
