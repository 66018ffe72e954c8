"""When each of a pair is asked whether it is a good fit, and what they may say. Pure.

They are asked after meetings 1 and 4, and then about once a month: after the fourth meeting since they were asked
last, or the first one that comes four weeks later. Meetings that were cancelled, lie in a pause, or did not take place
do not count.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

AFTER = (1, 4)
EVERY = 4
# Four weeks, less a day: when the clocks change, a week is an hour shorter.
A_MONTH = dt.timedelta(days=27)
WAITED_FOR = dt.timedelta(days=14)
"""So long home asks; on the page of the pair the question stays until the next one."""


class Answer(models.TextChoices):
    YES = "yes", _("Yes, it is")
    UNSURE = "unsure", _("I am not sure")
    NO = "no", _("Not really")


@dataclass(frozen=True)
class Question:
    """`number` counts from 1; it is asked from `since` on, the end of a meeting, until the next."""

    number: int
    since: dt.datetime

    def is_waited_for(self, now: dt.datetime) -> bool:
        return now < self.since + WAITED_FOR


def questions(ends: Iterable[dt.datetime]) -> list[Question]:
    """Return what has been asked after meetings that ended at these instants, in their order."""
    asked: list[Question] = []
    last = 0
    for number, at in enumerate(ends, start=1):
        is_due = number > AFTER[-1] and (number - last >= EVERY or at - asked[-1].since >= A_MONTH)
        if number in AFTER or is_due:
            asked.append(Question(len(asked) + 1, at))
            last = number
    return asked
