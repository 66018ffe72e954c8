"""The pace that a goal needs from here on, as a sentence. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _, ngettext

from checkins.charts import Value

LATELY = dt.timedelta(days=28)
"""How far back “lately” reaches."""
SHORT = 7
"""Within so many days of the end a pace a week says nothing: what is left and the days are said."""


def pace_words(values: Sequence[Value], goal: Mapping[str, str], *, today: dt.date) -> str:
    """Say what a goal needs, such as “To get there by 12 December: about 2 chapters a week. Lately it was 1.5.”

    `values` of the indicator in the order of days; `goal` as a signed text has it. Empty where there is no target, no
    value or no day. Targets may lie above or below where it began.
    """
    if not (values and goal.get("target") and goal.get("by")):
        return ""
    by, target, now = dt.date.fromisoformat(goal["by"]), float(goal["target"]), values[-1][1]
    start = float(goal["start"]) if goal.get("start") else values[0][1]
    up = target > start if target != start else target >= now
    left = (target - now) if up else (now - target)
    if left <= 0:
        return _("The goal is reached.")
    unit, days = goal.get("unit", ""), (by - today).days
    day = date_format(by, "j F" if by.year == today.year else "j F Y")
    words = {"left": _amount(left, unit), "day": day}
    if days < 0:
        return _("%(day)s has passed, with %(left)s to go. A new day is one amendment away.") % words
    if days == 0:
        return _("Today is the day that you chose: %(left)s to go.") % words
    if days < SHORT:
        words["days"] = ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
        return _("%(left)s to go, and %(days)s until %(day)s.") % words
    need = left * 7 / days
    if not _short(need):
        return _("%(left)s to go until %(day)s.") % words
    words["need"] = _amount(need, unit)
    said = _("To get there by %(day)s: about %(need)s a week.") % words
    lately = _lately(values, up=up)
    return said if lately is None else f"{said} {_lately_words(lately, need)}"


def _lately_words(lately: float, need: float) -> str:
    if lately < 0:
        return _("Lately it went the other way, as happens: a good question for your next meeting.")
    if round(lately, 1) == 0:
        return _("Lately it stood still, as happens: what would make the next step small enough?")
    words = {"lately": number_format(_short(lately))}
    if lately >= need:
        return _("Lately it was about %(lately)s, so you are well on the way.") % words
    return _("Lately it was about %(lately)s.") % words


def _lately(values: Sequence[Value], *, up: bool) -> float | None:
    """Return how much of the way was made a week in the last four weeks; None where two values say nothing of it."""
    last_on, last = values[-1]
    since = [(on, value) for on, value in values[:-1] if last_on - on <= LATELY] or list(values[-2:-1])
    if not since or since[0][0] == last_on:
        return None
    first_on, first = since[0]
    a_week = (last - first) * 7 / (last_on - first_on).days
    return a_week if up else -a_week


def _amount(value: float, unit: str) -> str:
    return f"{number_format(_short(value))} {unit}".strip()


def _short(value: float) -> float:
    """Return a number as one says it: one decimal below ten, and none above; small ones keep what they have."""
    if value >= 10:
        return round(value)
    rounded = round(value, 1) or round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded
