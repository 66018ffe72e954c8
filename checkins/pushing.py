"""When a party is offered to push the other: after a silence, or when the other has lost heart. Pure."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from checkins.models import CheckIn
from checkins.series import Occurrence

# A check-in counts as missed when nobody asks for it any more.
MISSED_AFTER = dt.timedelta(days=3)
# Who asked for it is left alone for so long.
TWO_DAYS = dt.timedelta(days=2)
# What is older is no reason any more.
LASTS = dt.timedelta(days=21)
RUN = 2
LOW = 1


class Why(Enum):
    """What has happened twice in a row."""

    SILENT = "silent"
    LOW = "low"


@dataclass(frozen=True)
class Reason:
    """`on` names the last meeting that gave the reason, `since` is the instant from which it can be offered."""

    why: Why
    on: dt.date
    since: dt.datetime


def reason(
    meetings: Sequence[Occurrence],
    logged: Collection[dt.date],
    read: Mapping[dt.date, CheckIn],
    *,
    now: dt.datetime,
    way: str,
) -> Reason | None:
    """Return the reason to push a party now, or None.

    `meetings` are those of the pair, in their order; `logged` those for which the party has written or skipped; `read`
    what they sent and the other may read; `way` how they have asked to be pushed (`wait` is: two days later). A
    check-in that was skipped was not missed, and ends a silence: they were there.
    """
    begun = [one for one in meetings if one.takes_place and one.at <= now]
    found = _silence(begun, logged, now) or _low(begun, read)
    if found is None:
        return None
    since = found.since + (TWO_DAYS if way == "wait" else dt.timedelta())
    return Reason(found.why, found.on, since) if since <= now < since + LASTS else None


def _silence(begun: Sequence[Occurrence], logged: Collection[dt.date], now: dt.datetime) -> Reason | None:
    over = [one for one in begun if one.at + MISSED_AFTER <= now][-RUN:]
    if len(over) < RUN or any(on >= over[0].on for on in logged):
        return None
    return Reason(Why.SILENT, over[-1].on, over[-1].at + MISSED_AFTER)


def _low(begun: Sequence[Occurrence], read: Mapping[dt.date, CheckIn]) -> Reason | None:
    sent = [one for one in begun if one.on in read][-RUN:]
    if len(sent) < RUN or any(read[one.on].confidence != LOW for one in sent):
        return None
    last = sent[-1]
    return Reason(Why.LOW, last.on, max(last.at, read[last.on].sent_at))
