"""How it goes: the weeks of a pair, as a page, to print, and as a table to take away."""

import csv
import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.zones import clock_of
from checkins import charts, hindrances, pace, telling
from checkins.models import CheckIn
from checkins.series import Standing
from checkins.views import help_pages, pages, stories
from checkins.views.fit import fit_line, silence_line
from contracts.readable import date_words
from contracts.stretches import Stretch

# What a spreadsheet takes for the beginning of a formula: at the beginning of a cell, and of what it takes for one.
# Where decimals have a comma, it ends cells at semicolons and lines at every end of a line, whatever stands in quotes.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])")


@require_safe
def weeks(request: HttpRequest, contract_id: int) -> HttpResponse:
    pair = pages.pair_seen_by(request, contract_id)
    return render(request, "checkins/weeks.html", {**pages.frame(pair), **_progress(pair), **fit_line(pair)})


def _progress(pair: pages.Pair) -> dict[str, Any]:
    everything = pair.meetings.all()
    rows = [pair.row(one) for one in everything]
    past = [row for row in rows if row.has_begun]
    coming = [row for row in rows if not row.is_past and row.one.takes_place]
    sides = [_side(pair, rows, is_mine=is_mine) for is_mine in (True, False)]
    return {
        "next": coming[0] if coming else None,
        "past": list(reversed(past)),
        "coming": [row for row in rows if not row.has_begun][:6],
        "sides": [side for side in sides if side is not None],
        "confidence": charts.draw(
            [(side["name"], side["confidences"]) for side in sides if side is not None], low=1, high=5
        ),
        "counts": telling.meeting_words(
            held=sum(row.one.held == "yes" for row in past),
            missed=sum(row.one.held == "no" for row in past),
            off=sum(row.one.standing in {Standing.CANCELLED, Standing.PAUSED} for row in past),
            left=len([row for row in rows if not row.has_begun and row.one.takes_place]),
        ),
        **help_pages.frame(pair, help_pages.books_of(pair)),
        "can_be_told": stories.can_be_told(pair),
        "is_stalling": _is_stalling(past),
        "silence": silence_line(pair),
        # One that we have said ourselves is told with the silence.
        "pauses": [each for each in pair.meetings.pauses if each.said_by and each.until_on >= pair.now.date()],
        "ends_on": pair.meetings.rhythm.ends_on,
        **_end_of_stretch(pair),
    }


def _is_stalling(past: list[pages.Row]) -> bool:
    """Whether nothing was heard of the last two meetings that were to take place."""
    due = [row for row in past if row.one.takes_place][-2:]
    return len(due) == 2 and not any(row.one.held == "yes" or row.mine or row.theirs for row in due)


def _end_of_stretch(pair: pages.Pair) -> dict[str, bool]:
    """Whether it is time to look back on the stretch, and whether it is over."""
    rhythm = pair.meetings.rhythm
    stretch = Stretch(rhythm.first_on, rhythm.ends_on, rhythm.zone)
    today = _today(pair)
    is_time = pair.contract.is_in_force and stretch.is_asked_about(today)
    return {"is_time": is_time, "is_over": stretch.is_over(today)}


def _today(pair: pages.Pair) -> dt.date:
    """The present day on the clock that the two have agreed on."""
    return pair.now.astimezone(clock_of(pair.meetings.rhythm.zone)).date()


def _side(pair: pages.Pair, rows: list[pages.Row], *, is_mine: bool) -> dict[str, Any] | None:
    """One party's indicator and confidence, and what they did and will do; None for who has left."""
    side = pair.side if is_mine else pair.side.other
    if pair.contract.member(side) is None:
        return None
    goal = pages.goal_of(pair.contract, side)
    logged = [(row.local.date(), each) for row in rows if (each := row.mine if is_mine else row.theirs)]
    sent = [(on, each) for on, each in logged if each.state == CheckIn.State.SENT]
    values = [(on, float(each.indicator)) for on, each in sent if each.indicator is not None]
    target = float(goal["target"]) if goal.get("target") else None
    last = sent[-1][1] if sent else None
    return {
        "name": _("You") if is_mine else pair.name,
        "is_mine": is_mine,
        "goal": goal,
        "unit": goal.get("unit", ""),
        "by": date_words(goal["by"]) if goal["by"] else "",
        "chart": charts.draw([(_("You") if is_mine else pair.name, values)], target=target),
        "values": [
            (on, pages.number_words(each.indicator, goal.get("unit", "")))
            for on, each in sent
            if each.indicator is not None
        ],
        "change": telling.change_words(values, goal, name="" if is_mine else pair.name),
        "pace": pace.pace_words(values, goal, today=_today(pair)) if pair.contract.is_in_force else "",
        "strategies": telling.strategies_used([each.strategies for _on, each in sent]),
        "confidences": [(on, float(each.confidence)) for on, each in sent if each.confidence],
        "last": last,
        "next_step": last.next_step if last else "",
        "did": last.moved if last else "",
    }


@require_safe
def weeks_csv(request: HttpRequest, contract_id: int) -> HttpResponse:
    """Every meeting of the pair with what both logged and I may read, a line for each."""
    pair = pages.pair_seen_by(request, contract_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="weeks-{contract_id}.csv"'
    response.write("\ufeff")  # by this spreadsheets know UTF-8
    writer = csv.writer(response)
    fields = (
        *("kept", "moved", "indicator", "confidence", "next_step", "in_the_way", "helped", "strategies"),
        *("time_spent", "help_given", "help_received", "long_goal"),
    )
    titles = [str(CheckIn._meta.get_field(field).verbose_name) for field in fields]
    writer.writerow(
        [
            _("meeting"),
            _("state"),
            *(safe_cell(f"{title} ({name})") for name in (_("you"), pair.name) for title in titles),
        ]
    )
    for one in pair.meetings.all():
        row = pair.row(one)
        cells: list[object] = [f"{row.local:%Y-%m-%d %H:%M}", row.standing_words]
        for each in (row.mine, row.theirs):
            is_sent = each is not None and each.state == CheckIn.State.SENT
            cells += [_cell(each, field) if each and is_sent else "" for field in fields]
        writer.writerow([safe_cell(cell) for cell in cells])
    return response


def _cell(check_in: CheckIn, field: str) -> object:
    if field == "kept":
        return check_in.get_kept_display()
    if field == "in_the_way":
        return hindrances.words_of(check_in)
    return "; ".join(check_in.strategies) if field == "strategies" else getattr(check_in, field)


def safe_cell(cell: object) -> str:
    """Return a cell as text that no spreadsheet takes for a formula. A number stays one."""
    text = "" if cell is None else str(cell)
    return text if isinstance(cell, (int, float, Decimal)) else _FORMULA.sub("'", text)
