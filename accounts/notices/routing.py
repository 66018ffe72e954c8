"""What becomes of a notice that is due, by what its member has chosen: it goes, waits, joins a weekly mail, or ends.

The choices are read when it is about to be sent, so that one made a second ago counts. Putting off holds the row of the
choices, which changing them holds too (accounts.actions.mail): no notice waits for a weekly mail that has just been
given up.
"""

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from accounts import moments
from accounts.models import MailChoices
from accounts.models.mail import Choice, Sort

DAY = dt.timedelta(days=1)


class Way(Enum):
    """What becomes of it."""

    GO = "go"
    END = "end"
    WAIT = "wait"
    GATHER = "gather"


@dataclass(frozen=True)
class Route:
    """The way of a notice, and until when it waits."""

    way: Way
    until: dt.datetime | None = None


GO = Route(Way.GO)
END = Route(Way.END)


def route(
    choices: MailChoices | None,
    *,
    zone: str,
    now: dt.datetime,
    sort: Sort | None,
    expires_at: dt.datetime,
    is_urgent: bool = False,
) -> Route:
    """Return the way of a notice of `sort`, or of a gathered mail (None), that is due at `now`.

    Off: it ends. No mail until a day: it is gathered for that day. Weekly: it is gathered, unless it is urgent. Quiet
    hours: it waits for their end, unless it is urgent and would come too late then.
    """
    if sort is Sort.ALWAYS or choices is None:
        return GO
    choice = choices.of(sort) if sort else Choice.NOW
    if choice is Choice.OFF:
        return END
    if (begins := resumes_at(choices, zone=zone)) and begins > now:
        return Route(Way.GATHER if sort else Way.WAIT, begins)
    if choice is Choice.DIGEST and not is_urgent:
        return Route(Way.GATHER, next_digest(choices, zone=zone, after=now))
    quiet = moments.quiet_around(zone, choices.quiet_from, choices.quiet_until, now)
    if quiet and not (is_urgent and expires_at <= quiet[1]):
        return Route(Way.WAIT, quiet[1])
    return GO


def resumes_at(choices: MailChoices, *, zone: str) -> dt.datetime | None:
    """Return when mails come again, in the hour of the weekly mail of that day, or None when they are not paused."""
    if choices.resumes_on is None:
        return None
    return moments.instant_of(zone, choices.resumes_on, dt.time(choices.digest_hour))


def next_digest(choices: MailChoices, *, zone: str, after: dt.datetime) -> dt.datetime:
    """Return when the next weekly mail is due."""
    return moments.next_week_hour(zone, choices.digest_weekday, choices.digest_hour, after=after)
