"""A pair that has fallen silent: asked once whether they still meet, then paused, then closed with thanks. Pure.

A sign is anything that either of the two does for the pair. The days on which the two pause do not count. Each step
waits its time from when the step before it was told, whatever has happened meanwhile to whoever counts the days.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Step(models.TextChoices):
    """How far it has gone with a pair."""

    HEARD = "heard", _("heard of")
    ASKED = "asked", _("asked whether they still meet")
    PAUSED = "paused", _("paused by us")


class Deed(Enum):
    """What is to be done about it."""

    HEAR = "there was a sign: all is well"
    ASK = "ask both whether they still meet"
    PAUSE = "let the pair pause"
    CLOSE = "close it with thanks"


ASK_AFTER = dt.timedelta(weeks=4)
PAUSE_AFTER = dt.timedelta(weeks=2)
CLOSE_AFTER = dt.timedelta(weeks=4)

TABLE: Mapping[Step, tuple[Deed, dt.timedelta]] = {
    Step.HEARD: (Deed.ASK, ASK_AFTER),
    Step.ASKED: (Deed.PAUSE, PAUSE_AFTER),
    Step.PAUSED: (Deed.CLOSE, CLOSE_AFTER),
}
"""What follows upon each step, and after how long a silence."""

LEADS_TO: Mapping[Deed, Step | None] = {
    Deed.HEAR: Step.HEARD,
    Deed.ASK: Step.ASKED,
    Deed.PAUSE: Step.PAUSED,
    Deed.CLOSE: None,
}

# Between two looks at a pair that has been asked or paused: so soon a sign of theirs lifts the pause.
SOON = dt.timedelta(hours=1)
Days = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Quiet:
    """How it stands with a pair. `told_at`: when the step was told (None for HEARD); `pauses`: those that the two said.

    Who meets seldom is asked later: two meetings at least have gone by.
    """

    step: Step
    told_at: dt.datetime | None
    sign_at: dt.datetime
    pauses: tuple[Days, ...] = ()
    every_weeks: int = 1

    @property
    def since(self) -> dt.datetime:
        """The instant from which the silence counts."""
        return self.sign_at if self.told_at is None else max(self.told_at, self.sign_at)

    def due(self, now: dt.datetime) -> Deed | None:
        """Return what is to be done now; None to wait."""
        if self.told_at is not None and self.sign_at > self.told_at:
            return Deed.HEAR
        deed, _after = TABLE[self.step]
        return deed if quiet_time(self.since, now, self.pauses) >= self.after else None

    @property
    def after(self) -> dt.timedelta:
        """How long a silence the next step waits for."""
        _deed, after = TABLE[self.step]
        return max(after, dt.timedelta(weeks=2 * self.every_weeks)) if self.step is Step.HEARD else after

    def look_at(self, now: dt.datetime) -> dt.datetime:
        """Return when to look again, after a look that found nothing to do. A pause said meanwhile makes it later."""
        left = now + max(self.after - quiet_time(self.since, now, self.pauses), dt.timedelta())
        return max(left, now + SOON) if self.step is Step.HEARD else now + SOON


def quiet_time(since: dt.datetime, now: dt.datetime, pauses: Iterable[Days]) -> dt.timedelta:
    """Return how long it was quiet from `since` to `now`, without the days of pauses."""
    quiet = max(now - since, dt.timedelta())
    counted = since
    for begins, ends in sorted(pauses):
        begins, ends = max(begins, counted), min(ends, now)
        if begins < ends:
            quiet -= ends - begins
            counted = ends
    return quiet
