"""The week in templates: a grid to tick hours in, and spans of time in words."""

from collections.abc import Iterable
from functools import cache

from django import template
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import time_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext as _, gettext_lazy

from accounts import week, zones
from accounts.week import Span

register = template.Library()

PARTS = (
    (gettext_lazy("Morning"), range(6, 12)),
    (gettext_lazy("Afternoon"), range(12, 18)),
    (gettext_lazy("Evening"), range(18, 23)),
)
NIGHT = (*range(23, 24), *range(6))
CELL = '<td><label><input type="checkbox" name="free_hours" value="{}" aria-label="{}"{}><span></span></label></td>'
TICKED = mark_safe(" checked")


@register.inclusion_tag("accounts/_week_grid.html")
def week_grid(field: BoundField) -> dict:
    """Draw the field's 168 hours as a table of checkboxes, the night folded away unless an hour of it is ticked."""
    ticked = {str(value) for value in field.value() or []}
    rows = [_row(hour, ticked, _labels(get_language())) for hour in range(24)]
    return {
        "field": field,
        "days": [WEEKDAYS_ABBR[day] for day in range(7)],
        "parts": [(name, [rows[hour] for hour in hours]) for name, hours in PARTS],
        "night": [rows[hour] for hour in NIGHT],
        "is_night_ticked": any(str(day * 24 + hour) in ticked for hour in NIGHT for day in range(7)),
    }


@cache
def _labels(language: str) -> list[str]:
    """Return the name of each hour of the week in this language, which is the page's."""
    return [_("%(day)s %(hour)02d:00") % {"day": WEEKDAYS[hour // 24], "hour": hour % 24} for hour in range(week.HOURS)]


def _row(hour: int, ticked: set[str], labels: list[str]) -> SafeString:
    """Return one hour of the seven days. The template engine would take ten times as long for 168 boxes."""
    hours = [day * 24 + hour for day in range(7)]
    cells = format_html_join("", CELL, ((each, labels[each], TICKED if str(each) in ticked else "") for each in hours))
    return format_html('<tr><th scope="row">{}</th>{}</tr>', f"{hour:02d}", cells)


@register.filter
def city(zone: str) -> str:
    """Return a time zone as people say it: `Europe/Paris` is `Paris`."""
    return zones.city(zone)


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
