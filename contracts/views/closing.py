"""The end of a stretch, by ordinary forms: both look back, and say what next."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views.refusals import is_done
from contracts.actions import closing
from contracts.forms import ReviewForm
from contracts.models import Contract
from contracts.stretches import Outcome
from contracts.views import pages
from contracts.views.contracts import seen_by
from contracts.views.looking_back import looking_back


@require_http_methods(["GET", "HEAD", "POST"])
def contract_review(request: HttpRequest, contract_id: int) -> HttpResponse:
    """How one looks back on a stretch, and what both have said when both have."""
    found = seen_by(request, contract_id)
    side = found.side_of(request.user)
    if found.version_in_force is None:
        messages.error(request, closing.why_not_review(found, side, {}))
        return redirect(found)
    form = _form(request, found)
    if (
        request.method == "POST"
        and form.is_valid()
        and is_done(form, lambda: _send(request, found, form), at="outcome")
    ):
        messages.success(request, _("Thank you for looking back."))
        return redirect("contract_review", found.pk)
    return render(
        request,
        "contracts/review.html",
        {**pages.frame(found, side), **looking_back(found, side), "form": form},
    )


@require_POST
def contract_renew(request: HttpRequest, contract_id: int) -> HttpResponse:
    found = seen_by(request, contract_id)
    closing.renew(by=request.user, contract_id=found.pk)
    messages.success(
        request, _("Here is the next stretch as a draft, with dates to come. It begins when you have both signed it.")
    )
    return redirect(found)


def _form(request: HttpRequest, contract: Contract) -> ReviewForm:
    held, side = contract.version_in_force, contract.side_of(request.user)
    assert held is not None
    mine = contract.reviews.filter(version=held, side=side).first()
    said = {name: getattr(mine, name) for name in ReviewForm.SAID} if mine else {}
    name = pages.name_of(contract, side.other)
    return ReviewForm(
        request.POST if request.method == "POST" else None, initial={**said, "version": held.number}, name=name
    )


def _send(request: HttpRequest, contract: Contract, form: ReviewForm) -> None:
    said = {name: form.cleaned_data[name] for name in ("version", "learned", "otherwise", "thanks")}
    outcome = Outcome(form.cleaned_data["outcome"])
    closing.review(by=request.user, contract_id=contract.pk, outcome=outcome, **said)
