"""A member who let invitations lapse says whether they are here."""

import datetime as dt

from django.db import transaction

from accounts import clock, zones
from accounts.actions.pausing import pause
from accounts.clock import Now
from accounts.models import User
from matching.models import Presence


def say_here(*, by: User) -> None:
    """The member is here: what they let lapse so far does not count any more. Twice changes nothing."""
    Presence.objects.update_or_create(member=by, defaults={"said_at": Now()})


def pause_for(*, by: User, weeks: int) -> dt.date:
    """The member would like to pause for so many weeks; return the day, on their own clock, on which they are back."""
    until = zones.local_time(by.time_zone, clock.now()).date() + dt.timedelta(weeks=weeks)
    with transaction.atomic():
        say_here(by=by)
        pause(by=by, until=until)
    return until
