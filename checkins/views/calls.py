"""The meeting itself: one page for both, on the phone too, from the first word to the next promises."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.views import drafts
from checkins import agenda, hindrances
from checkins.actions import meetings as acting
from checkins.models import CheckIn, Tick
from checkins.views import pages
from checkins.views.checkins import draft_name
from contracts.canonical import document_in
from contracts.lifecycle import Side
from contracts.readable import date_words, measure_words

# The questions of a check-in that come up in the call.
WRITTEN_HERE = ("moved", "next_step", "help_given", "help_received")


@dataclass(frozen=True)
class Shown:
    """A point of the agenda as the page shows it. `lines` are (what, words), `ticked_by` is who ticked it off."""

    point: agenda.Point
    title: str
    ask: str
    lines: list[tuple[str, str]]
    ticked_by: str
    is_ticked: bool


@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """The page for the call. Posted, what was written here becomes the start of the check-in."""
    row = pages.row_seen_by(request, contract_id, on)
    if not row.has_call:
        messages.info(request, _("The page for the call is there from the day before a meeting until the day after."))
        return redirect("meeting", contract_id, on)
    target = _written_for(row)
    if target is None:
        return render(request, "checkins/call.html", {**pages.frame(row.pair), "row": row, "points": _points(row)})
    name = draft_name(contract_id, target.one.on)
    if request.method == "POST":
        drafts.keep(request, name)
        return redirect("check_in", contract_id, target.one.on)
    form = drafts.begin(request, name)
    context = {
        **pages.frame(row.pair),
        "row": row,
        "points": _points(row),
        "form": form,
        # Those that are written here, and the others as they stand, so that none is lost.
        "asked": [form[field] for field in WRITTEN_HERE if field in form.fields],
        "carried": [
            (name, value) for name in form.fields if name not in WRITTEN_HERE for value in drafts.stood(form, name)
        ],
        "draft": name,
        "is_for_next": target.one.on != on,
        "target": target,
    }
    return render(request, "checkins/call.html", context)


@require_safe
def call_points(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    """The agenda alone: what the page asks for now and then, so that both see what either ticks off."""
    row = pages.row_seen_by(request, contract_id, on)
    if not row.has_call:
        return HttpResponse(status=286)  # by this htmx asks no more
    return render(request, "checkins/_points.html", {**pages.frame(row.pair), "row": row, "points": _points(row)})


@require_POST
def call_tick(request: HttpRequest, contract_id: int, on: dt.date) -> HttpResponse:
    pages.row_seen_by(request, contract_id, on)
    point = request.POST.get("point", "")
    acting.tick(by=request.user, contract_id=contract_id, on=on, point=point, is_done=request.POST.get("done") == "yes")
    return redirect("meeting_points" if request.headers.get("HX-Request") else "meeting_call", contract_id, on)


def _written_for(row: pages.Row) -> pages.Row | None:
    """Return the meeting whose check-in begins with what is written in the call: this one, or the next.

    Who has sent theirs for this one, so that both are open, writes for the next. None: there is nothing to write for.
    """
    if row.may_log:
        return row
    coming = (row.pair.row(one) for one in row.pair.meetings.all() if one.takes_place and one.at > row.one.at)
    found = next(coming, None)
    return found if found is not None and found.may_log else None


def _points(row: pages.Row) -> list[Shown]:
    pair = row.pair
    turn = agenda.turn(pair.meetings.all(), row.one)
    ticks = {each.point: each.side for each in Tick.objects.filter(contract=pair.contract, on=row.one.on)}
    version = pair.contract.version_in_force
    assert version is not None
    document = document_in(version.text)
    promised = [
        f"{each['what']} ({measure_words(each)})" for each in document["commitments"] if each["giver"] == turn.teacher
    ]
    names = {pair.side: _("you"), pair.side.other: pair.name}
    is_mine = turn.teacher == pair.side
    found = []
    for point in agenda.points(row.one.minutes, turn.teacher.other):
        lines: list[tuple[str, str]] = []
        if point.name in agenda.GOALS.values():
            side = Side(point.name.removeprefix("goal-"))
            title = _("Your goal") if side == pair.side else _("%(name)s’s goal") % {"name": pair.name}
            ask = _("What moved, what is in the way, what would help?")
            lines = _goal_lines(row, side)
        elif point.name == "time":
            title, ask = (
                _("How the time went"),
                _("Where did the week go, for each of you? What would you do otherwise?"),
            )
            lines = _time_lines(row)
        elif point.name == "teaching":
            title = _("Your turn to teach") if is_mine else _("%(name)s’s turn to teach") % {"name": pair.name}
            topic = turn.topic(promised)
            ask = (
                _("Show it, rather than tell it; next week it is the other way round.")
                if topic
                else _("Nothing is promised yet: ask what would help most this week.")
            )
            lines = [(_("From your contract"), topic)] if topic else []
        else:
            title, ask = _("Next promises"), _("One thing each until next time. Say it aloud, write it down.")
        ticked = ticks.get(point.name, "")
        found.append(Shown(point, title, ask, lines, names[Side(ticked)] if ticked else "", bool(ticked)))
    return found


def _goal_lines(row: pages.Row, side: Side) -> list[tuple[str, str]]:
    """Return what the contract and the last check-ins that the viewer may read say about the goal of a party."""
    pair = row.pair
    goal = pages.goal_of(pair.contract, side)
    check_in = row.mine if side == pair.side else row.theirs
    sent = check_in if check_in and check_in.state == CheckIn.State.SENT else None
    last = sent or _last(row, side)
    lines = [(_("Goal"), goal["short"]), (_("By"), date_words(goal["by"]) if goal["by"] else "")]
    promise = sent.promise if sent else last.next_step if last else ""
    lines.append((_("Promised last time"), promise))
    if sent:
        lines.append((_("Did it"), sent.get_kept_display() if sent.kept else ""))
    if last:
        lines.append((_("What moved"), last.moved))
        lines.append((_("Indicator"), pages.number_words(last.indicator, goal.get("unit", ""))))
        lines.append((_("In the way"), hindrances.words_of(last)))
    return [(what, words) for what, words in lines if words]


def _last(row: pages.Row, side: Side) -> CheckIn | None:
    """Return the last check-in of a party before this meeting that the viewer may read."""
    before = [one for one in row.pair.meetings.all() if one.at < row.one.at]
    for one in reversed(before):
        earlier = row.pair.row(one)
        check_in = earlier.mine if side == row.pair.side else earlier.theirs
        if check_in and check_in.state == CheckIn.State.SENT:
            return check_in
    return None


def _time_lines(row: pages.Row) -> list[tuple[str, str]]:
    said = ((_("You"), row.mine), (row.pair.name, row.theirs))
    return [(name, each.time_spent) for name, each in said if each and each.time_spent]
