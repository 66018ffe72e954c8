"""What staff may know of whether pairs fit: how often each answer was given in a month that is over, no more."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count, Q

from checkins.fitting import Answer
from checkins.models import FitAnswer

# Fewer pairs than that could be told apart.
FEWEST_PAIRS = 5


@dataclass(frozen=True)
class Month:
    """A month, with how often each answer was given in it; None where too few pairs answered to say."""

    first_on: dt.date
    counts: Mapping[str, int] | None

    @property
    def words(self) -> list[int]:
        """The counts in the order of the answers."""
        return [self.counts[answer] for answer in Answer.values] if self.counts else []


def by_month(today: dt.date, *, months: int = 6) -> list[Month]:
    """Return the last months that are over, the newest first. One query.

    Of the running one nothing is said, so that nobody sees single answers come in.
    """
    firsts = [today.replace(day=1)]
    while len(firsts) <= months:
        firsts.append((firsts[-1] - dt.timedelta(days=1)).replace(day=1))
    spans = {f"m{number}": _within(first, until) for number, (until, first) in enumerate(pairwise(firsts))}
    asked = {f"{name}_pairs": Count("contract", filter=span, distinct=True) for name, span in spans.items()}
    said = {
        f"{name}_{answer}": Count("pk", filter=span & Q(says=answer))
        for name, span in spans.items()
        for answer in Answer.values
    }
    found = FitAnswer.objects.filter(at__date__gte=firsts[-1]).aggregate(**asked, **said)
    return [
        Month(
            first,
            {answer: found[f"{name}_{answer}"] for answer in Answer.values}
            if found[f"{name}_pairs"] >= FEWEST_PAIRS
            else None,
        )
        for name, first in zip(spans, firsts[1:], strict=True)
    ]


def _within(first: dt.date, until: dt.date) -> Q:
    return Q(at__date__gte=first, at__date__lt=until)
