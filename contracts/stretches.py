"""A stretch: the days for which a version holds, and how the text of the next one begins. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.coverage import last_day
from contracts.document import parts_of
from contracts.lifecycle import Side

ASKED_BEFORE = dt.timedelta(days=7)
"""So long before its last day both are asked how it went."""
ASKED_AFTER = dt.timedelta(days=14)
"""So long after it home still asks; then the stretch is simply over."""


class Outcome(models.TextChoices):
    """What came of a party's goal for the stretch."""

    DONE = "done", _("Done: I got there")
    CARRY_OVER = "carry_over", _("Carry over: I stay with it")
    CHANGE = "change", _("Change: it should be another goal, or otherwise")


@dataclass(frozen=True)
class Stretch:
    """The days of a version, both included, on the clock of `zone`."""

    first_on: dt.date
    last_on: dt.date
    zone: str

    def is_asked_about(self, today: dt.date) -> bool:
        """Whether it is time to look back on it, and to say what next; it stays so."""
        return today >= self.last_on - ASKED_BEFORE

    def is_waited_for(self, today: dt.date) -> bool:
        """Whether home still asks about it."""
        return self.is_asked_about(today) and today <= self.last_on + ASKED_AFTER

    def is_over(self, today: dt.date) -> bool:
        return today > self.last_on


def stretch_of(rhythm: Mapping[str, str]) -> Stretch:
    """Return the stretch that the rhythm of a signed text says."""
    return Stretch(dt.date.fromisoformat(rhythm["first_on"]), last_day(rhythm), rhythm["zone"])


def next_first_on(rhythm: Mapping[str, str], *, today: dt.date) -> dt.date:
    """Return the first day of a meeting, by this rhythm, after the last day of its stretch, and not before `today`."""
    first_on = dt.date.fromisoformat(rhythm["first_on"])
    step = dt.timedelta(weeks=int(rhythm["every_weeks"]))
    earliest = max(last_day(rhythm) + dt.timedelta(days=1), today)
    return first_on - ((first_on - earliest) // step) * step


def renewed(
    document: Mapping[str, Any], outcomes: Mapping[Side, Outcome], *, today: dt.date
) -> dict[str, dict[str, str]]:
    """Return the parts of the next stretch: the same text, all dates moved on by as many days as its first meeting.

    Who has said that their goal is done begins with an empty one, under the same long goal; whoever has said nothing
    goes on with theirs.
    """
    rhythm = document["rhythm"]
    by = next_first_on(rhythm, today=today) - dt.date.fromisoformat(rhythm["first_on"])
    parts = parts_of(document)
    for key, content in parts.items():
        for name in ("by", "first_on", "review_on"):
            if content.get(name):
                content[name] = (dt.date.fromisoformat(content[name]) + by).isoformat()
        if key.startswith("goal-") and outcomes.get(Side(key.removeprefix("goal-"))) is Outcome.DONE:
            content.update(dict.fromkeys(("short", "indicator", "start", "target", "unit"), ""))
    return parts
