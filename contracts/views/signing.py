"""Reading, signing, and what was signed."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import text
from accounts.rules import Refused
from contracts.actions import noting, sealing, signing
from contracts.canonical import sha256
from contracts.differences import Difference
from contracts.forms import SignForm
from contracts.letters import file_name
from contracts.lifecycle import HOLDING, Move, Side
from contracts.models import Contract, SealedFile, Version
from contracts.views import pages
from contracts.views.contracts import seen_by

LONGEST_BROWSER = 300


@require_http_methods(["GET", "HEAD", "POST"])
def contract_sign(request: HttpRequest, contract_id: int) -> HttpResponse:
    """The text as it would be frozen, what signing means, and the form."""
    contract = seen_by(request, contract_id)
    form = SignForm(request.POST) if request.method == "POST" else None
    changes: list[Difference] | None = None
    if form and form.is_valid():
        try:
            signed = _sign(request, contract, form)
        except signing.TextChanged as changed:
            contract = seen_by(request, contract_id)
            changes = changed.differences
        except Refused as refusal:
            contract = seen_by(request, contract_id)
            form.add_error("typed_name", str(refusal))
        else:
            _congratulate(request, signed)
            return redirect(signed)
    if refusal := why_not_sign(contract, request):
        messages.error(request, refusal)
        return redirect(contract)
    context = pages.sign_page(contract, contract.side_of(request.user), changes=changes)
    noting.reviewed(by=request.user, contract=contract, sha256=context["sha256"])
    if form is None or changes is not None:
        typed = form.data.get("typed_name", "") if form else ""
        form = SignForm(initial={"shown_sha256": context["sha256"], "shown_head": contract.head, "typed_name": typed})
    return render(request, "contracts/sign.html", {**context, "form": form}, status=200 if changes is None else 409)


def _sign(request: HttpRequest, contract: Contract, form: SignForm) -> Contract:
    said = form.cleaned_data
    return signing.sign(
        by=request.user,
        contract_id=contract.pk,
        shown_sha256=said["shown_sha256"],
        shown_head=said["shown_head"],
        seen=signing.Seen(said["seen_sha256"], said["seen_text"]) if said["seen_sha256"] else None,
        typed_name=said["typed_name"],
        consent=signing.consent_words(),
        connection=_connection(request) if said["notes_connection"] else None,
    )


def _connection(request: HttpRequest) -> dict[str, str]:
    """From where they sign, for who agreed that it is noted."""
    browser = text.one_line(request.headers.get("User-Agent", ""))[:LONGEST_BROWSER]
    return {"address": get_adapter().get_client_ip(request), "browser": browser}


def _congratulate(request: HttpRequest, contract: Contract) -> None:
    name = pages.other_name(contract, request.user)
    if contract.state in HOLDING and not contract.open_version:
        messages.success(request, _("You have both signed: your contract with %(name)s is in force.") % {"name": name})
    else:
        messages.success(request, _("You have signed. Now it is %(name)s’s turn, and we tell them.") % {"name": name})


def why_not_sign(contract: Contract, request: HttpRequest) -> str:
    """Return why this member cannot sign now, in a sentence; empty when they can."""
    side = contract.side_of(request.user)
    if refusal := pages.why_not(contract, Move.SIGN, side):
        return refusal
    return signing.why_not_yet(contract)


@require_POST
def signature_take_back(request: HttpRequest, contract_id: int) -> HttpResponse:
    contract = seen_by(request, contract_id)
    signing.take_back_signature(by=request.user, contract_id=contract.pk)
    messages.success(request, _("Your signature is taken back. You can sign again at any time."))
    return redirect(contract)


@require_safe
def version(request: HttpRequest, contract_id: int, number: int) -> HttpResponse:
    """What was frozen and signed, to read and to print."""
    contract = seen_by(request, contract_id)
    found = _version(contract, number)
    return render(
        request, "contracts/version.html", pages.version_page(contract, found, contract.side_of(request.user))
    )


@require_safe
def version_text(request: HttpRequest, contract_id: int, number: int) -> HttpResponse:
    """The canonical bytes, of which the fingerprint is the hash."""
    contract = seen_by(request, contract_id)
    found = _version(contract, number)
    assert sha256(found.text) == found.sha256
    name = f"contract-{contract.pk}-version-{found.number}.json"
    return HttpResponse(
        found.text.encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def version_pdf(request: HttpRequest, contract_id: int, number: int) -> HttpResponse:
    """The sealed copy, for its two parties."""
    contract = seen_by(request, contract_id)
    found = _version(contract, number)
    sealed = SealedFile.objects.filter(version=found).first()
    if sealed is None:
        messages.error(request, why_not_sealed(found))
        return redirect("version", contract.pk, found.number)
    if request.method == "GET":
        sealing.downloaded(by=request.user, contract_id=contract.pk, version=found)
    return HttpResponse(
        bytes(sealed.pdf),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{file_name(found)}"'},
    )


def why_not_sealed(version: Version) -> str:
    if len(version.signatures.all()) < len(Side):
        return _("There is a signed copy when you have both signed.")
    return _("The signed copy is being made. Come back in a few minutes; it comes by mail, too.")


def _version(contract: Contract, number: int) -> Version:
    return get_object_or_404(Version.objects.prefetch_related("signatures"), contract=contract, number=number)
