"""A member does not want to be found for a while, and wants to be found again."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Profile, User
from accounts.rules import Refused
from accounts.zones import clock_of


def pause(*, by: User, until: dt.date | None) -> Profile:
    """Hide the member's profile from those who look for partners, until they resume.

    With `until` they are there again when that day begins on their own clock. Raises Refused if it has begun already.
    """
    now = clock.now()
    back_at = dt.datetime.combine(until, dt.time.min, tzinfo=clock_of(by.time_zone)) if until else None
    if back_at and back_at <= now:
        raise Refused(_("That day has begun already. Choose one that is still to come."))
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(member=by)
        profile.is_looking = back_at is not None
        profile.paused_until = back_at
        profile.save(update_fields=["is_looking", "paused_until"])
    return profile


def resume(*, by: User) -> Profile:
    """Let the member be found again, from now on."""
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(member=by)
        profile.is_looking = True
        profile.paused_until = None
        profile.save(update_fields=["is_looking", "paused_until"])
    return profile
