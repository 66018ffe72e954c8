"""The draft, part by part, by ordinary forms."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.views.refusals import is_done
from contracts import draft
from contracts.actions import drafting, holding
from contracts.document import Key, parse_key
from contracts.forms import FORMS, PartForm
from contracts.lifecycle import Side
from contracts.models import Contract
from contracts.readable import consent_to_push
from contracts.views import pages
from contracts.views.contracts import seen_by


@require_http_methods(["GET", "HEAD", "POST"])
def part_add(request: HttpRequest, contract_id: int, kind: str, side: str) -> HttpResponse:
    """Something that a party has or needs; or a commitment, which the party `side` gives."""
    if kind not in {"have", "need", "commitment"} or side not in Side.values:
        raise Http404
    contract = seen_by(request, contract_id)
    if (refusal := pages.why_not_edit(contract, request.user)) and request.method != "POST":
        messages.error(request, refusal)
        return redirect(contract)
    key = Key(kind, Side(side))
    parts = draft.read(contract)
    form = _form(request, contract, key, parts, initial={"need": request.GET.get("need", "")})
    if refusal and not form.is_valid():  # else the action says so
        form.add_error(form.first_field, refusal)
    if request.method == "POST" and form.is_valid():
        content = form.content() | ({"giver": side} if kind == "commitment" else {})
        owner = None if kind == "commitment" else key.side
        if is_done(
            form,
            lambda: drafting.add_part(by=request.user, contract_id=contract.pk, kind=kind, content=content, side=owner),
            at=form.first_field,
        ):
            messages.success(request, _("It is in the draft."))
            return redirect(contract.get_absolute_url() + f"#{kind}s-{side}")
    return render(request, "contracts/part.html", pages.part_page(contract, request.user, key, form, parts))


@require_http_methods(["GET", "HEAD", "POST"])
def part_edit(request: HttpRequest, contract_id: int, key: str) -> HttpResponse:
    contract = seen_by(request, contract_id)
    where = _key(key)
    # What was sent too late comes back with the reason, and everything that was typed.
    if (refusal := pages.why_not_edit(contract, request.user)) and request.method != "POST":
        messages.error(request, refusal)
        return redirect(contract)
    parts = draft.read_all(contract)
    current = parts.get(key)
    if where.number is not None and current is None:
        raise Http404
    if request.method != "POST" and current and current.content is None:
        return _taken_out(request, contract, key)
    if current and current.content is None:
        # Taken out while somebody was writing: the form still knows whose it was.
        parts[key] = replace(current, content=draft.last_content(contract, key))
    content = dict(parts[key].content or {}) if current else {}
    form = _form(request, contract, where, parts, initial=content, base=current.number if current else 0)
    if refusal and not form.is_valid():  # else the action says so
        form.add_error(form.first_field, refusal)
    theirs: draft.Part | None = None
    if request.method == "POST" and form.is_valid():
        said = form.content() | ({"giver": content["giver"]} if content.get("giver") else {})
        try:
            if is_done(
                form,
                lambda: drafting.change_part(
                    by=request.user, contract_id=contract.pk, key=key, content=said, base=form.shown_base()
                ),
                at=form.first_field,
            ):
                messages.success(
                    request, _("Saved. %(name)s sees it.") % {"name": pages.other_name(contract, request.user)}
                )
                return redirect(contract.get_absolute_url() + f"#{key}")
        except draft.Stale as stale:
            # Nothing was overwritten. Sent again, the form says that both texts were seen.
            theirs = stale.current
            form.data = form.data.copy()
            form.data["base"] = str(theirs.number if theirs else 0)
    context = pages.part_page(contract, request.user, where, form, parts, key=key, theirs=theirs)
    return render(request, "contracts/part.html", context, status=409 if theirs else 200)


@require_POST
def part_remove(request: HttpRequest, contract_id: int, key: str) -> HttpResponse:
    contract = seen_by(request, contract_id)
    if _key(key).number is None:
        raise Http404
    drafting.remove_part(by=request.user, contract_id=contract.pk, key=key)
    messages.success(request, _("It is out of the draft."), extra_tags=reverse("part_restore", args=[contract.pk, key]))
    return redirect(contract)


@require_POST
def part_restore(request: HttpRequest, contract_id: int, key: str) -> HttpResponse:
    contract = seen_by(request, contract_id)
    _key(key)
    drafting.restore_part(by=request.user, contract_id=contract.pk, key=key)
    messages.success(request, _("It is back in the draft."))
    return redirect(contract.get_absolute_url() + f"#{key}")


@require_POST
def need_elsewhere(request: HttpRequest, contract_id: int, key: str) -> HttpResponse:
    """Say that a need will be found elsewhere, or that it will not."""
    contract = seen_by(request, contract_id)
    if _key(key).kind != "need":
        raise Http404
    drafting.set_elsewhere(
        by=request.user, contract_id=contract.pk, key=key, is_elsewhere=request.POST.get("elsewhere") == "yes"
    )
    return redirect(contract.get_absolute_url() + f"#{key}")


def _key(key: str) -> Key:
    try:
        return parse_key(key)
    except ValueError as error:
        raise Http404 from error


def _taken_out(request: HttpRequest, contract: Contract, key: str) -> HttpResponse:
    messages.error(
        request,
        _("This was taken out of the draft."),
        extra_tags=reverse("part_restore", args=[contract.pk, key]),
    )
    return redirect(contract)


def _form(request: HttpRequest, contract: Contract, key: Key, parts, *, initial: dict, base: int = 0) -> PartForm:
    options: dict = {"today": clock.local().date()}
    if key.kind == "commitment":
        giver = initial.get("giver") or (key.side.value if key.side else "")
        options["needs"] = pages.needs_of(parts, Side(giver).other)
    if key.kind == "push" and key.side:
        names = holding.names(contract)
        options["agrees"] = consent_to_push(names[key.side], names[key.side.other])
    if key.kind in {"have", "need"}:
        initial = {**initial, "kind_of_thing": initial.get("kind", "")} if initial.get("kind") else initial
    given = {name: value for name, value in initial.items() if value} | {"base": base}
    return FORMS[key.kind](request.POST if request.method == "POST" else None, initial=given, **options)
