"""What a member does to the list of what they offer and what they need."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, text
from accounts.actions.choosing import Choice, topic_for
from accounts.models import Listing, Topic, User
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak

MOST_LISTINGS_A_SIDE = 200
# With those that were removed and still wait for the purge: nobody fills the table by adding and removing.
MOST_ROWS = 1000


def add_listing(
    *,
    by: User,
    side: str,
    kind: str,
    phrase: str,
    words: str = "",
    level: int | None = None,
    importance: int | None = None,
    difference: str = "",
    choice: Choice | None = None,
) -> Listing:
    """Add one thing that the member offers (with a level) or needs (with an importance), at the end of the list.

    The phrase stays as it was typed. `choice` says what it means; without one, see `topic_for`.

    The very same said again within seconds is a button pressed twice: it is there already, as they wish.
    """
    now = clock.now()
    with constraints_speak(), transaction.atomic():
        standing = _lock(by, side)
        topic = topic_for(phrase, kind=kind, by=by, choice=choice)
        said = {"words": words, "level": level, "importance": importance, "difference": difference}
        if twin := _just_added(standing, topic, said, now):
            return twin
        _refuse_one_more(standing)
        if Listing.objects.owned_by(by).count() >= MOST_ROWS:
            raise Refused(_("You have added and removed a great many today. Go on tomorrow."))
        last = max((listing.position for listing in standing), default=-1)
        return Listing.objects.create(
            member=by,
            side=side,
            kind=kind if topic.is_provisional else topic.kind,
            topic=topic,
            phrase=text.one_line(phrase),
            position=last + 1,
            **said,
        )


def change_listing(
    *,
    by: User,
    listing_id: int,
    kind: str,
    phrase: str,
    words: str = "",
    level: int | None = None,
    importance: int | None = None,
    difference: str = "",
    choice: Choice | None = None,
) -> Listing:
    """Change one listing of the member's own. Raises Listing.DoesNotExist for anybody else's.

    `choice` says what the phrase means; without one, see `topic_for`.
    """
    with constraints_speak(), transaction.atomic():
        # Topics before listings, as a merge of topics locks them.
        topic = topic_for(phrase, kind=kind, by=by, choice=choice)
        listing = Listing.objects.select_for_update().owned_by(by).get(pk=listing_id)
        if listing.removed_at:
            raise Refused(_("You took this off your list meanwhile. You can add it again."))
        listing.topic, listing.phrase = topic, text.one_line(phrase)
        listing.kind = kind if topic.is_provisional else topic.kind
        listing.words, listing.level, listing.importance = words, level, importance
        listing.difference = difference
        listing.save(update_fields=["topic", "phrase", "kind", "words", "level", "importance", "difference"])
    return listing


def choose_topic(*, by: User, listing_id: int, topic_id: int | None, shown: Collection[int] = ()) -> Listing:
    """Say what the phrase of a listing means: this topic, or without one the member's own words.

    The topic that it leaves is remembered as refused, and with their own words each of those `shown`. Raises
    Listing.DoesNotExist for anybody else's.
    """
    with constraints_speak(), transaction.atomic():
        listing = Listing.objects.select_related("topic").owned_by(by).get(pk=listing_id)
        if listing.topic_id == topic_id:
            return listing
        left = {listing.topic_id} - ({listing.topic_id} if listing.topic.is_provisional else set())
        refused = left if topic_id else left | set(shown)
        choice = Choice(topic_id, is_picked=topic_id is not None, refused=tuple(sorted(refused)))
        topic = topic_for(listing.phrase, kind=listing.kind, by=by, choice=choice)
        listing = Listing.objects.select_for_update().owned_by(by).get(pk=listing_id)
        if listing.removed_at:
            raise Refused(_("You took this off your list meanwhile. You can add it again."))
        listing.topic = topic
        if not topic.is_provisional:
            listing.kind = topic.kind
        listing.save(update_fields=["topic", "kind"])
    return listing


def move_listing(*, by: User, listing_id: int, up: bool) -> None:
    """Move a listing one place up or down among those of its side; at the end of the list nothing happens."""
    with transaction.atomic():
        listing = Listing.objects.owned_by(by).get(pk=listing_id)
        order = _lock(by, listing.side)
        ids = [other.pk for other in order]
        if listing.pk not in ids:  # removed a moment ago
            return
        here = ids.index(listing.pk)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(order):
            return
        order[here], order[there] = order[there], order[here]
        for position, other in enumerate(order):
            other.position = position
        Listing.objects.bulk_update(order, ["position"])


def remove_listing(*, by: User, listing_id: int) -> Listing:
    """Take a listing off the list. For a day it can be brought back; then it is gone."""
    now = clock.now()
    with transaction.atomic():
        listing = Listing.objects.select_for_update().owned_by(by).get(pk=listing_id)
        if listing.removed_at is None:
            listing.removed_at = now
            listing.save(update_fields=["removed_at"])
    return listing


def restore_listing(*, by: User, listing_id: int) -> Listing:
    """Bring a removed listing back to where it was, if there is room. Doing it twice changes nothing."""
    with constraints_speak(), transaction.atomic():
        standing = _lock(by, Listing.objects.owned_by(by).get(pk=listing_id).side)
        listing = Listing.objects.select_for_update().owned_by(by).get(pk=listing_id)
        if listing.removed_at is None:
            return listing
        _refuse_one_more(standing)
        listing.removed_at = None
        listing.save(update_fields=["removed_at"])
    return listing


def _lock(member: User, side: str) -> list[Listing]:
    """Lock the member's list and return what stands on this side of it, in order."""
    User.objects.select_for_update().get(pk=member.pk)
    return list(Listing.objects.owned_by(member).standing().filter(side=side))


def _just_added(standing: list[Listing], topic: Topic, said: dict[str, Any], now: dt.datetime) -> Listing | None:
    """Return the listing of this topic that says the very same and was added a moment ago."""
    for listing in standing:
        is_same = listing.topic_id == topic.pk and said == {name: getattr(listing, name) for name in said}
        if is_same and listing.added_at > now - PRESSED_TWICE:
            return listing
    return None


def _refuse_one_more(standing: list[Listing]) -> None:
    if len(standing) >= MOST_LISTINGS_A_SIDE:
        raise Refused(
            _("That is %(count)d already. Remove one that matters less before you add another.")
            % {"count": MOST_LISTINGS_A_SIDE}
        )
