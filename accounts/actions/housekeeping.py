"""What goes by itself when its time is over. All of it may run twice, and at any moment."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest

from accounts.actions.forgetting import forget_member
from accounts.clock import Now
from accounts.models import Draft, Listing, Notice, Topic, User
from accounts.notices.rows import release_stranded

REMOVED_LISTING_STAYS = dt.timedelta(days=1)
DRAFT_STAYS = dt.timedelta(days=90)
SENT_DRAFT_STAYS = dt.timedelta(days=1)
UNCONFIRMED_STAYS = dt.timedelta(days=30)
NOTICE_STAYS = dt.timedelta(days=30)
ENDED = [Notice.State.SENT, Notice.State.CANCELLED, Notice.State.EXPIRED, Notice.State.FAILED]


def purge() -> None:
    """Delete what nobody can use any more: see the functions below for what, and after how long."""
    forget_removed_listings()
    forget_unused_topics()
    forget_drafts()
    release_stranded()
    forget_unconfirmed()
    forget_ended_notices()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def forget_removed_listings() -> None:
    """A removed listing can be brought back for a day; then it goes."""
    Listing.objects.filter(removed_at__lt=Now() - REMOVED_LISTING_STAYS).delete()


def forget_unconfirmed() -> None:
    """An account goes whose address nobody has confirmed within a month: it may be somebody else's address."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    old = User.objects.filter(~Exists(confirmed), joined_at__lt=Now() - UNCONFIRMED_STAYS, is_staff=False)
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            member = User.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            # Asked again under a lock: they may be confirming at this moment.
            addresses = list(EmailAddress.objects.select_for_update().filter(user=pk))
            if member and not any(address.verified for address in addresses):
                forget_member(member)


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
