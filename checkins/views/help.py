"""The help that two give each other: said, confirmed, taken back, and read."""

import csv
import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from accounts.rules import Refused
from accounts.views.refusals import is_done
from checkins.actions import help as helping
from checkins.forms import AnswerForm, HelpForm
from checkins.ledger import Term
from checkins.models import Help
from checkins.views import help_pages, pages
from checkins.views.help_pages import Line, Promise
from checkins.views.weeks import safe_cell


@require_safe
def pair_help(request: HttpRequest, contract_id: int) -> HttpResponse:
    """What each promised the other, what was given, and what waits for whom."""
    pair = pages.pair_seen_by(request, contract_id)
    found = help_pages.books_of(pair)
    context = {**pages.frame(pair), **help_pages.frame(pair, found), "why_not": helping.why_not_say(pair.contract)}
    return render(request, "checkins/help.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def help_say(request: HttpRequest, contract_id: int, version: int, key: str) -> HttpResponse:
    """The giver says what they gave; the receiver may write down what they got."""
    pair, promise = _promise(request, contract_id, version, key)
    if not promise.may_say and request.method != "POST":
        messages.error(request, helping.why_not_say(pair.contract) or _("This is not promised any more."))
        return redirect("pair_help", contract_id)
    left = promise.row.left()
    today = clock.local().date()
    initial = {"on": today, "amount": left if left else None}
    sent = request.POST if request.method == "POST" else None
    form = HelpForm(sent, unit=_unit(promise.term), initial=initial)
    form.fields["on"].widget.attrs["max"] = today.isoformat()
    if request.method == "POST" and form.is_valid():
        said: list[Help] = []
        if is_done(
            form,
            lambda: said.append(
                helping.say(by=request.user, contract_id=contract_id, version=version, key=key, **form.said())
            ),
            at="on",
        ):
            words = {"name": pair.name}
            told = _("Written down. %(name)s is asked whether it reached them.") if promise.is_mine else _("Noted.")
            undo = reverse("help_take_back", args=[contract_id, said[0].pk])
            messages.success(request, told % words, extra_tags=undo)
            return redirect("pair_help", contract_id)
    return render(request, "checkins/help_say.html", {**pages.frame(pair), "promise": promise, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def help_confirm(request: HttpRequest, contract_id: int, help_id: int) -> HttpResponse:
    """The receiver says how much reached them, or says it otherwise."""
    pair, line = _line(request, contract_id, help_id)
    if not line.may_confirm and request.method != "POST":
        messages.error(request, _("There is nothing to confirm here now. This is how it stands."))
        return redirect("pair_help", contract_id)
    amount = line.help.confirmed or line.help.amount
    initial = {"amount": amount, "words": line.help.answer}
    # Of a fact nothing has to be filled in: an empty form is a yes.
    sent = request.POST if request.method == "POST" else None
    form = AnswerForm(sent, unit=_unit(line.term), initial=initial)
    if request.method == "POST" and form.is_valid() and is_done(
        form,
        lambda: helping.confirm(by=request.user, contract_id=contract_id, help_id=help_id, **form.said()),
        at="words",
    ):  # fmt: skip
        undo = reverse("help_let_wait", args=[contract_id, help_id])
        can_wait = line.help.writer is line.help.giver_side
        messages.success(request, _("Thank you. It counts now."), extra_tags=undo if can_wait else "")
        return redirect("pair_help", contract_id)
    return render(request, "checkins/help_confirm.html", {**pages.frame(pair), "line": line, "form": form})


@require_POST
def help_not_yet(request: HttpRequest, contract_id: int, help_id: int) -> HttpResponse:
    pair, _help = _help_of(request, contract_id, help_id)
    helping.say_not_yet(by=request.user, contract_id=contract_id, help_id=help_id)
    messages.success(
        request,
        _("Noted, and that is fine. %(name)s sees that it has not reached you yet.") % {"name": pair.name},
        extra_tags=reverse("help_let_wait", args=[contract_id, help_id]),
    )
    return redirect("pair_help", contract_id)


@require_POST
def help_let_wait(request: HttpRequest, contract_id: int, help_id: int) -> HttpResponse:
    _help_of(request, contract_id, help_id)
    helping.let_wait(by=request.user, contract_id=contract_id, help_id=help_id)
    messages.success(request, _("It waits for your answer again."))
    return redirect("pair_help", contract_id)


@require_POST
def help_take_back(request: HttpRequest, contract_id: int, help_id: int) -> HttpResponse:
    _help_of(request, contract_id, help_id)
    helping.take_back(by=request.user, contract_id=contract_id, help_id=help_id)
    messages.success(request, _("Taken back."))
    return redirect("pair_help", contract_id)


@require_POST
def help_fine(request: HttpRequest, contract_id: int, upto: dt.date) -> HttpResponse:
    """It is fine for me that help has gone mostly one way."""
    pair = pages.pair_seen_by(request, contract_id)
    _check_meeting(pair, upto)
    helping.say_fine(by=request.user, contract_id=contract_id, upto=upto)
    undo = reverse("help_ask_again", args=[contract_id, upto])
    messages.success(request, _("Good. You are not asked about it for now."), extra_tags=undo)
    return redirect("pair_help", contract_id)


@require_POST
def help_ask_again(request: HttpRequest, contract_id: int, upto: dt.date) -> HttpResponse:
    pair = pages.pair_seen_by(request, contract_id)
    _check_meeting(pair, upto)
    helping.ask_again(by=request.user, contract_id=contract_id, upto=upto)
    messages.success(request, _("The question is back."))
    return redirect("pair_help", contract_id)


@require_safe
def help_csv(request: HttpRequest, contract_id: int) -> HttpResponse:
    """All help between the two, a line for each time."""
    pair = pages.pair_seen_by(request, contract_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="help-{contract_id}.csv"'
    response.write("\ufeff")  # by this spreadsheets know UTF-8
    writer = csv.writer(response)
    titles = (_("day"), _("giver"), _("commitment"), _("said"), _("confirmed"), _("unit"), _("state"), _("words"))
    writer.writerow([*titles, _("the receiver’s words")])
    for side in help_pages.books_of(pair).sides:
        for promise in [*side.promises, *side.earlier]:
            for line in promise.lines:
                help = line.help
                cells = (help.on, side.name, line.term.what, help.amount, help.confirmed, line.term.unit)
                writer.writerow(
                    [safe_cell(cell) for cell in (*cells, help.get_state_display(), help.words, help.answer)]
                )
    return response


def _promise(request: HttpRequest, contract_id: int, version: int, key: str) -> tuple[pages.Pair, Promise]:
    pair = pages.pair_seen_by(request, contract_id)
    found = help_pages.books_of(pair)
    row = found.ledger.find(version, key)
    if row is None:
        if any(each.key == key for each in found.ledger.rows):
            raise Refused(
                _("Your contract has changed meanwhile. This is what it says now."),
                leads_to=reverse("pair_help", args=[contract_id]),
            )
        raise Http404
    return pair, Promise(pair, row, found.today, may_answer=False)


def _line(request: HttpRequest, contract_id: int, help_id: int) -> tuple[pages.Pair, Line]:
    pair, help = _help_of(request, contract_id, help_id)
    row = help_pages.books_of(pair).ledger.row_of(help.pk)
    if row is None:
        raise Refused(_("This was taken back meanwhile."), leads_to=reverse("pair_help", args=[contract_id]))
    return pair, Line(pair, row, help, may_answer=not helping.why_not_answer(pair.contract, pair.now))


def _help_of(request: HttpRequest, contract_id: int, help_id: int) -> tuple[pages.Pair, Help]:
    pair = pages.pair_seen_by(request, contract_id)
    return pair, get_object_or_404(Help, contract=pair.contract, pk=help_id)


def _check_meeting(pair: pages.Pair, on: dt.date) -> None:
    if pair.meetings.find(on) is None:
        raise Http404


def _unit(term: Term) -> str:
    return term.unit if term.is_counted else ""
