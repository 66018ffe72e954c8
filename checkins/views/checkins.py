"""A check-in: written, kept while it is typed, sent, skipped."""

import datetime as dt
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.views import drafts
from accounts.views.refusals import is_done
from checkins.actions import checkins as logging
from checkins.forms import CheckInForm, PrivateNoteForm
from checkins.hindrances import comes_back, words_of as hindrance_words
from checkins.models import CheckIn
from checkins.views import help_pages, pages
from checkins.views.meetings import meeting_page
from checkins.words import both_clocks
from contracts.readable import count_words

# What is written in words.
WRITTEN = (
    *(
        "moved",
        "next_step",
        "in_the_way",
        "helped",
        "long_goal",
        "other_strategy",
        "time_spent",
        "help_given",
        "help_received",
    ),
    "private_note",
)


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    pair = pages.pair_seen_by(request, contract_id)
    one = pair.meetings.find(on)
    if one is None:
        return _gone(request, pair, on)
    row = pair.row(one)
    # What was sent too late comes back with the reason, and everything that was typed.
    if not row.may_log and request.method != "POST":
        if not row.can_be_logged:
            messages.error(request, logging.why_not(row.pair.contract, row.one, row.pair.now))
        return redirect("meeting", contract_id, on)
    back = _hindrance_before(row)
    if request.method == "POST":
        asked = _questions(row)
        form = CheckInForm(request.POST, **asked)
        if form.is_valid() and is_done(
            form,
            lambda: logging.send(
                by=request.user, contract_id=contract_id, on=on, said=form.said(),
                asked_long=asked["asks_long"], asked_back=back.on if back else None,
                held_last=form.cleaned_data.get("held_last", ""),
            ),
            at="moved",
        ):  # fmt: skip
            drafts.forget(request, draft_name(contract_id, on))
            messages.success(request, _sent_words(row))
            return redirect("meeting", contract_id, on)
    else:
        form = drafts.begin(request, draft_name(contract_id, on), _unsent(row))
    context = {
        **pages.frame(row.pair),
        "row": row,
        "form": form,
        "promise": logging.promise_before(contract_id, row.pair.side, on),
        "draft": draft_name(contract_id, on),
        "has_open_help": help_pages.has_open(row.pair),
    }
    return render(request, "checkins/check_in.html", context)


def _gone(request: HttpRequest, pair: pages.Pair, on: dt.date) -> HttpResponse:
    """The meeting is no more: the contract has ended, or says other days. What was typed meanwhile is there to copy."""
    typed = [(CheckInForm.base_fields[name].label, request.POST.get(name, "").strip()) for name in WRITTEN]
    if not any(text for _label, text in typed):
        raise pages.no_meeting(pair, on)
    return render(request, "checkins/gone.html", {**pages.frame(pair), "typed": typed}, status=409)


def _sent_words(row: pages.Row) -> str:
    words = {"name": row.pair.name}
    if row.has_begun:
        return _("Sent. %(name)s can read it now.") % words
    return _("Sent. It opens for %(name)s when theirs is there too, or when you meet.") % words


def _questions(row: pages.Row) -> dict:
    """Return what this check-in asks: by the goal, by what was promised, by whether a month has passed."""
    pair = row.pair
    goal = pages.goal_of(pair.contract, pair.side)
    asks_long = bool(goal["long"]) and logging.asks_about_long_goal(pair.contract.pk, pair.side, row.one.on)
    before = [each for each in pair.meetings.all() if each.takes_place and each.at < row.one.at]
    last = before[-1] if before and before[-1].at <= pair.now and not before[-1].held else None
    zone = pair.viewer.time_zone
    held = _("Did you and %(name)s meet on %(when)s?") % {
        "name": pair.name,
        "when": both_clocks(last, zone, "", ""),
    } if last else ""  # fmt: skip
    return {
        "strategies": pages.strategies_of(goal),
        "unit": goal.get("unit", ""),
        "indicator_words": "; ".join(part for part in (count_words(goal), goal["indicator"]) if part),
        "asks_kept": bool(logging.promise_before(pair.contract.pk, pair.side, row.one.on)),
        "asks_held": held,
        "asks_back": _asked_back(row),
        "long_goal": goal["long"],
        "asks_long": asks_long,
    }


