"""The week in templates: a grid to tick hours in, and spans of time in words."""

from collections.abc import Iterable

from django import template
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import time_format
from django.utils.translation import gettext as _, gettext_lazy

from accounts.week import Span

register = template.Library()

PARTS = (
    (gettext_lazy("Morning"), range(6, 12)),
    (gettext_lazy("Afternoon"), range(12, 18)),
    (gettext_lazy("Evening"), range(18, 23)),
)
NIGHT = (*range(23, 24), *range(6))


@register.inclusion_tag("accounts/_week_grid.html")
def week_grid(field: BoundField) -> dict:
    """Draw the field's 168 hours as a table of checkboxes, the night folded away unless an hour of it is ticked."""
    ticked = {str(value) for value in field.value() or []}

    def row(hour: int) -> dict:
        cells = [
            {
                "value": day * 24 + hour,
                "ticked": str(day * 24 + hour) in ticked,
                "label": _("%(day)s %(hour)02d:00") % {"day": WEEKDAYS[day], "hour": hour},
            }
            for day in range(7)
        ]
        return {"hour": f"{hour:02d}", "cells": cells}

    night = [row(hour) for hour in NIGHT]
    return {
        "field": field,
        "days": [WEEKDAYS_ABBR[day] for day in range(7)],
        "parts": [(name, [row(hour) for hour in hours]) for name, hours in PARTS],
        "night": night,
        "is_night_ticked": any(cell["ticked"] for each in night for cell in each["cells"]),
    }


@register.filter
def by_day(spans: Iterable[Span]) -> list[tuple[str, str]]:
    """Return (day, times) for each day with a span, such as `("Monday", "18:00–20:00")`."""
    days: dict[int, list[str]] = {}
    for span in spans:
        days.setdefault(span.day, []).append(span_times(span))
    return [(str(WEEKDAYS[day]), ", ".join(times)) for day, times in days.items()]


@register.filter
def in_words(span: Span) -> str:
    """Return one span in words: `Mon 18:00–20:00`."""
    return f"{WEEKDAYS_ABBR[span.day]} {span_times(span)}"


def span_times(span: Span) -> str:
    if span.minutes == 24 * 60:
        return _("all day")
    return f"{time_format(span.starts, 'H:i')}–{time_format(span.ends, 'H:i')}"
