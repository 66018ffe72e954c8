"""What a member does to the list of what they offer and what they need."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, text
from accounts.models import Listing, Topic, TopicAlias, User
from accounts.rules import Refused, constraints_speak

MOST_LISTINGS_A_SIDE = 200
# With those that were removed and still wait for the purge: nobody fills the table by adding and removing.
MOST_ROWS = 1000
PRESSED_TWICE = dt.timedelta(seconds=10)


def topic_for(phrase: str, *, kind: str) -> Topic:
    """Return the topic that `phrase` means; a phrase that is none of them becomes a topic of its own.

    `kind` is that of the new topic, if there has to be one. Two people who type the same new phrase at the same
    moment get the same topic. Call it inside a transaction.
    """
    phrase = text.one_line(phrase)
    key = text.key(phrase)[:240]
    if not key:
        raise Refused(_("Name the topic in a word or two, with letters or numbers."))
    known = TopicAlias.objects.select_related("topic").filter(key=key).first()
    if known:
        return known.topic
    topic = Topic.objects.create(kind=kind, label_en=text.as_name(phrase), is_provisional=True)
    alias = TopicAlias(topic=topic, phrase=phrase, key=key)
    TopicAlias.objects.bulk_create([alias], ignore_conflicts=True)
    winner = TopicAlias.objects.select_related("topic").get(key=key).topic
    if winner != topic:
        topic.delete()
    return winner


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
) -> Listing:
    """Add one thing that the member offers (with a level) or needs (with an importance), at the end of the list.

    The very same said again within seconds is a button pressed twice: it is there already, as they wish.
    """
    now = clock.now()
    with constraints_speak(), transaction.atomic():
        standing = _lock(by, side)
        said = {"words": words, "level": level, "importance": importance, "difference": difference}
        if twin := _just_added(standing, phrase, said, now):
            return twin
        _refuse_one_more(standing)
        if Listing.objects.owned_by(by).count() >= MOST_ROWS:
            raise Refused(_("You have added and removed a great many today. Go on tomorrow."))
        topic = topic_for(phrase, kind=kind)
        last = max((listing.position for listing in standing), default=-1)
        return Listing.objects.create(
            member=by,
            side=side,
            kind=kind if topic.is_provisional else topic.kind,
            topic=topic,
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
) -> Listing:
    """Change one listing of the member's own. Raises Listing.DoesNotExist for anybody else's."""
    with constraints_speak(), transaction.atomic():
        listing = Listing.objects.select_for_update().owned_by(by).get(pk=listing_id)
        if listing.removed_at:
            raise Refused(_("You took this off your list meanwhile. You can add it again."))
        topic = topic_for(phrase, kind=kind)
        listing.topic = topic
        listing.kind = kind if topic.is_provisional else topic.kind
        listing.words, listing.level, listing.importance = words, level, importance
        listing.difference = difference
        listing.save(update_fields=["topic", "kind", "words", "level", "importance", "difference"])
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


def _just_added(standing: list[Listing], phrase: str, said: dict[str, Any], now: dt.datetime) -> Listing | None:
    """Return the listing of this topic that says the very same and was added a moment ago."""
    fresh = [
        listing
        for listing in standing
        if listing.added_at > now - PRESSED_TWICE and said == {name: getattr(listing, name) for name in said}
    ]
    if not fresh:
        return None
    meant = TopicAlias.objects.filter(key=text.key(text.one_line(phrase))[:240]).values_list("topic", flat=True).first()
    return next((listing for listing in fresh if listing.topic_id == meant), None)


def _refuse_one_more(standing: list[Listing]) -> None:
    if len(standing) >= MOST_LISTINGS_A_SIDE:
        raise Refused(
            _("That is %(count)d already. Remove one that matters less before you add another.")
            % {"count": MOST_LISTINGS_A_SIDE}
        )
