"""Who may read which check-in: the two of a meeting open together."""

import datetime as dt

from checkins.models import CheckIn
from checkins.series import Occurrence

State = CheckIn.State


def is_open(mine: CheckIn | None, theirs: CheckIn | None, meeting: Occurrence, now: dt.datetime) -> bool:
    """Whether each may read what the other sent: both have sent theirs, or the meeting has begun."""
    both = bool(mine and theirs and mine.state == State.SENT and theirs.state == State.SENT)
    return both or meeting.at <= now


def shown(mine: CheckIn | None, theirs: CheckIn | None, meeting: Occurrence, now: dt.datetime) -> CheckIn | None:
    """Return what the other sent, if I may read it now."""
    if theirs is None or theirs.state != State.SENT or not is_open(mine, theirs, meeting, now):
        return None
    return theirs