def _hindrance_before(row: pages.Row) -> CheckIn | None:
    """Return the check-in in which one wrote, some weeks ago, what was in the way, if this one asks what helped."""
    side = row.pair.side.value
    mine = [each for (_on, of), each in row.pair.check_ins.items() if of == side]
    return comes_back(mine, row.one.on)


def _asked_back(row: pages.Row) -> str:
    """Return the question about it: empty where nothing comes back."""
    before = _hindrance_before(row)
    if before is None:
        return ""
    weeks = max(round((row.one.on - before.on).days / 7), 1)
    if before.in_the_way:
        said = ngettext(
            "%(weeks)d week ago you wrote: “%(words)s” What helped?",
            "%(weeks)d weeks ago you wrote: “%(words)s” What helped?",
            weeks,
        )
    else:
        said = ngettext(
            "%(weeks)d week ago something was in the way (%(words)s). What helped?",
            "%(weeks)d weeks ago something was in the way (%(words)s). What helped?",
            weeks,
        )
    words = Truncator(hindrance_words(before)).chars(160)
    return said % {"weeks": weeks, "words": words}


@drafts.keeps("check-in-#")
def unsent_check_in(request: HttpRequest, number: int) -> drafts.Unsent:
    """The form of a meeting before anything was typed; `number` names the meeting (see `draft_name`)."""
    contract_id, on = drafted_meeting(number)
    row = pages.row_seen_by(request, contract_id, on)
    if not row.may_log:
        raise Http404
    return _unsent(row)


def _unsent(row: pages.Row) -> drafts.Unsent:
    """Return the form with what it asks, and what was sent already and nobody has read."""
    asked = _questions(row)
    is_sent = row.mine is not None and row.mine.state == CheckIn.State.SENT
    initial = CheckInForm.initial_of(row.mine, asked["strategies"]) if row.mine and is_sent else {}
    return partial(CheckInForm, **asked), initial


def drafted_meeting(number: int) -> tuple[int, dt.date]:
    """Return the contract and the day that the number in a draft's name says. Raises Http404 for what says no day."""
    contract_id, day = divmod(number, 10**8)
    try:
        return contract_id, dt.date(day // 10000, day // 100 % 100, day % 100)
    except ValueError as error:
        raise Http404 from error


def draft_name(contract_id: int, on: dt.date) -> str:
    """Return the name under which what is typed is kept: the contract and the day in one number."""
    return f"check-in-{contract_id}{on:%Y%m%d}"


@require_POST
def check_in_skip(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    if pages.row_seen_by(request, contract_id, on).may_log:
        drafts.keep(request, draft_name(contract_id, on))
    logging.skip(by=request.user, contract_id=contract_id, on=on)
    messages.success(
        request,
        _("Skipped, and that is fine. Nobody asks again."),
        extra_tags=reverse("check_in_unskip", args=[contract_id, on]),
    )
    return redirect("meeting", contract_id, on)


@require_POST
def check_in_unskip(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    pages.row_seen_by(request, contract_id, on)
    logging.unskip(by=request.user, contract_id=contract_id, on=on)
    return redirect("check_in", contract_id, on)


@require_POST
def check_in_note(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """One's private note can be changed at any time."""
    row = pages.row_seen_by(request, contract_id, on)
    form = PrivateNoteForm(request.POST)
    if row.mine is None or row.mine.state != CheckIn.State.SENT:
        form.add_error("private_note", _("There is no check-in of yours to put a note beside."))
    if not form.is_valid():
        return meeting_page(request, row, form)
    logging.note(by=request.user, contract_id=contract_id, on=on, private_note=form.cleaned_data["private_note"])
    messages.success(request, _("Your note is saved. Nobody else sees it."))
    return redirect("meeting", contract_id, on)
