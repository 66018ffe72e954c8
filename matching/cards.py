"""What a card shows, and how it meets what a guest typed: read as it is now, nothing but what its owner put on it."""

from dataclasses import dataclass

from accounts.models import Goal, Listing, Profile
from accounts.models.listings import Side
from accounts.models.showing import ShownTo
from matching.models import Card, GuestSide
from matching.ranking import similar_to
from matching.suggestions import Match, matches


@dataclass(frozen=True)
class Face:
    """What somebody with the link sees."""

    card: Card
    profile: Profile
    goal: Goal | None
    offers: list[Listing]
    needs: list[Listing]


@dataclass(frozen=True)
class Exchange:
    """What would go from the card's owner to the guest, and back."""

    gives: list[Match]
    learns: list[Match]


def face_of(card: Card) -> Face:
    """Return what the card shows now: what was removed, reached, or hidden from everybody is not on it any more."""
    standing = card.listings.filter(removed_at__isnull=True, member=card.owner_id).select_related("topic")
    listings = list(standing.exclude(shown_to=ShownTo.NOBODY))
    goal = card.goal
    return Face(
        card=card,
        profile=card.owner.profile,
        goal=goal if goal and goal.ended_at is None and goal.shown_to != ShownTo.NOBODY else None,
        offers=[listing for listing in listings if listing.is_offer],
        needs=[listing for listing in listings if not listing.is_offer],
    )


def exchange(face: Face, side: GuestSide) -> Exchange:
    """Return how the guest's side meets the card, by the same rule that suggests partners."""
    offers, needs = (_listings(side, name) for name in (Side.OFFER, Side.NEED))
    topics = {listing.topic_id for listing in (*offers, *needs)}
    similar = similar_to(topics) if topics else {}
    return Exchange(gives=matches(face.offers, needs, similar), learns=matches(offers, face.needs, similar))


def _listings(side: GuestSide, name: str) -> list[Listing]:
    """Return what the guest typed as listings that are not kept; what meant no topic then can meet nobody's."""
    return [
        Listing(
            pk=number,
            side=name,
            topic_id=entry["topic"],
            phrase=entry["phrase"],
            level=entry.get("level"),
            importance=entry.get("importance"),
        )
        for number, entry in enumerate(side.listed(name), 1)
        if entry["topic"]
    ]
