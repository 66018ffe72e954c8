"""A member makes, renews or closes the private address of their calendar; a calendar asks there."""

import datetime as dt
import hashlib

from django.db import transaction

from accounts.clock import Now
from accounts.models import User
from checkins.models import CalendarFeed
from checkins.models.feeds import new_token

# That somebody asked is written down this often and no more.
NOTED_EVERY = dt.timedelta(minutes=15)


def renew(*, by: User) -> CalendarFeed:
    """Give the member a new address, and end the one before, if there was one."""
    with transaction.atomic():
        # Two tabs at once: the second waits for the first, and ends its address as well.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)
        CalendarFeed.objects.filter(member=by).delete()
        return CalendarFeed.objects.create(member=by, token=new_token())


def close(*, by: User) -> None:
    """End the member's address. Closing it twice is closing it once."""
    CalendarFeed.objects.filter(member=by).delete()


def note(feed: CalendarFeed, content: bytes, now: dt.datetime) -> CalendarFeed:
    """Note that a calendar has asked, and since when it gets this content; return the feed as it is now."""
    digest = hashlib.sha256(content).hexdigest()
    is_same = feed.content_sha256 == digest and feed.changed_at is not None
    if is_same and feed.last_asked_at is not None and now - feed.last_asked_at < NOTED_EVERY:
        return feed
    feed.last_asked_at = now
    fields: dict[str, object] = {"last_asked_at": Now()}
    if not is_same:
        feed.content_sha256, feed.changed_at = digest, now
        fields |= {"content_sha256": digest, "changed_at": now}
    # By its token: an address that was renewed meanwhile stays as it is.
    CalendarFeed.objects.filter(token=feed.token).update(**fields)
    return feed
