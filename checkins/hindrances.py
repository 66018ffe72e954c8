"""What was in somebody's way some weeks ago comes back once, gently: what helped? Pure."""

import datetime as dt
from collections.abc import Iterable

from checkins.models import CheckIn

# So old is what comes back, and it is left alone when it is older than that.
AFTER = dt.timedelta(days=20)
UNTIL = dt.timedelta(days=70)


def comes_back(mine: Iterable[CheckIn], on: dt.date) -> CheckIn | None:
    """Return the check-in whose hindrance this party is asked about at the meeting `on`, the oldest first, or None.

    `mine` are those that the party has sent. Each is asked about once, at the check-in that said so; that one
    asks the same again for as long as it can be changed.
    """
    sent = [each for each in mine if each.state == CheckIn.State.SENT]
    here = next((each for each in sent if each.on == on), None)
    asked = {each.asked_back for each in sent if each.on != on}
    named = [each for each in sent if names_one(each) and each.on not in asked and AFTER <= on - each.on <= UNTIL]
    if here is not None and (again := next((each for each in named if each.on == here.asked_back), None)):
        return again
    return min(named, key=lambda each: each.on, default=None)


def names_one(check_in: CheckIn) -> bool:
    return bool(check_in.block or check_in.in_the_way)


def words_of(check_in: CheckIn) -> str:
    """Return what was in the way, in the words of who wrote it, or else by its kind."""
    return check_in.in_the_way or (check_in.get_block_display() if check_in.block else "")
