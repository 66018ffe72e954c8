"""What of their weeks waits for a member: check-ins to write, help to confirm, and what comes next."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.waiting import Waiting
from accounts.zones import clock_of
from checkins.actions.fitting import question_of
from checkins.rhythm import moment
from checkins.views.pages import Pair, Row
from contracts.stretches import ASKED_BEFORE, Stretch

# A check-in waits from so long before the meeting until so long after it.
BEFORE = dt.timedelta(days=1)
AFTER = dt.timedelta(days=3)
SOON = dt.timedelta(days=7)


def waiting(pairs: list[Pair]) -> list[Waiting]:
    """Return the check-ins that a member could write now, the help that waits for their yes, and the stretches on
    which they could look back."""
    found = []
    for pair in pairs:
        if end := _end_of_stretch(pair):
            found.append(end)
        found += _said_in_a_low_time(pair)
        found += _silence(pair) or _fit(pair)
        if since := getattr(pair.contract, f"{pair.side.value}_is_asked_since"):
            said = _("%(name)s has given you help: did it reach you?") % {"name": pair.name}
            found.append(Waiting(text=said, url=reverse("pair_help", args=[pair.contract.pk]), since=since))
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


def _said_in_a_low_time(pair: Pair) -> Iterator[Waiting]:
    """What the other wrote to push this member, and that this member could do the same."""
    words = {"name": pair.name}
    if said := pair.pushed:
        url = reverse("weeks", args=[pair.contract.pk])
        yield Waiting(text=_("%(name)s wrote something for you") % words, url=url, since=said.said_at)
    if pair.offer:
        text = _("%(name)s might be glad of a word from you") % words
        yield Waiting(text=text, url=reverse("push", args=[pair.contract.pk]), since=pair.offer.reason.since)


def _end_of_stretch(pair: Pair) -> Waiting | None:
    """Ask how the stretch went, and what next: for a while, of who has not said so yet."""
    rhythm = pair.meetings.rhythm
    stretch = Stretch(rhythm.first_on, rhythm.ends_on, rhythm.zone)
    today = pair.now.astimezone(clock_of(rhythm.zone)).date()
    if getattr(pair.contract, f"{pair.side.value}_has_reviewed") or not stretch.is_waited_for(today):
        return None
    words = {"name": pair.name, "day": date_format(stretch.last_on, "j F")}
    if getattr(pair.contract, f"{pair.side.other.value}_has_reviewed"):
        said = _("%(name)s has looked back on your stretch. It is your turn.") % words
    elif stretch.is_over(today):
        said = _("Your stretch with %(name)s ended on %(day)s: how did it go, and what next?") % words
    else:
        said = _("Your stretch with %(name)s ends on %(day)s: how did it go, and what next?") % words
    since = moment(stretch.last_on - ASKED_BEFORE, dt.time(), rhythm.zone).at
    return Waiting(text=said, url=reverse("contract_review", args=[pair.contract.pk]), since=since)


def _silence(pair: Pair) -> list[Waiting]:
    """Ask whether they still meet, of two who have fallen silent."""
    found = getattr(pair.contract, "silence", None)
    if found is None or found.told_at is None:
        return []
    said = _("Are you and %(name)s still meeting?") % {"name": pair.name}
    return [Waiting(text=said, url=reverse("still_meeting", args=[pair.contract.pk]), since=found.told_at)]


def _fit(pair: Pair) -> list[Waiting]:
    """Ask whether it is a good fit: for a while, of who has not answered."""
    asked = question_of(pair.meetings, pair.now)
    if asked is None or not asked.is_waited_for(pair.now):
        return []
    if (getattr(pair.contract, f"{pair.side.value}_answered") or 0) >= asked.number:
        return []
    said = _("Is it a good fit, you and %(name)s? One question, for you alone.") % {"name": pair.name}
    return [Waiting(text=said, url=reverse("fit", args=[pair.contract.pk]), since=asked.since)]


def coming(pairs: list[Pair]) -> list[Row]:
    """Return the next meeting of each pair that takes place in the coming week, the soonest first."""
    rows = []
    for pair in pairs:
        soon = pair.meetings.between(pair.now - dt.timedelta(hours=3), pair.now + SOON)
        row = next((pair.row(one) for one in soon if one.takes_place and one.ends_at > pair.now), None)
        if row is not None:
            rows.append(row)
    return sorted(rows, key=lambda row: row.one.at)
