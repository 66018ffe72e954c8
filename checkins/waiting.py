"""What of their weeks waits for a member: check-ins to write, and what comes next."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.waiting import Waiting
from checkins.views.pages import Pair, Row

# A check-in waits from so long before the meeting until so long after it.
BEFORE = dt.timedelta(days=1)
AFTER = dt.timedelta(days=3)
SOON = dt.timedelta(days=7)


def waiting(pairs: list[Pair]) -> list[Waiting]:
    """Return the check-ins that a member could write now."""
    found = []
    for pair in pairs:
        for one in pair.meetings.between(pair.now - AFTER, pair.now + BEFORE):
            row = pair.row(one)
            if row.mine is None and row.can_be_logged:
                found.append(
                    Waiting(
                        text=_("Your check-in for %(name)s") % {"name": pair.name},
                        url=reverse("check_in", args=[pair.contract.pk, one.on]),
                        since=one.at - BEFORE,
                    )
                )
    return found


def coming(pairs: list[Pair]) -> list[Row]:
    """Return the next meeting of each pair that takes place in the coming week, the soonest first."""
    rows = []
    for pair in pairs:
        soon = pair.meetings.between(pair.now - dt.timedelta(hours=3), pair.now + SOON)
        row = next((pair.row(one) for one in soon if one.takes_place and one.ends_at > pair.now), None)
        if row is not None:
            rows.append(row)
    return sorted(rows, key=lambda row: row.one.at)
