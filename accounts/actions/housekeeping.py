"""What goes by itself when its time is over. All of it may run twice, and at any moment."""

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest

from accounts.clock import Now
from accounts.models import Draft, Listing, Notice, Topic
from accounts.notices.rows import release_stranded

REMOVED_LISTING_STAYS = dt.timedelta(days=1)
DRAFT_STAYS = dt.timedelta(days=90)
SENT_DRAFT_STAYS = dt.timedelta(days=1)
NOTICE_STAYS = dt.timedelta(days=30)
ENDED = [Notice.State.SENT, Notice.State.CANCELLED, Notice.State.EXPIRED, Notice.State.FAILED]


def purge() -> None:
    """Delete what nobody can use any more: see the functions below for what, and after how long."""
    forget_removed_listings()
    forget_unused_topics()
    forget_drafts()
    release_stranded()
    forget_ended_notices()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def forget_removed_listings() -> None:
    """A removed listing can be brought back for a day; then it goes."""
    Listing.objects.filter(removed_at__lt=Now() - REMOVED_LISTING_STAYS).delete()


def forget_drafts() -> None:
    """A draft goes after three months; one that was sent, when nothing of it can be on its way any more."""
    Draft.objects.filter(saved_at__lt=Now() - DRAFT_STAYS).delete()
    Draft.objects.filter(values={}, saved_at__lt=Now() - SENT_DRAFT_STAYS).delete()


def forget_unused_topics() -> None:
    """A topic made from somebody's own words goes with the last listing that uses it."""
    unused = Topic.objects.filter(~Exists(Listing.objects.filter(topic=OuterRef("pk"))), is_provisional=True)
    with transaction.atomic():
        # Locked first and asked again then: a listing that was being written meanwhile keeps its topic.
        locked = list(unused.select_for_update(skip_locked=True).values_list("pk", flat=True))
        unused.filter(pk__in=locked).delete()


def forget_ended_notices() -> None:
    """A notice that was sent, or will not be, goes a month after it was due or sent."""
    ended = Notice.objects.filter(state__in=ENDED).annotate(last_at=Greatest(F("sent_at"), F("expires_at")))
    ended.filter(last_at__lt=Now() - NOTICE_STAYS).delete()
