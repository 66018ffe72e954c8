"""Two topics become one, because people mean the same by them; and a choice of a member's becomes everybody's."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import text
from accounts.actions.topics import lock_names, lock_neighbours
from accounts.models import Listing, PendingAlias, RefusedPair, Topic, TopicAlias, TopicNeighbour
from accounts.models.showing import narrower
from accounts.rules import Refused


def merge_topics(*, kept_id: int, merged_id: int) -> Topic:
    """Make one topic of two, and return the one that stays: it has all names, listings and memories of both.

    The names of the one that goes lead to the one that stays. A member who listed both on one side keeps one listing,
    the better or more important (else the first of the two), and the words of the other stand below its own: nothing
    that a person wrote is lost. Of two listings one of which was removed, the removed one can no longer be brought
    back beside the other. Whoever adds a listing of either topic meanwhile waits, and finds the one that stays.
    """
    if kept_id == merged_id:
        raise Refused(_("Choose two different topics."))
    with transaction.atomic():
        # Neighbours, names, then topics in the order of their numbers, then listings: as everybody locks them.
        lock_neighbours()
        lock_names()
        both = Topic.objects.select_for_update().filter(pk__in=[kept_id, merged_id]).order_by("pk")
        topics = {topic.pk: topic for topic in both}
        if len(topics) < 2:
            raise Refused(_("One of the two is gone: somebody has merged it already."))
        kept, merged = topics[kept_id], topics[merged_id]
        if kept.is_provisional and not merged.is_provisional:
            raise Refused(_("A topic of the reviewed list stays; a member’s own words become part of it."))
        _move_names(kept, merged)
        _move_listings(kept, merged)
        _move_pairs(kept, merged)
        _move_neighbours(kept, merged)
        merged.delete()
    return kept


def _move_names(kept: Topic, merged: Topic) -> None:
    merged.aliases.update(topic=kept)
    # A label that nobody ever typed may be no alias yet.
    names = {text.key(label): label for label in (merged.label_en, merged.label_fr) if text.key(label)}
    TopicAlias.objects.bulk_create(
        [TopicAlias(topic=kept, phrase=label, key=key) for key, label in names.items()], ignore_conflicts=True
    )
    merged.pending_aliases.update(topic=kept)
    # What is now a name for everybody need not be one for somebody.
    PendingAlias.objects.filter(topic=kept, key__in=kept.aliases.values("key")).delete()


def _move_listings(kept: Topic, merged: Topic) -> None:
    of_both = Listing.objects.select_for_update().filter(topic__in=[kept, merged]).order_by("pk")
    there = {}
    for listing in of_both:
        if listing.topic_id == kept.pk and listing.removed_at is None:
            there[listing.member_id, listing.side] = listing
    for listing in of_both:
        if listing.topic_id != merged.pk:
            continue
        other = there.get((listing.member_id, listing.side)) if listing.removed_at is None else None
        if other:
            listing = _fold(other, listing)
        listing.topic = kept
        if not kept.is_provisional:
            listing.kind = kept.kind
        listing.save()


def _fold(one: Listing, other: Listing) -> Listing:
    """Return what one listing is that was two: the weightier, with the words of the other below its own."""
    first, second = sorted([one, other], key=lambda each: (each.position, each.pk))
    # Of equal weight, the one that its member put first.
    stays, goes = (first, second) if _weight(first) >= _weight(second) else (second, first)
    same = text.key(goes.phrase) == text.key(stays.phrase)
    said = goes.words if same else ": ".join(filter(None, [goes.phrase, goes.words]))
    stays.words = _below(stays.words, said)
    stays.difference = _below(stays.difference, goes.difference)
    stays.position = first.position
    stays.shown_to = narrower(one.shown_to, other.shown_to)  # what was hidden stays so, also among other words
    goes.delete()
    return stays


def _weight(listing: Listing) -> int:
    return listing.level or listing.importance or 0


def _below(above: str, below: str) -> str:
    # Whole lines: “art” is not said by who says “party”.
    is_there = f"\n{below}\n" in f"\n{above}\n"
    return above if is_there or not below else "\n".join(filter(None, [above, below]))


def _move_pairs(kept: Topic, merged: Topic) -> None:
    """Move what was refused; but for the phrases that are names of the topic now, which staff have decided."""
    keys = set(merged.refused_phrases.values_list("key", flat=True))
    RefusedPair.objects.bulk_create([RefusedPair(key=key, topic=kept) for key in sorted(keys)], ignore_conflicts=True)
    RefusedPair.objects.filter(topic=kept, key__in=kept.aliases.values("key")).delete()


def _move_neighbours(kept: Topic, merged: Topic) -> None:
    """Let the topic be as near to others as either was, until the neighbours are built anew."""
    if kept.kind != merged.kind:
        return
    found = TopicNeighbour.objects.filter(topic__in=[kept, merged]).exclude(neighbour__in=[kept, merged])
    nearest = {each.neighbour_id: each for each in found.order_by("similarity")}
    both_ways = [
        TopicNeighbour(topic_id=one, neighbour_id=other, similarity=each.similarity, engine=each.engine)
        for pk, each in nearest.items()
        for one, other in ((kept.pk, pk), (pk, kept.pk))
    ]
    TopicNeighbour.objects.filter(topic=kept).delete()
    TopicNeighbour.objects.filter(neighbour=kept).delete()
    TopicNeighbour.objects.bulk_create(both_ways)


def accept_aliases(*, chosen: QuerySet[PendingAlias]) -> tuple[int, list[str]]:
    """Let phrases that members chose a topic for mean that topic for everybody.

    Returns how many phrases are names now, and those that are the name of another topic already: these two may be
    merged, or the choice dismissed.
    """
    with transaction.atomic():
        lock_names()
        wanted = {(each.key, each.topic_id): each for each in chosen}
        taken = dict(TopicAlias.objects.filter(key__in={key for key, _topic in wanted}).values_list("key", "topic"))
        accepted, elsewhere = 0, []
        for (key, topic_id), choice in wanted.items():
            if taken.setdefault(key, topic_id) != topic_id:
                elsewhere.append(choice.phrase)
                continue
            made = TopicAlias.objects.get_or_create(key=key, defaults={"topic_id": topic_id, "phrase": choice.phrase})
            accepted += made[1]
            PendingAlias.objects.filter(key=key, topic=topic_id).delete()
            RefusedPair.objects.filter(key=key, topic=topic_id).delete()
    return accepted, elsewhere
